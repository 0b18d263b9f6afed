-- Links with which somebody who forgot a password chooses a new one, under the hash of their token. One a person; no
-- evidence: what was done with them is in the events of the person.
CREATE TABLE password_reset (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX password_reset_by_person ON password_reset (person);
CREATE INDEX password_reset_by_expiry ON password_reset (expires_at);
