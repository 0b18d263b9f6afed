CREATE TABLE finding (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    check_key TEXT NOT NULL,
    subject TEXT NOT NULL,
    partner TEXT,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- The severity as a number, to sort by.
    weight BIGINT NOT NULL,
    state TEXT NOT NULL,
    amount_minor BIGINT,
    currency TEXT,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    owner TEXT,
    note TEXT,
    disposed_by TEXT,
    accepted_until BIGINT
);

-- A check finds a thing once; what comes back is the same finding again.
CREATE UNIQUE INDEX finding_of_check ON finding (organization, check_key, subject);
CREATE INDEX finding_by_check ON finding (organization, check_key, state);
CREATE INDEX finding_by_state ON finding (organization, state, first_seen, id);
CREATE INDEX finding_by_first ON finding (organization, first_seen, id);
CREATE INDEX finding_by_weight ON finding (organization, weight, id);
CREATE INDEX finding_by_amount ON finding (organization, (COALESCE(amount_minor, 0)), id);
CREATE INDEX finding_by_partner ON finding (organization, partner, first_seen);
