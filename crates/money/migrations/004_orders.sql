-- Lists are read in the order of an index, however long they get.
CREATE INDEX invoice_event_by_amount ON invoice_event (organization, amount_minor, id);
CREATE INDEX statement_by_payable ON statement (organization, payable_minor, id);
CREATE INDEX statement_by_total ON statement (organization, total_minor, id);
CREATE INDEX statement_line_by_amount ON statement_line (organization, amount_minor, id);
