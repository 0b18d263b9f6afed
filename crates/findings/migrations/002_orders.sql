-- Lists are read in the order of an index, however long they get.
CREATE INDEX finding_by_last ON finding (organization, last_seen, id);
