-- How a person proves who they are; the id is the person's. The seed of the second factor is sealed with the
-- installation's secret key, everything else is a hash.
CREATE TABLE sign_in_credential (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    password_hash TEXT,
    password_changed_at BIGINT,
    second_factor BYTEA,
    second_factor_at BIGINT,
    pending_factor BYTEA,
    recovery_hashes TEXT NOT NULL
);

-- Sessions of browsers, under the hash of their token. No evidence: they come and go.
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_expiry ON session (expires_at);

-- The step of the last code that a person used, so that no code works twice.
CREATE TABLE second_factor_use (
    person TEXT PRIMARY KEY,
    step BIGINT NOT NULL
);

-- Failed attempts in a row, under the hash of an address or of the place that they came from.
CREATE TABLE sign_in_failure (
    id TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_by_time ON sign_in_failure (last_at);
