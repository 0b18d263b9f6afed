-- Business reviews with partners, what came of them, and what partners ask for on the roadmap.
CREATE TABLE business_review (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    meeting_at BIGINT NOT NULL,
    preread_at BIGINT NOT NULL,
    agenda TEXT NOT NULL,
    risks TEXT,
    asks TEXT,
    document TEXT,
    issued_at BIGINT,
    minutes TEXT,
    held_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX business_review_open ON business_review (organization, partner) WHERE held_at IS NULL;
CREATE INDEX business_review_by_meeting ON business_review (organization, meeting_at, id);
CREATE INDEX business_review_by_partner ON business_review (organization, partner, meeting_at, id);

CREATE TABLE review_action (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    review TEXT NOT NULL,
    text TEXT NOT NULL,
    side TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    raised_at BIGINT NOT NULL,
    note TEXT,
    done_by_name TEXT,
    done_at BIGINT
);
CREATE INDEX review_action_by_partner ON review_action (organization, partner, raised_at, id);

CREATE TABLE roadmap_request (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    title TEXT NOT NULL,
    need TEXT NOT NULL,
    state TEXT NOT NULL,
    merged_into TEXT,
    return_score BIGINT,
    security_score BIGINT,
    triage TEXT,
    rationale TEXT,
    decided_by_name TEXT,
    decided_at BIGINT,
    due_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX roadmap_request_by_age ON roadmap_request (organization, created_at, id);

-- Who asked for it: each partner once.
CREATE TABLE roadmap_voice (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    request TEXT NOT NULL,
    partner TEXT NOT NULL,
    note TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE UNIQUE INDEX roadmap_voice_once ON roadmap_voice (organization, request, partner);
CREATE INDEX roadmap_voice_of_partner ON roadmap_voice (organization, partner, request);
