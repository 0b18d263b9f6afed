-- A run that is held is still going on; one that was closed is over before its last stage.
DROP INDEX procedure_run_live;
CREATE UNIQUE INDEX procedure_run_alive ON procedure_run (organization, procedure, subject) WHERE state IN ('running', 'held');
CREATE INDEX procedure_run_by_due ON procedure_run (organization, due_at, id) WHERE due_at IS NOT NULL;
