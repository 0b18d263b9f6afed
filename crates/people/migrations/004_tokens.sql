-- Tokens with which programs act for a person: narrower than the person, and never without an end.
CREATE TABLE service_token (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT
);
CREATE UNIQUE INDEX service_token_by_hash ON service_token (token_hash);
CREATE INDEX service_token_by_age ON service_token (organization, created_at, id);
CREATE INDEX service_token_by_person ON service_token (organization, person);
CREATE INDEX service_token_by_partner ON service_token (organization, partner, created_at);

-- When a token was last seen, to the minute. No evidence.
CREATE TABLE service_token_use (
    token TEXT PRIMARY KEY,
    last_used_at BIGINT NOT NULL
);
