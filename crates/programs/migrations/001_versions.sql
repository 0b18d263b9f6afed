-- A version of a program: its files as they were applied, and from when they are the law.
CREATE TABLE program_version (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    program TEXT NOT NULL,
    number BIGINT NOT NULL,
    effective_from BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    note TEXT NOT NULL,
    files TEXT NOT NULL,
    UNIQUE (organization, program, number)
);
CREATE INDEX program_version_in_force ON program_version (organization, number);

-- Edits that are not in force: they lie over the files of the latest version until they are applied or discarded.
CREATE TABLE program_draft (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    file TEXT NOT NULL,
    text TEXT,
    edited_at BIGINT NOT NULL,
    edited_by TEXT NOT NULL,
    UNIQUE (organization, file)
);
