-- Companies in the program, from the application to the end. A partner reaches only the row whose id is its own.
CREATE TABLE partner (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    legal_name TEXT,
    domain TEXT,
    country TEXT NOT NULL,
    vat_number TEXT,
    registration_number TEXT,
    status TEXT NOT NULL,
    note_code TEXT,
    note_text TEXT,
    note_contact TEXT,
    wanted TEXT,
    archetype TEXT,
    tier TEXT,
    tier_rank BIGINT,
    tier_since BIGINT,
    tier_decision TEXT,
    terms_key TEXT,
    terms_version TEXT,
    terms_accepted_at BIGINT,
    terms_accepted_by TEXT,
    manager TEXT,
    contact_name TEXT,
    contact_email TEXT,
    message TEXT,
    time_zone TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    activated_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX partner_by_name ON partner (organization, search_key, id);
CREATE INDEX partner_by_status ON partner (organization, status, search_key, id);
CREATE INDEX partner_by_tier ON partner (organization, (COALESCE(tier_rank, -1)), id);
CREATE INDEX partner_by_activation ON partner (organization, (COALESCE(activated_at, 0)), id);
CREATE INDEX partner_by_application ON partner (organization, applied_at, id);
CREATE INDEX partner_by_domain ON partner (organization, domain);
