-- Lists are read in the order of an index, however long they get.
CREATE INDEX procedure_run_by_subject ON procedure_run (organization, about, id);
CREATE INDEX procedure_run_by_stage_time ON procedure_run (organization, stage_since, id);
