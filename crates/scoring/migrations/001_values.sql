-- What a metric was for a partner at an instant; written when it changed, and weekly to say that it was looked at.
-- The rows of one refresh are sealed together under its batch.
CREATE TABLE metric_value (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    partner TEXT NOT NULL,
    metric TEXT NOT NULL,
    value TEXT NOT NULL,
    as_of BIGINT NOT NULL
);
CREATE INDEX metric_value_of_partner ON metric_value (organization, partner, metric, as_of);
CREATE INDEX metric_value_batch ON metric_value (batch);
