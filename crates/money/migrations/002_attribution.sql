-- Which partner the revenue of an event belongs to; revenue without a partner has no row. The id is that of the event.
CREATE TABLE attribution (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    partner TEXT NOT NULL,
    customer TEXT NOT NULL,
    deal TEXT,
    basis TEXT NOT NULL,
    decision TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    attributed_at BIGINT NOT NULL
);
CREATE INDEX attribution_by_batch ON attribution (batch);
CREATE INDEX attribution_by_partner ON attribution (organization, partner, occurred_at);
CREATE INDEX attribution_by_deal ON attribution (deal);

-- The decision that stands for a customer and a won deal: later events without anything special cite it.
CREATE TABLE attribution_standing (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    customer TEXT NOT NULL,
    deal TEXT NOT NULL,
    partner TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX attribution_standing_once ON attribution_standing (organization, customer, deal);
