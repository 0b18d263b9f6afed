-- programs/001

-- A version of a program: its files as they were applied, and from when they are the law.
CREATE TABLE program_version (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    program TEXT NOT NULL,
    number BIGINT NOT NULL,
    effective_from BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    note TEXT NOT NULL,
    files TEXT NOT NULL,
    UNIQUE (organization, program, number)
);
CREATE INDEX program_version_in_force ON program_version (organization, number);

-- Edits that are not in force: they lie over the files of the latest version until they are applied or discarded.
CREATE TABLE program_draft (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    file TEXT NOT NULL,
    text TEXT,
    edited_at BIGINT NOT NULL,
    edited_by TEXT NOT NULL,
    UNIQUE (organization, file)
);

-- clocks/001

CREATE TABLE clock (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    partner TEXT,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    warn_at TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    paused_at BIGINT,
    ended_at BIGINT,
    on_lapse TEXT NOT NULL,
    on_warn TEXT,
    input TEXT NOT NULL,
    attempts BIGINT NOT NULL
);

-- A thing has one live clock of each kind.
CREATE UNIQUE INDEX clock_live ON clock (organization, kind, subject) WHERE state IN ('running', 'paused');
CREATE INDEX clock_of_subject ON clock (organization, subject, due_at);
-- The tick reads this one and nothing else.
CREATE INDEX clock_next ON clock (organization, state, next_at, id);
CREATE INDEX clock_by_state ON clock (organization, state, due_at, id);
CREATE INDEX clock_by_due ON clock (organization, due_at, id);
CREATE INDEX clock_by_partner ON clock (organization, partner, due_at, id);

-- clocks/002

-- Lists are read in the order of an index, however long they get.
CREATE INDEX clock_by_start ON clock (organization, started_at, id);
CREATE INDEX clock_by_title ON clock (organization, title, id);

-- procedures/001

CREATE TABLE procedure_run (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    procedure TEXT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    about TEXT NOT NULL,
    law TEXT NOT NULL,
    -- The procedure as the law said it at the start: a run finishes under the law that it started with.
    definition TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    stage_since BIGINT NOT NULL,
    due_at BIGINT,
    completed TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE UNIQUE INDEX procedure_run_live ON procedure_run (organization, procedure, subject) WHERE state = 'running';
CREATE INDEX procedure_run_of_subject ON procedure_run (organization, subject, started_at);
CREATE INDEX procedure_run_by_state ON procedure_run (organization, state, started_at, id);
CREATE INDEX procedure_run_by_start ON procedure_run (organization, started_at, id);
CREATE INDEX procedure_run_by_partner ON procedure_run (organization, partner, started_at, id);

CREATE TABLE procedure_evidence (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    run TEXT NOT NULL,
    stage TEXT NOT NULL,
    evidence TEXT NOT NULL,
    value TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_by_name TEXT NOT NULL,
    given_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX procedure_evidence_of_run ON procedure_evidence (organization, run, stage, evidence);

-- procedures/002

-- Lists are read in the order of an index, however long they get.
CREATE INDEX procedure_run_by_subject ON procedure_run (organization, about, id);
CREATE INDEX procedure_run_by_stage_time ON procedure_run (organization, stage_since, id);

-- procedures/003

-- A run that is held is still going on; one that was closed is over before its last stage.
DROP INDEX procedure_run_live;
CREATE UNIQUE INDEX procedure_run_alive ON procedure_run (organization, procedure, subject) WHERE state IN ('running', 'held');
CREATE INDEX procedure_run_by_due ON procedure_run (organization, due_at, id) WHERE due_at IS NOT NULL;

-- controls/001

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

-- scoring/001

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

-- scoring/002

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

-- findings/001

CREATE TABLE finding (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    check_key TEXT NOT NULL,
    subject TEXT NOT NULL,
    partner TEXT,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- The severity as a number, to sort by.
    weight BIGINT NOT NULL,
    state TEXT NOT NULL,
    amount_minor BIGINT,
    currency TEXT,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    owner TEXT,
    note TEXT,
    disposed_by TEXT,
    accepted_until BIGINT
);

-- A check finds a thing once; what comes back is the same finding again.
CREATE UNIQUE INDEX finding_of_check ON finding (organization, check_key, subject);
CREATE INDEX finding_by_check ON finding (organization, check_key, state);
CREATE INDEX finding_by_state ON finding (organization, state, first_seen, id);
CREATE INDEX finding_by_first ON finding (organization, first_seen, id);
CREATE INDEX finding_by_weight ON finding (organization, weight, id);
CREATE INDEX finding_by_amount ON finding (organization, (COALESCE(amount_minor, 0)), id);
CREATE INDEX finding_by_partner ON finding (organization, partner, first_seen);

-- findings/002

-- Lists are read in the order of an index, however long they get.
CREATE INDEX finding_by_last ON finding (organization, last_seen, id);

-- documents/001

-- A document as it was issued: its model as JSON, under a number without gaps in its series and year.
CREATE TABLE document (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    kind TEXT NOT NULL,
    series TEXT NOT NULL,
    year BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    UNIQUE (organization, series, year, sequence)
);
CREATE INDEX document_by_time ON document (organization, issued_at, id);
CREATE INDEX document_of_partner ON document (organization, partner, issued_at, id);

-- documents/002

-- Lists are read in the order of an index, however long they get.
CREATE INDEX document_by_number ON document (organization, number, id);
CREATE INDEX document_by_title ON document (organization, title, id);

-- imports/001

CREATE TABLE data_import (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    target TEXT NOT NULL,
    source TEXT NOT NULL,
    mapping TEXT NOT NULL,
    headers TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    size BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- The number of the last row that was dealt with in this state.
    position BIGINT NOT NULL,
    counts TEXT NOT NULL,
    all_or_nothing BOOLEAN NOT NULL,
    -- On whose behalf rows are written while it runs.
    actor TEXT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX data_import_by_time ON data_import (organization, created_at, id);
CREATE INDEX data_import_by_state ON data_import (organization, state, created_at, id);

-- Working data: what became of each row. The evidence is in the entries of the operations that the rows ran.
CREATE TABLE data_import_row (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    import TEXT NOT NULL,
    number BIGINT NOT NULL,
    line BIGINT NOT NULL,
    cells TEXT NOT NULL,
    state TEXT NOT NULL,
    subject TEXT,
    outcome TEXT
);

CREATE UNIQUE INDEX data_import_row_by_number ON data_import_row (import, number);
CREATE INDEX data_import_row_by_state ON data_import_row (organization, import, state, number, id);
CREATE INDEX data_import_row_listed ON data_import_row (organization, import, number, id);

-- Which thing a key of another system stands for.
CREATE TABLE data_import_link (
    organization TEXT NOT NULL,
    target TEXT NOT NULL,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    -- Absent after an undo.
    subject TEXT,
    generation BIGINT NOT NULL,
    PRIMARY KEY (organization, target, source, key)
);

CREATE INDEX data_import_link_by_key ON data_import_link (organization, target, key);

-- people/001

-- Everybody who signs in: the vendor's staff and the partners' people. An address belongs to one person of the
-- installation.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    search_key TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    zone TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    invited_by TEXT,
    deactivated_at BIGINT,
    deactivated_by TEXT
);
CREATE UNIQUE INDEX person_by_email ON person (email_key);
CREATE INDEX person_by_name ON person (organization, search_key, id);
CREATE INDEX person_by_age ON person (organization, created_at, id);
CREATE INDEX person_by_partner ON person (organization, partner, search_key);
CREATE INDEX person_by_role ON person (organization, role, status);

-- people/002

-- How a person proves who they are; the id is the person's. The seed of the second factor is sealed with the
-- installation's secret key, everything else is a hash.
CREATE TABLE sign_in_credential (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    password_hash TEXT,
    password_changed_at BIGINT,
    second_factor BYTEA,
    second_factor_at BIGINT,
    pending_factor BYTEA,
    recovery_hashes TEXT NOT NULL
);

-- Sessions of browsers, under the hash of their token. No evidence: they come and go.
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_expiry ON session (expires_at);

-- The step of the last code that a person used, so that no code works twice.
CREATE TABLE second_factor_use (
    person TEXT PRIMARY KEY,
    step BIGINT NOT NULL
);

-- Failed attempts in a row, under the hash of an address or of the place that they came from.
CREATE TABLE sign_in_failure (
    id TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_by_time ON sign_in_failure (last_at);

-- people/003

-- Somebody was asked to join. The link works once, until it expires.
CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL,
    state TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    invited_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    person TEXT
);
CREATE UNIQUE INDEX invitation_by_token ON invitation (token_hash);
CREATE INDEX invitation_by_email ON invitation (email_key, state);
CREATE INDEX invitation_by_age ON invitation (organization, invited_at, id);
CREATE INDEX invitation_by_partner ON invitation (organization, partner, invited_at);
CREATE INDEX invitation_by_inviter ON invitation (organization, invited_by, state);

-- The token of an open invitation, sealed, so that the courier can mail the link; gone as soon as it is used or revoked.
CREATE TABLE invitation_secret (
    invitation TEXT PRIMARY KEY,
    token BYTEA NOT NULL
);

-- people/004

-- Tokens with which programs act for a person: narrower than the person, and never without an end.
CREATE TABLE service_token (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT
);
CREATE UNIQUE INDEX service_token_by_hash ON service_token (token_hash);
CREATE INDEX service_token_by_age ON service_token (organization, created_at, id);
CREATE INDEX service_token_by_person ON service_token (organization, person);
CREATE INDEX service_token_by_partner ON service_token (organization, partner, created_at);

-- When a token was last seen, to the minute. No evidence.
CREATE TABLE service_token_use (
    token TEXT PRIMARY KEY,
    last_used_at BIGINT NOT NULL
);

-- people/005

-- Links with which somebody who forgot a password chooses a new one, under the hash of their token. One a person; no
-- evidence: what was done with them is in the events of the person.
CREATE TABLE password_reset (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX password_reset_by_person ON password_reset (person);
CREATE INDEX password_reset_by_expiry ON password_reset (expires_at);

-- people/006

-- Lists are read in the order of an index, however long they get.
CREATE INDEX invitation_by_address ON invitation (organization, email_key, id);
CREATE INDEX invitation_by_role ON invitation (organization, role, id);
CREATE INDEX service_token_by_expiry ON service_token (organization, expires_at, id);
CREATE INDEX service_token_by_name ON service_token (organization, name, id);

-- partners/001

-- Companies in the program, from the application to the end. A partner reaches only the row whose id is its own.
CREATE TABLE partner (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    legal_name TEXT,
    domain TEXT,
    country TEXT NOT NULL,
    vat_number TEXT,
    registration_number TEXT,
    status TEXT NOT NULL,
    note_code TEXT,
    note_text TEXT,
    note_contact TEXT,
    wanted TEXT,
    archetype TEXT,
    tier TEXT,
    tier_rank BIGINT,
    tier_since BIGINT,
    tier_decision TEXT,
    terms_key TEXT,
    terms_version TEXT,
    terms_accepted_at BIGINT,
    terms_accepted_by TEXT,
    manager TEXT,
    contact_name TEXT,
    contact_email TEXT,
    message TEXT,
    time_zone TEXT NOT NULL,
    applied_at BIGINT NOT NULL,
    activated_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX partner_by_name ON partner (organization, search_key, id);
CREATE INDEX partner_by_status ON partner (organization, status, search_key, id);
CREATE INDEX partner_by_tier ON partner (organization, (COALESCE(tier_rank, -1)), id);
CREATE INDEX partner_by_activation ON partner (organization, (COALESCE(activated_at, 0)), id);
CREATE INDEX partner_by_application ON partner (organization, applied_at, id);
CREATE INDEX partner_by_domain ON partner (organization, domain);

-- partners/004

-- In which segment a partner is, and the decision that this rests on.
ALTER TABLE partner ADD COLUMN segment TEXT;
ALTER TABLE partner ADD COLUMN segment_since BIGINT;
ALTER TABLE partner ADD COLUMN segment_decision TEXT;

-- partners/010

-- Facts about partners of the kinds that the program declares. Nothing is overwritten: a correction is a new row.
CREATE TABLE partner_fact (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    -- The kind in the program file.
    kind TEXT NOT NULL,
    -- What tells it from other facts of its kind; the id where the program names no key.
    key TEXT NOT NULL,
    person TEXT,
    -- Values by field, as rules read them.
    fields TEXT NOT NULL,
    evidence TEXT,
    -- proposed, recorded, refused, withdrawn, corrected
    state TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    -- The instant from which it no longer holds.
    valid_until BIGINT,
    submitted_at BIGINT NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_by_name TEXT NOT NULL,
    -- From when on it was known to count.
    recorded_at BIGINT,
    -- The instant from which it no longer counted, and why.
    ended_at BIGINT,
    ended_by_name TEXT,
    reason TEXT,
    -- The fact in whose place it stands.
    corrects TEXT
);
CREATE UNIQUE INDEX partner_fact_once ON partner_fact (organization, partner, kind, key)
    WHERE recorded_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX partner_fact_by_key ON partner_fact (organization, partner, kind, key, submitted_at);
CREATE INDEX partner_fact_of_kind ON partner_fact (organization, kind, recorded_at);
CREATE INDEX partner_fact_by_age ON partner_fact (organization, submitted_at, id);
CREATE INDEX partner_fact_by_partner ON partner_fact (organization, partner, submitted_at, id);
CREATE INDEX partner_fact_by_state ON partner_fact (organization, state, submitted_at, id);
CREATE INDEX partner_fact_by_kind ON partner_fact (organization, kind, submitted_at, id);
CREATE INDEX partner_fact_by_end ON partner_fact (organization, valid_until, id);

-- partners/004-runs

-- Tier runs: who would move, proposed, approved and applied as a whole.
CREATE TABLE move_run (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    law TEXT NOT NULL,
    partners BIGINT NOT NULL,
    moves BIGINT NOT NULL,
    note TEXT NOT NULL,
    reverses TEXT,
    proposed_at BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_by_name TEXT NOT NULL,
    first_at BIGINT,
    first_by TEXT,
    first_by_name TEXT,
    second_at BIGINT,
    second_by TEXT,
    second_by_name TEXT,
    applied_through TEXT,
    ended_at BIGINT
);
CREATE INDEX move_run_by_age ON move_run (organization, proposed_at, id);
CREATE INDEX move_run_open ON move_run (organization, state, proposed_at);
CREATE INDEX move_run_reverses ON move_run (organization, reverses);

-- What a run would move. Never changed; what became of it, move_outcome says.
CREATE TABLE planned_move (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    run TEXT NOT NULL,
    partner TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    from_key TEXT,
    to_key TEXT NOT NULL,
    direction TEXT NOT NULL,
    cost TEXT,
    cost_order BIGINT NOT NULL,
    reasons TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX planned_move_by_name ON planned_move (organization, run, search_key, id);
CREATE INDEX planned_move_by_cost ON planned_move (organization, run, cost_order, id);
CREATE INDEX planned_move_in_run ON planned_move (run, id);
CREATE INDEX planned_move_by_id ON planned_move (organization, run, id);
CREATE INDEX planned_move_of_partner ON planned_move (organization, partner, id);

-- What became of a planned move: excluded before the approval, applied, or skipped because the partner had changed.
CREATE TABLE move_outcome (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    run TEXT NOT NULL,
    partner TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    at BIGINT NOT NULL,
    decision TEXT,
    appeal_until BIGINT,
    held BIGINT NOT NULL
);
CREATE INDEX move_outcome_of_run ON move_outcome (organization, run, state, id);

-- What partners say against a move, and the answer.
CREATE TABLE move_appeal (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    move TEXT NOT NULL,
    partner TEXT NOT NULL,
    text TEXT NOT NULL,
    filed_at BIGINT NOT NULL,
    filed_by TEXT NOT NULL,
    filed_by_name TEXT NOT NULL,
    state TEXT NOT NULL,
    answer TEXT,
    decided_at BIGINT,
    decided_by TEXT,
    decided_by_name TEXT,
    decision TEXT
);
CREATE UNIQUE INDEX move_appeal_once ON move_appeal (move);
CREATE INDEX move_appeal_open ON move_appeal (organization, state, filed_at, id);

-- The published lists of segments, one document each.
CREATE TABLE segment_list (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    period TEXT NOT NULL,
    document TEXT NOT NULL,
    number TEXT NOT NULL,
    partners BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE INDEX segment_list_by_age ON segment_list (organization, published_at, id);

-- partners/002

-- The vendor's end customers. Who a partner's customers are, customer_partner says.
CREATE TABLE customer (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    name TEXT NOT NULL,
    search_key TEXT NOT NULL,
    domain TEXT,
    country TEXT,
    vat_number TEXT,
    registration_number TEXT,
    source TEXT NOT NULL,
    account_owner TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX customer_by_name ON customer (organization, search_key, id);
CREATE INDEX customer_by_age ON customer (organization, created_at, id);
CREATE INDEX customer_by_id ON customer (organization, id);
CREATE INDEX customer_by_owner ON customer (organization, account_owner, id);

-- A partner sees a customer from the moment at which it has a deal with it.
CREATE TABLE customer_partner (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    customer TEXT NOT NULL,
    partner TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE UNIQUE INDEX customer_partner_once ON customer_partner (customer, partner);
CREATE INDEX customer_partner_by_partner ON customer_partner (organization, partner, customer);

-- partners/003

-- Files that are imported name customers by what is certain about them.
CREATE INDEX customer_by_domain ON customer (organization, domain);
CREATE INDEX customer_by_vat ON customer (organization, vat_number);
CREATE INDEX customer_by_own_name ON customer (organization, name);
CREATE INDEX partner_by_own_name ON partner (organization, name);

-- partners/007

-- Customers that turned out to be one. A folded row points at the one that was kept; rows of others still name either.
ALTER TABLE customer ADD COLUMN merged_into TEXT;
-- Whom the chain of merges ends at; absent for a customer that stands for itself.
ALTER TABLE customer ADD COLUMN root TEXT;
-- The search keys of everything that is merged into this one, for searches of the vendor.
ALTER TABLE customer ADD COLUMN merged_key TEXT;
CREATE INDEX customer_by_root ON customer (organization, (COALESCE(root, id)));

-- Each merge with its reason, and how it ended.
CREATE TABLE customer_merge (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    survivor TEXT NOT NULL,
    folded TEXT NOT NULL,
    reason TEXT NOT NULL,
    merged_by TEXT NOT NULL,
    merged_by_name TEXT NOT NULL,
    merged_at BIGINT NOT NULL,
    unmerged_by TEXT,
    unmerged_by_name TEXT,
    unmerged_at BIGINT,
    unmerge_reason TEXT
);
CREATE INDEX customer_merge_of_folded ON customer_merge (organization, folded, merged_at);
CREATE INDEX customer_merge_by_age ON customer_merge (organization, merged_at, id);

-- partners/005

-- How an applicant was judged: one score of a criterion, with what it rests on. The last one counts.
CREATE TABLE qualification_score (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    criterion TEXT NOT NULL,
    score BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    scored_by TEXT NOT NULL,
    scored_by_name TEXT NOT NULL,
    scored_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX qualification_score_once ON qualification_score (organization, partner, criterion);

-- Contacts with a partner, as the vendor's people note them.
CREATE TABLE partner_contact (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    channel TEXT NOT NULL,
    with_whom TEXT NOT NULL,
    note TEXT NOT NULL,
    contacted_at BIGINT NOT NULL,
    logged_by TEXT NOT NULL,
    logged_by_name TEXT NOT NULL
);
CREATE INDEX partner_contact_by_partner ON partner_contact (organization, partner, contacted_at, id);

-- When a partner is to be spoken with next; the row has the id of the partner.
CREATE TABLE partner_cadence (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    days BIGINT NOT NULL,
    cites TEXT NOT NULL,
    last_contact_at BIGINT,
    due_at BIGINT NOT NULL
);
CREATE INDEX partner_cadence_by_due ON partner_cadence (organization, due_at, id);

-- Partnerships in question, from the detection to the end.
CREATE TABLE exit_case (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    partner TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    grounds TEXT NOT NULL,
    clause TEXT NOT NULL,
    run TEXT,
    opened_at BIGINT NOT NULL,
    begun_at BIGINT,
    appeal_until BIGINT,
    appeal TEXT,
    appealed_by_name TEXT,
    appealed_at BIGINT,
    answer TEXT,
    answered_by_name TEXT,
    answered_at BIGINT,
    closed_at BIGINT,
    closing TEXT
);
CREATE UNIQUE INDEX exit_case_open ON exit_case (organization, partner) WHERE closed_at IS NULL;
CREATE INDEX exit_case_by_opening ON exit_case (organization, opened_at, id);
CREATE INDEX exit_case_by_partner ON exit_case (organization, partner, opened_at, id);

-- deals/001

-- A deal: a partner's registration of an end customer, from the claim to the closed sale.
CREATE TABLE deal (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    number TEXT NOT NULL,
    partner TEXT NOT NULL,
    -- The account of the vendor; absent while it is open which one the registration means.
    customer TEXT,
    -- The customer as the partner wrote it.
    customer_name TEXT NOT NULL,
    customer_domain TEXT,
    customer_email TEXT,
    customer_country TEXT,
    customer_vat_number TEXT,
    customer_registration_number TEXT,
    -- What it boils down to: the keys of the matching. An empty name is no key.
    name_key TEXT NOT NULL,
    domain_key TEXT,
    country_key TEXT,
    vat_key TEXT,
    registration_key TEXT,
    search_key TEXT NOT NULL,
    title TEXT NOT NULL,
    value_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    products TEXT NOT NULL,
    expected_close TEXT,
    source TEXT NOT NULL,
    role TEXT NOT NULL,
    relationship TEXT,
    state TEXT NOT NULL,
    -- The claim that this one waits for.
    behind TEXT,
    submitted_at BIGINT NOT NULL,
    valid_at BIGINT NOT NULL,
    approved_at BIGINT,
    protected_until BIGINT,
    -- The same for sorting; without protection it is far away.
    protected_key BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    closed_at BIGINT,
    reason_code TEXT,
    reason_text TEXT
);
CREATE INDEX deal_number ON deal (organization, number);
CREATE INDEX deal_submitted ON deal (organization, submitted_at, id);
CREATE INDEX deal_value ON deal (organization, value_minor, id);
CREATE INDEX deal_protected ON deal (organization, protected_key, id);
CREATE INDEX deal_of_partner ON deal (organization, partner, submitted_at, id);
CREATE INDEX deal_in_state ON deal (organization, state, submitted_at, id);
CREATE INDEX deal_won ON deal (organization, state, closed_at);
CREATE INDEX deal_of_customer ON deal (organization, customer, state);
CREATE INDEX deal_by_name ON deal (organization, name_key);
CREATE INDEX deal_by_domain ON deal (organization, domain_key);
CREATE INDEX deal_by_vat ON deal (organization, vat_key);
CREATE INDEX deal_by_registration ON deal (organization, registration_key, country_key);
CREATE INDEX deal_behind ON deal (organization, behind);

-- deals/002

-- Entries of the lists that change too often for the program file: who may register where, and whose customers are whose.
CREATE TABLE deal_list_entry (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    -- territory, named_account or no_poach
    list TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The key of the program's territory, for an assignment to it.
    territory TEXT,
    -- The keys of the customer, for the other lists.
    domain_key TEXT,
    vat_key TEXT,
    -- The partner that is assigned, that owns the account, or that is bound; absent for the vendor's own team or everyone.
    partner TEXT,
    -- reject or review
    otherwise TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    -- The instant from which it no longer holds.
    valid_until BIGINT,
    reason TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_by_name TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX deal_list_entry_by_domain ON deal_list_entry (organization, domain_key, recorded_at, id);
CREATE INDEX deal_list_entry_by_vat ON deal_list_entry (organization, vat_key, recorded_at, id);
CREATE INDEX deal_list_entry_of_partner ON deal_list_entry (organization, partner, list, recorded_at, id);
CREATE INDEX deal_list_entry_by_age ON deal_list_entry (organization, recorded_at, id);

-- What the vendor sells itself, as its CRM knows it.
CREATE TABLE vendor_opportunity (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    -- The id in the CRM; the same one again is the same opportunity.
    reference TEXT NOT NULL,
    customer TEXT NOT NULL,
    title TEXT NOT NULL,
    stage TEXT NOT NULL,
    owner_name TEXT,
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    recorded_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX vendor_opportunity_once ON vendor_opportunity (organization, reference);
CREATE INDEX vendor_opportunity_of_customer ON vendor_opportunity (organization, customer, opened_at);
CREATE INDEX vendor_opportunity_by_age ON vendor_opportunity (organization, opened_at, id);

-- An approval that was given for a claim, or that silence gave.
CREATE TABLE deal_approval (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    deal TEXT NOT NULL,
    step BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    given_by_name TEXT NOT NULL,
    given_at BIGINT NOT NULL
);
CREATE INDEX deal_approval_of_deal ON deal_approval (organization, deal, given_at);

-- What makes a claim more qualified, as the partner gave it.
ALTER TABLE deal ADD COLUMN qualification TEXT;
-- When the partner introduced the vendor to the customer.
ALTER TABLE deal ADD COLUMN introduced_at BIGINT;
-- Until when a claim that lapsed because nothing was done keeps its slot.
ALTER TABLE deal ADD COLUMN forfeit_until BIGINT;
-- The approval that it waits for.
ALTER TABLE deal ADD COLUMN approval TEXT;
-- The share of the winner's commission that the second registrant earns, such as 50%.
ALTER TABLE deal ADD COLUMN share TEXT;
CREATE INDEX deal_forfeited ON deal (organization, partner, forfeit_until);

-- deals/003

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

-- gate/001

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

-- money/001

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

-- money/002

-- Which partner the revenue of an event belongs to; revenue without a partner has no row. The id is that of the event.
CREATE TABLE attribution (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    batch TEXT NOT NULL,
    partner TEXT NOT NULL,
    customer TEXT NOT NULL,
    deal TEXT,
    basis TEXT NOT NULL,
    decision TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    attributed_at BIGINT NOT NULL
);
CREATE INDEX attribution_by_batch ON attribution (batch);
CREATE INDEX attribution_by_partner ON attribution (organization, partner, occurred_at);
CREATE INDEX attribution_by_deal ON attribution (deal);

-- The decision that stands for a customer and a won deal: later events without anything special cite it.
CREATE TABLE attribution_standing (
    id TEXT PRIMARY KEY,
    organization TEXT NOT NULL,
    customer TEXT NOT NULL,
    deal TEXT NOT NULL,
    partner TEXT NOT NULL,
    decision TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX attribution_standing_once ON attribution_standing (organization, customer, deal);

-- money/005

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

-- money/003

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

-- money/004

-- Lists are read in the order of an index, however long they get.
CREATE INDEX invoice_event_by_amount ON invoice_event (organization, amount_minor, id);
CREATE INDEX statement_by_payable ON statement (organization, payable_minor, id);
CREATE INDEX statement_by_total ON statement (organization, total_minor, id);
CREATE INDEX statement_line_by_amount ON statement_line (organization, amount_minor, id);

-- money/006

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

-- governance/001

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

