-- Who may send credentials: a provider's (or the vendor's own) sender of signed webhooks.
CREATE TABLE webhook_source (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    secret BYTEA NOT NULL,
    -- Still believed for a while after a rotation, so that the sender can change over.
    previous_secret BYTEA,
    previous_until BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    rotated_at BIGINT,
    disabled_at BIGINT
);
CREATE INDEX webhook_source_by_name ON webhook_source (organization, name, id);
CREATE INDEX webhook_source_by_partner ON webhook_source (organization, partner, name, id);

-- Every message that proved its sender, once: what makes a second delivery have no second effect.
CREATE TABLE webhook_receipt (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    source TEXT NOT NULL,
    message TEXT NOT NULL,
    outcome TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_receipt_by_message ON webhook_receipt (source, message);

-- Every statement about a credential that was received, whether it changed anything or not.
CREATE TABLE credential_update (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    source TEXT NOT NULL,
    source_name TEXT NOT NULL,
    message TEXT NOT NULL,
    driver TEXT NOT NULL,
    credential_type TEXT NOT NULL,
    arrival TEXT NOT NULL,
    fact TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    -- From receipt until this node's gate answered with it.
    effect_micros BIGINT
);
CREATE INDEX credential_update_by_driver ON credential_update (organization, driver, received_at);
CREATE INDEX credential_update_by_time ON credential_update (organization, received_at);
CREATE INDEX credential_update_by_source ON credential_update (organization, source, received_at);

-- The statement that holds in each line: one source on one credential of one driver.
CREATE TABLE credential (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    source TEXT NOT NULL,
    source_name TEXT NOT NULL,
    driver TEXT NOT NULL,
    credential_type TEXT NOT NULL,
    attested_by TEXT NOT NULL,
    status TEXT NOT NULL,
    expires_on TEXT,
    verified_at BIGINT NOT NULL,
    fact TEXT NOT NULL,
    last_update TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX credential_by_line ON credential (organization, driver, credential_type, source, attested_by);
CREATE INDEX credential_by_expiry ON credential (organization, expires_on, driver);

-- Drivers as the vendor and each attesting partner sees them: a summary for lists, made anew from `credential`.
CREATE TABLE driver (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    viewer TEXT NOT NULL,
    driver TEXT NOT NULL,
    driver_key TEXT NOT NULL,
    status TEXT NOT NULL,
    credentials BIGINT NOT NULL,
    next_expiry TEXT,
    verified_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX driver_by_name ON driver (organization, viewer, driver, id);
CREATE INDEX driver_by_update ON driver (organization, viewer, updated_at, id);
CREATE INDEX driver_by_status ON driver (organization, viewer, status, updated_at, id);

-- Permission to let a driver pass a policy that denies, for a while and for a reason.
CREATE TABLE gate_override (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    driver TEXT NOT NULL,
    order_id TEXT,
    policy TEXT NOT NULL,
    reason TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_by_name TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX gate_override_by_driver ON gate_override (organization, driver, expires_at);
CREATE INDEX gate_override_by_time ON gate_override (organization, expires_at);

-- Each decision of the gate in columns that can be counted; terms, facts and reasons stand in `decision`.
CREATE TABLE gate_decision (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    driver TEXT NOT NULL,
    order_id TEXT NOT NULL,
    segment TEXT NOT NULL,
    answer TEXT NOT NULL,
    would_deny BOOLEAN NOT NULL,
    overridden BOOLEAN NOT NULL,
    policies TEXT NOT NULL,
    law TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    latency_micros BIGINT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX gate_decision_by_time ON gate_decision (organization, decided_at, id);
CREATE INDEX gate_decision_by_answer ON gate_decision (organization, answer, decided_at, id);
CREATE INDEX gate_decision_by_driver ON gate_decision (organization, driver, decided_at, id);
CREATE INDEX gate_decision_by_batch ON gate_decision (batch, id);

-- Each policy that spoke against an assignment.
CREATE TABLE gate_firing (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    decision TEXT NOT NULL,
    driver TEXT NOT NULL,
    policy TEXT NOT NULL,
    mode TEXT NOT NULL,
    overridden BOOLEAN NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX gate_firing_by_time ON gate_firing (organization, decided_at, policy);
CREATE INDEX gate_firing_by_batch ON gate_firing (batch, id);
