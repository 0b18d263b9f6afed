CREATE TABLE procedure_run (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    procedure TEXT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    about TEXT NOT NULL,
    law TEXT NOT NULL,
    -- The procedure as the law said it at the start: a run finishes under the law that it started with.
    definition TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    stage_since BIGINT NOT NULL,
    due_at BIGINT,
    completed TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE UNIQUE INDEX procedure_run_live ON procedure_run (organization, procedure, subject) WHERE state = 'running';
CREATE INDEX procedure_run_of_subject ON procedure_run (organization, subject, started_at);
CREATE INDEX procedure_run_by_state ON procedure_run (organization, state, started_at, id);
CREATE INDEX procedure_run_by_start ON procedure_run (organization, started_at, id);
CREATE INDEX procedure_run_by_partner ON procedure_run (organization, partner, started_at, id);

CREATE TABLE procedure_evidence (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    run TEXT NOT NULL,
    stage TEXT NOT NULL,
    evidence TEXT NOT NULL,
    value TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_by_name TEXT NOT NULL,
    given_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX procedure_evidence_of_run ON procedure_evidence (organization, run, stage, evidence);
