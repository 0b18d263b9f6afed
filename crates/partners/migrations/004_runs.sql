-- Tier runs: who would move, proposed, approved and applied as a whole.
CREATE TABLE move_run (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    law TEXT NOT NULL,
    partners BIGINT NOT NULL,
    moves BIGINT NOT NULL,
    note TEXT NOT NULL,
    reverses TEXT,
    proposed_at BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_by_name TEXT NOT NULL,
    first_at BIGINT,
    first_by TEXT,
    first_by_name TEXT,
    second_at BIGINT,
    second_by TEXT,
    second_by_name TEXT,
    applied_through TEXT,
    ended_at BIGINT
);
CREATE INDEX move_run_by_age ON move_run (organization, proposed_at, id);
CREATE INDEX move_run_open ON move_run (organization, state, proposed_at);
CREATE INDEX move_run_reverses ON move_run (organization, reverses);

-- What a run would move. Never changed; what became of it, move_outcome says.
CREATE TABLE planned_move (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    run TEXT NOT NULL,
    partner TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    from_key TEXT,
    to_key TEXT NOT NULL,
    direction TEXT NOT NULL,
    cost TEXT,
    cost_order BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX planned_move_by_name ON planned_move (organization, run, search_key, id);
CREATE INDEX planned_move_by_cost ON planned_move (organization, run, cost_order, id);
CREATE INDEX planned_move_in_run ON planned_move (run, id);
CREATE INDEX planned_move_by_id ON planned_move (organization, run, id);
CREATE INDEX planned_move_of_partner ON planned_move (organization, partner, id);

-- What became of a planned move: excluded before the approval, applied, or skipped because the partner had changed.
CREATE TABLE move_outcome (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    run TEXT NOT NULL,
    partner TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    decision TEXT,
    appeal_until BIGINT,
    held BIGINT NOT NULL
);
CREATE INDEX move_outcome_of_run ON move_outcome (organization, run, state, id);

-- What partners say against a move, and the answer.
CREATE TABLE move_appeal (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    move TEXT NOT NULL,
    partner TEXT NOT NULL,
    text TEXT NOT NULL,
    filed_at BIGINT NOT NULL,
    filed_by TEXT NOT NULL,
    filed_by_name TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT,
    decided_at BIGINT,
    decided_by TEXT,
    decided_by_name TEXT,
    decision TEXT
);
CREATE UNIQUE INDEX move_appeal_once ON move_appeal (move);
CREATE INDEX move_appeal_open ON move_appeal (organization, state, filed_at, id);

-- The published lists of segments, one document each.
CREATE TABLE segment_list (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    period TEXT NOT NULL,
    document TEXT NOT NULL,
    number TEXT NOT NULL,
    partners BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE INDEX segment_list_by_age ON segment_list (organization, published_at, id);
