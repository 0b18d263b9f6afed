-- Lists are read in the order of an index, however long they get.
CREATE INDEX invitation_by_address ON invitation (organization, email_key, id);
CREATE INDEX invitation_by_role ON invitation (organization, role, id);
CREATE INDEX service_token_by_expiry ON service_token (organization, expires_at, id);
CREATE INDEX service_token_by_name ON service_token (organization, name, id);
