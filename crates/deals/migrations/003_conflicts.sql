-- A conflict between partners over one customer, from its opening to what it changed.
CREATE TABLE deal_conflict (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    number TEXT NOT NULL,
    customer TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    -- The claims, as a list of ids.
    deals TEXT NOT NULL,
    -- The way of the precedence that tells the claims apart, for finding precedents.
    issue TEXT NOT NULL,
    why TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_by_name TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    -- The run of the procedure, where the program has one.
    run TEXT,
    winner TEXT,
    -- Whether the decision follows the order of the program.
    follows BOOLEAN,
    reason TEXT,
    decided_by_name TEXT,
    decided_at BIGINT,
    -- What was proposed so that it does not happen again.
    proposal TEXT,
    proposed_at BIGINT
);
CREATE INDEX deal_conflict_by_age ON deal_conflict (organization, opened_at, id);
CREATE INDEX deal_conflict_of_customer ON deal_conflict (organization, customer, opened_at);
CREATE INDEX deal_conflict_by_issue ON deal_conflict (organization, issue, decided_at);
