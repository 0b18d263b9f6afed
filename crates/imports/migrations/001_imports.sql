CREATE TABLE data_import (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    source TEXT NOT NULL,
    mapping TEXT NOT NULL,
    headers TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- The number of the last row that was dealt with in this state.
    position BIGINT NOT NULL,
    counts TEXT NOT NULL,
    all_or_nothing BOOLEAN NOT NULL,
    -- On whose behalf rows are written while it runs.
    actor TEXT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX data_import_by_time ON data_import (organization, created_at, id);
CREATE INDEX data_import_by_state ON data_import (organization, state, created_at, id);

-- Working data: what became of each row. The evidence is in the entries of the operations that the rows ran.
CREATE TABLE data_import_row (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    import TEXT NOT NULL,
    number BIGINT NOT NULL,
    line BIGINT NOT NULL,
    cells TEXT NOT NULL,
    state TEXT NOT NULL,
    subject TEXT,
    outcome TEXT
);

CREATE UNIQUE INDEX data_import_row_by_number ON data_import_row (import, number);
CREATE INDEX data_import_row_by_state ON data_import_row (organization, import, state, number, id);
CREATE INDEX data_import_row_listed ON data_import_row (organization, import, number, id);

-- Which thing a key of another system stands for.
CREATE TABLE data_import_link (
    organization TEXT NOT NULL,
    target TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Absent after an undo.
    subject TEXT,
    generation BIGINT NOT NULL,
    PRIMARY KEY (organization, target, source, key)
);

CREATE INDEX data_import_link_by_key ON data_import_link (organization, target, key);
