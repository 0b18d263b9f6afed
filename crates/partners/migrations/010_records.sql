-- Facts about partners of the kinds that the program declares. Nothing is overwritten: a correction is a new row.
CREATE TABLE partner_fact (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    -- The kind in the program file.
    kind TEXT NOT NULL,
    -- What tells it from other facts of its kind; the id where the program names no key.
    key TEXT NOT NULL,
    person TEXT,
    -- Values by field, as rules read them.
    fields TEXT NOT NULL,
    evidence TEXT,
    -- proposed, recorded, refused, withdrawn, corrected
    state TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    -- The instant from which it no longer holds.
    valid_until BIGINT,
    submitted_at BIGINT NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_by_name TEXT NOT NULL,
    -- From when on it was known to count.
    recorded_at BIGINT,
    -- The instant from which it no longer counted, and why.
    ended_at BIGINT,
    ended_by_name TEXT,
    reason TEXT,
    -- The fact in whose place it stands.
    corrects TEXT
);
CREATE UNIQUE INDEX partner_fact_once ON partner_fact (organization, partner, kind, key)
    WHERE recorded_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX partner_fact_by_key ON partner_fact (organization, partner, kind, key, submitted_at);
CREATE INDEX partner_fact_of_kind ON partner_fact (organization, kind, recorded_at);
CREATE INDEX partner_fact_by_age ON partner_fact (organization, submitted_at, id);
CREATE INDEX partner_fact_by_partner ON partner_fact (organization, partner, submitted_at, id);
CREATE INDEX partner_fact_by_state ON partner_fact (organization, state, submitted_at, id);
CREATE INDEX partner_fact_by_kind ON partner_fact (organization, kind, submitted_at, id);
CREATE INDEX partner_fact_by_end ON partner_fact (organization, valid_until, id);
