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
