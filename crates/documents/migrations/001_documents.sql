-- A document as it was issued: its model as JSON, under a number without gaps in its series and year.
CREATE TABLE document (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    kind TEXT NOT NULL,
    series TEXT NOT NULL,
    year BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    UNIQUE (organization, series, year, sequence)
);
CREATE INDEX document_by_time ON document (organization, issued_at, id);
CREATE INDEX document_of_partner ON document (organization, partner, issued_at, id);
