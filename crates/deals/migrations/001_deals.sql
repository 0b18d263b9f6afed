-- A deal: a partner's registration of an end customer, from the claim to the closed sale.
CREATE TABLE deal (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    number TEXT NOT NULL,
    partner TEXT NOT NULL,
    -- The account of the vendor; absent while it is open which one the registration means.
    customer TEXT,
    -- The customer as the partner wrote it.
    customer_name TEXT NOT NULL,
    customer_domain TEXT,
    customer_email TEXT,
    customer_country TEXT,
    customer_vat_number TEXT,
    customer_registration_number TEXT,
    -- What it boils down to: the keys of the matching. An empty name is no key.
    name_key TEXT NOT NULL,
    domain_key TEXT,
    country_key TEXT,
    vat_key TEXT,
    registration_key TEXT,
    search_key TEXT NOT NULL,
    title TEXT NOT NULL,
    value_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    products TEXT NOT NULL,
    expected_close TEXT,
    source TEXT NOT NULL,
    role TEXT NOT NULL,
    relationship TEXT,
    state TEXT NOT NULL,
    -- The claim that this one waits for.
    behind TEXT,
    submitted_at BIGINT NOT NULL,
    valid_at BIGINT NOT NULL,
    approved_at BIGINT,
    protected_until BIGINT,
    -- The same for sorting; without protection it is far away.
    protected_key BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    closed_at BIGINT,
    reason_code TEXT,
    reason_text TEXT
);
CREATE INDEX deal_number ON deal (organization, number);
CREATE INDEX deal_submitted ON deal (organization, submitted_at, id);
CREATE INDEX deal_value ON deal (organization, value_minor, id);
CREATE INDEX deal_protected ON deal (organization, protected_key, id);
CREATE INDEX deal_of_partner ON deal (organization, partner, submitted_at, id);
CREATE INDEX deal_in_state ON deal (organization, state, submitted_at, id);
CREATE INDEX deal_won ON deal (organization, state, closed_at);
CREATE INDEX deal_of_customer ON deal (organization, customer, state);
CREATE INDEX deal_by_name ON deal (organization, name_key);
CREATE INDEX deal_by_domain ON deal (organization, domain_key);
CREATE INDEX deal_by_vat ON deal (organization, vat_key);
CREATE INDEX deal_by_registration ON deal (organization, registration_key, country_key);
CREATE INDEX deal_behind ON deal (organization, behind);
