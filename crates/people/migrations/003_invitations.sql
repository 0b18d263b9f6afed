-- Somebody was asked to join. The link works once, until it expires.
CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    invited_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    person TEXT
);
CREATE UNIQUE INDEX invitation_by_token ON invitation (token_hash);
CREATE INDEX invitation_by_email ON invitation (email_key, state);
CREATE INDEX invitation_by_age ON invitation (organization, invited_at, id);
CREATE INDEX invitation_by_partner ON invitation (organization, partner, invited_at);
CREATE INDEX invitation_by_inviter ON invitation (organization, invited_by, state);

-- The token of an open invitation, sealed, so that the courier can mail the link; gone as soon as it is used or revoked.
CREATE TABLE invitation_secret (
    invitation TEXT PRIMARY KEY,
    token BYTEA NOT NULL
);
