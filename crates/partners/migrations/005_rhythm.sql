-- How an applicant was judged: one score of a criterion, with what it rests on. The last one counts.
CREATE TABLE qualification_score (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    criterion TEXT NOT NULL,
    score BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    scored_by TEXT NOT NULL,
    scored_by_name TEXT NOT NULL,
    scored_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX qualification_score_once ON qualification_score (organization, partner, criterion);

-- Contacts with a partner, as the vendor's people note them.
CREATE TABLE partner_contact (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    channel TEXT NOT NULL,
    with_whom TEXT NOT NULL,
    note TEXT NOT NULL,
    contacted_at BIGINT NOT NULL,
    logged_by TEXT NOT NULL,
    logged_by_name TEXT NOT NULL
);
CREATE INDEX partner_contact_by_partner ON partner_contact (organization, partner, contacted_at, id);

-- When a partner is to be spoken with next; the row has the id of the partner.
CREATE TABLE partner_cadence (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    days BIGINT NOT NULL,
    cites TEXT NOT NULL,
    last_contact_at BIGINT,
    due_at BIGINT NOT NULL
);
CREATE INDEX partner_cadence_by_due ON partner_cadence (organization, due_at, id);

-- Partnerships in question, from the detection to the end.
CREATE TABLE exit_case (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    grounds TEXT NOT NULL,
    clause TEXT NOT NULL,
    run TEXT,
    opened_at BIGINT NOT NULL,
    begun_at BIGINT,
    appeal_until BIGINT,
    appeal TEXT,
    appealed_by_name TEXT,
    appealed_at BIGINT,
    answer TEXT,
    answered_by_name TEXT,
    answered_at BIGINT,
    closed_at BIGINT,
    closing TEXT
);
CREATE UNIQUE INDEX exit_case_open ON exit_case (organization, partner) WHERE closed_at IS NULL;
CREATE INDEX exit_case_by_opening ON exit_case (organization, opened_at, id);
CREATE INDEX exit_case_by_partner ON exit_case (organization, partner, opened_at, id);
