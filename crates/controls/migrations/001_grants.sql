-- What a source (tier, agreement, exception …) grants a partner, and for how long: [valid_from, valid_until).
CREATE TABLE control_grant (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    control TEXT NOT NULL,
    title TEXT NOT NULL,
    compose TEXT NOT NULL,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    reference TEXT NOT NULL,
    cites TEXT NOT NULL,
    law TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_until BIGINT
);
CREATE INDEX control_grant_of_partner ON control_grant (organization, partner, control, valid_until);
