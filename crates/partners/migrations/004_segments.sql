-- In which segment a partner is, and the decision that this rests on.
ALTER TABLE partner ADD COLUMN segment TEXT;
ALTER TABLE partner ADD COLUMN segment_since BIGINT;
ALTER TABLE partner ADD COLUMN segment_decision TEXT;
