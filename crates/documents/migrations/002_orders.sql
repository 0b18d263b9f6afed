-- Lists are read in the order of an index, however long they get.
CREATE INDEX document_by_number ON document (organization, number, id);
CREATE INDEX document_by_title ON document (organization, title, id);
