-- What was used. Its id is made of organization, source and external id, so that one index tells repeats and, as sources
-- number their events, grows at its end.
CREATE TABLE usage_event (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    customer TEXT NOT NULL,
    quantity_micros BIGINT NOT NULL,
    unit TEXT NOT NULL,
    integration TEXT,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX usage_event_by_batch ON usage_event (batch);
-- By time and not by customer: events come in by time, and an index grows cheaply only at its end.
CREATE INDEX usage_event_by_time ON usage_event (organization, occurred_at);

-- What was invoiced, paid, refunded or charged back. The amount of a refund or chargeback is positive, too.
CREATE TABLE invoice_event (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    kind TEXT NOT NULL,
    -- The event that this one pays or takes back.
    invoice TEXT,
    revenue TEXT NOT NULL,
    customer TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    partner_hint TEXT,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX invoice_event_by_batch ON invoice_event (batch);
CREATE INDEX invoice_event_by_customer ON invoice_event (customer, occurred_at);
CREATE INDEX invoice_event_by_invoice ON invoice_event (invoice, kind);
CREATE INDEX invoice_event_by_time ON invoice_event (organization, occurred_at, id);

-- One request or file chunk: what came in and what became of it.
CREATE TABLE intake_batch (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    received BIGINT NOT NULL,
    recorded BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    conflicts BIGINT NOT NULL,
    dead_letters BIGINT NOT NULL,
    first_occurred_at BIGINT,
    last_occurred_at BIGINT,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX intake_batch_by_time ON intake_batch (organization, recorded_at, id);

-- An event came again under its id with another content. The first one stands; this one is kept for a person to compare.
CREATE TABLE intake_conflict (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    event TEXT NOT NULL,
    content TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX intake_conflict_by_time ON intake_conflict (organization, recorded_at, id);

-- An event that cannot be rated yet: an unknown customer, another currency, a time in the future.
CREATE TABLE dead_letter (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    content TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX dead_letter_by_state ON dead_letter (organization, state, recorded_at, id);
CREATE INDEX dead_letter_by_time ON dead_letter (organization, recorded_at, id);
