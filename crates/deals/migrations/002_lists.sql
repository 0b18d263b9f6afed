-- Entries of the lists that change too often for the program file: who may register where, and whose customers are whose.
CREATE TABLE deal_list_entry (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    -- territory, named_account or no_poach
    list TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The key of the program's territory, for an assignment to it.
    territory TEXT,
    -- The keys of the customer, for the other lists.
    domain_key TEXT,
    vat_key TEXT,
    -- The partner that is assigned, that owns the account, or that is bound; absent for the vendor's own team or everyone.
    partner TEXT,
    -- reject or review
    otherwise TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    -- The instant from which it no longer holds.
    valid_until BIGINT,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_by_name TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX deal_list_entry_by_domain ON deal_list_entry (organization, domain_key, recorded_at, id);
CREATE INDEX deal_list_entry_by_vat ON deal_list_entry (organization, vat_key, recorded_at, id);
CREATE INDEX deal_list_entry_of_partner ON deal_list_entry (organization, partner, list, recorded_at, id);
CREATE INDEX deal_list_entry_by_age ON deal_list_entry (organization, recorded_at, id);

-- What the vendor sells itself, as its CRM knows it.
CREATE TABLE vendor_opportunity (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    -- The id in the CRM; the same one again is the same opportunity.
    reference TEXT NOT NULL,
    customer TEXT NOT NULL,
    title TEXT NOT NULL,
    stage TEXT NOT NULL,
    owner_name TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    recorded_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX vendor_opportunity_once ON vendor_opportunity (organization, reference);
CREATE INDEX vendor_opportunity_of_customer ON vendor_opportunity (organization, customer, opened_at);
CREATE INDEX vendor_opportunity_by_age ON vendor_opportunity (organization, opened_at, id);

-- An approval that was given for a claim, or that silence gave.
CREATE TABLE deal_approval (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    deal TEXT NOT NULL,
    step BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    given_by_name TEXT NOT NULL,
    given_at BIGINT NOT NULL
);
CREATE INDEX deal_approval_of_deal ON deal_approval (organization, deal, given_at);

-- What makes a claim more qualified, as the partner gave it.
ALTER TABLE deal ADD COLUMN qualification TEXT;
-- When the partner introduced the vendor to the customer.
ALTER TABLE deal ADD COLUMN introduced_at BIGINT;
-- Until when a claim that lapsed because nothing was done keeps its slot.
ALTER TABLE deal ADD COLUMN forfeit_until BIGINT;
-- The approval that it waits for.
ALTER TABLE deal ADD COLUMN approval TEXT;
-- The share of the winner's commission that the second registrant earns, such as 50%.
ALTER TABLE deal ADD COLUMN share TEXT;
CREATE INDEX deal_forfeited ON deal (organization, partner, forfeit_until);
