-- An organization is a vendor that runs partner programs on this installation.
CREATE TABLE organization (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- One entry for each run of an operation: the leaves of the tamper-evident log.
CREATE TABLE log_entry (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    operation TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX log_entry_by_time ON log_entry (organization, recorded_at);

-- Entries that committed and have no place in the log yet. The number respects causes: an entry that saw what another
-- wrote has the greater one.
CREATE TABLE log_pending (
    number {serial},
    id TEXT NOT NULL
);

-- The order of the log.
CREATE TABLE log_leaf (
    position BIGINT PRIMARY KEY,
    entry TEXT NOT NULL UNIQUE,
    hash BYTEA NOT NULL
);

-- Roots of full tiles (256 leaves, 65 536 leaves …), so that proofs need not hash the whole log.
CREATE TABLE log_node (
    level BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (level, position)
);

-- The state of the appender; one row.
CREATE TABLE log_head (
    id BIGINT PRIMARY KEY,
    frontier BYTEA NOT NULL
);

-- Signed tree heads (C2SP tlog-checkpoint).
CREATE TABLE log_checkpoint (
    size BIGINT PRIMARY KEY,
    note TEXT NOT NULL,
    signed_at BIGINT NOT NULL
);

CREATE TABLE event (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    number BIGINT NOT NULL,
    summary TEXT NOT NULL,
    data TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    entry TEXT NOT NULL,
    ordinal BIGINT NOT NULL
);
CREATE UNIQUE INDEX event_by_subject ON event (organization, subject, number);
CREATE INDEX event_by_entry ON event (entry, ordinal);
CREATE INDEX event_by_time ON event (organization, at);
CREATE INDEX event_by_partner ON event (organization, partner, at);

-- The order in which events are fed to followers and receivers.
CREATE TABLE feed (
    position BIGINT PRIMARY KEY,
    event TEXT NOT NULL
);

-- What the law said, stored once under its hash.
CREATE TABLE terms (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

CREATE TABLE decision (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    law TEXT NOT NULL,
    terms TEXT NOT NULL,
    facts TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reasons TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL
);
CREATE INDEX decision_by_subject ON decision (organization, subject, decided_at);
CREATE INDEX decision_by_time ON decision (organization, decided_at);
CREATE INDEX decision_by_partner ON decision (organization, partner, decided_at);

-- First outcomes of requests that carried an Idempotency-Key, sealed with the installation's secret key.
CREATE TABLE replay (
    id TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    outcome BYTEA NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX replay_by_time ON replay (at);
