-- Everybody who signs in: the vendor's staff and the partners' people. An address belongs to one person of the
-- installation.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    search_key TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    zone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    invited_by TEXT,
    deactivated_at BIGINT,
    deactivated_by TEXT
);
CREATE UNIQUE INDEX person_by_email ON person (email_key);
CREATE INDEX person_by_name ON person (organization, search_key, id);
CREATE INDEX person_by_age ON person (organization, created_at, id);
CREATE INDEX person_by_partner ON person (organization, partner, search_key);
CREATE INDEX person_by_role ON person (organization, role, status);
