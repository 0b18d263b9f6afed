-- What became of a statement after it was issued. The id is that of the statement.
CREATE TABLE statement_settlement (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    month TEXT NOT NULL,
    state TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    payable_from TEXT NOT NULL,
    -- Why a person holds it back.
    reason TEXT,
    paid_on TEXT,
    reference TEXT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX statement_settlement_by_state ON statement_settlement (organization, state, payable_from, id);
CREATE INDEX statement_settlement_by_month ON statement_settlement (organization, month, id);

-- Since which month a negative balance is carried.
ALTER TABLE statement ADD COLUMN carried_since TEXT;
-- What a line would have come to without the cap of its component.
ALTER TABLE statement_line ADD COLUMN uncapped_minor BIGINT;
