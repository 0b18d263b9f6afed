CREATE TABLE clock (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    partner TEXT,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    warn_at TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    paused_at BIGINT,
    ended_at BIGINT,
    on_lapse TEXT NOT NULL,
    on_warn TEXT,
    input TEXT NOT NULL,
    attempts BIGINT NOT NULL
);

-- A thing has one live clock of each kind.
CREATE UNIQUE INDEX clock_live ON clock (organization, kind, subject) WHERE state IN ('running', 'paused');
CREATE INDEX clock_of_subject ON clock (organization, subject, due_at);
-- The tick reads this one and nothing else.
CREATE INDEX clock_next ON clock (organization, state, next_at, id);
CREATE INDEX clock_by_state ON clock (organization, state, due_at, id);
CREATE INDEX clock_by_due ON clock (organization, due_at, id);
CREATE INDEX clock_by_partner ON clock (organization, partner, due_at, id);
