-- Lists are read in the order of an index, however long they get.
CREATE INDEX clock_by_start ON clock (organization, started_at, id);
CREATE INDEX clock_by_title ON clock (organization, title, id);
