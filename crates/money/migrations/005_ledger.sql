-- The books: one for each partner and one for the program. The head is the hash of the newest transfer.
CREATE TABLE ledger_book (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    transfers BIGINT NOT NULL,
    head TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX ledger_book_by_organization ON ledger_book (organization, id);

-- One movement of money. It is written once and never changes: to undo it, another one is posted.
CREATE TABLE ledger_transfer (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    book TEXT NOT NULL,
    partner TEXT,
    number BIGINT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    phase TEXT NOT NULL,
    -- The pending transfer that this one posts or voids.
    resolves TEXT,
    cause TEXT NOT NULL,
    day TEXT NOT NULL,
    summary TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX ledger_transfer_once ON ledger_transfer (organization, key);
CREATE UNIQUE INDEX ledger_transfer_by_number ON ledger_transfer (book, number);
CREATE UNIQUE INDEX ledger_transfer_resolved_once ON ledger_transfer (resolves);
CREATE INDEX ledger_transfer_by_batch ON ledger_transfer (batch);
CREATE INDEX ledger_transfer_by_cause ON ledger_transfer (cause);
CREATE INDEX ledger_transfer_by_time ON ledger_transfer (organization, recorded_at, id);

-- The sides of a transfer. Debits are positive, credits negative; per currency they add up to nothing.
CREATE TABLE ledger_entry (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    transfer TEXT NOT NULL,
    book TEXT NOT NULL,
    partner TEXT,
    account TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    phase TEXT NOT NULL,
    -- The line of a statement that it books, the earlier line that it corrects, and the month that it belongs to.
    line TEXT,
    corrects TEXT,
    period TEXT,
    day TEXT NOT NULL
);
CREATE INDEX ledger_entry_by_batch ON ledger_entry (batch);
CREATE INDEX ledger_entry_by_transfer ON ledger_entry (transfer);
CREATE INDEX ledger_entry_by_line ON ledger_entry (line);
CREATE INDEX ledger_entry_by_account ON ledger_entry (book, account, id);
CREATE INDEX ledger_entry_by_partner ON ledger_entry (organization, partner, id);
CREATE INDEX ledger_entry_by_account_name ON ledger_entry (organization, account, id);
CREATE INDEX ledger_entry_by_time ON ledger_entry (organization, id);

-- What the entries of an account add up to, kept in their transaction.
CREATE TABLE ledger_balance (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    book TEXT NOT NULL,
    partner TEXT,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    posted_minor BIGINT NOT NULL,
    pending_debit_minor BIGINT NOT NULL,
    pending_credit_minor BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX ledger_balance_by_book ON ledger_balance (book);
CREATE INDEX ledger_balance_by_account ON ledger_balance (organization, account, id);
CREATE INDEX ledger_balance_by_partner ON ledger_balance (organization, partner, account);
