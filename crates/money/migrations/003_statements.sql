-- What a partner earned in a month. It is made once, with its lines and its document, and never changes.
CREATE TABLE statement (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    month TEXT NOT NULL,
    number TEXT NOT NULL,
    plan TEXT NOT NULL,
    law TEXT NOT NULL,
    currency TEXT NOT NULL,
    lines BIGINT NOT NULL,
    revenue_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    carried_in_minor BIGINT NOT NULL,
    payable_minor BIGINT NOT NULL,
    carried_out_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    payable_from TEXT NOT NULL,
    decision TEXT NOT NULL,
    document TEXT NOT NULL,
    produced_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX statement_once ON statement (organization, partner, month);
CREATE INDEX statement_by_month ON statement (organization, month, id);

-- One amount of a statement with everything that it follows from.
CREATE TABLE statement_line (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    statement TEXT NOT NULL,
    partner TEXT NOT NULL,
    component TEXT NOT NULL,
    method TEXT NOT NULL,
    event TEXT,
    reverses TEXT,
    reference TEXT NOT NULL,
    customer TEXT NOT NULL,
    deal TEXT,
    revenue TEXT NOT NULL,
    base_minor BIGINT NOT NULL,
    quantity_micros BIGINT,
    unit TEXT,
    month TEXT,
    occurred_at BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    rule TEXT NOT NULL,
    parts TEXT NOT NULL,
    cites TEXT NOT NULL
);
CREATE INDEX statement_line_by_statement ON statement_line (statement);
CREATE INDEX statement_line_by_event ON statement_line (event);
CREATE INDEX statement_line_by_reversal ON statement_line (reverses);
CREATE INDEX statement_line_by_partner ON statement_line (organization, partner, method);
CREATE INDEX statement_line_by_time ON statement_line (organization, occurred_at, id);

-- Revenue that a statement has settled. The id is that of the event, so that none is ever paid for twice.
CREATE TABLE settled_event (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    statement TEXT NOT NULL,
    partner TEXT NOT NULL,
    revenue TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    counts_at BIGINT NOT NULL
);
CREATE INDEX settled_event_by_statement ON settled_event (statement);
CREATE INDEX settled_event_by_partner ON settled_event (organization, partner, counts_at);
