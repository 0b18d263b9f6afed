-- The vendor's end customers. Who a partner's customers are, customer_partner says.
CREATE TABLE customer (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    domain TEXT,
    country TEXT,
    vat_number TEXT,
    registration_number TEXT,
    source TEXT NOT NULL,
    account_owner TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX customer_by_name ON customer (organization, search_key, id);
CREATE INDEX customer_by_age ON customer (organization, created_at, id);
CREATE INDEX customer_by_id ON customer (organization, id);
CREATE INDEX customer_by_owner ON customer (organization, account_owner, id);

-- A partner sees a customer from the moment at which it has a deal with it.
CREATE TABLE customer_partner (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    customer TEXT NOT NULL,
    partner TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE UNIQUE INDEX customer_partner_once ON customer_partner (customer, partner);
CREATE INDEX customer_partner_by_partner ON customer_partner (organization, partner, customer);
