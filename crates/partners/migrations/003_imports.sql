-- Files that are imported name customers by what is certain about them.
CREATE INDEX customer_by_domain ON customer (organization, domain);
CREATE INDEX customer_by_vat ON customer (organization, vat_number);
CREATE INDEX customer_by_own_name ON customer (organization, name);
CREATE INDEX partner_by_own_name ON partner (organization, name);
