-- What the movement between tiers remembers of a partner: since when its figures have given a lower tier, and the tier that it
-- left last. Written only by programs with rules of movement, and only when it changes.
CREATE TABLE tier_watch (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    below_since BIGINT,
    left_tier TEXT,
    left_since BIGINT
);
CREATE INDEX tier_watch_organization ON tier_watch (organization, id);
-- When the tiers of all partners were last computed to the end.
CREATE TABLE tier_run (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    computed_at BIGINT NOT NULL
);
