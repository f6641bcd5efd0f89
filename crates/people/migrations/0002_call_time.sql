-- When an applicant wants to be called; empty: as soon as possible.
ALTER TABLE applications ADD COLUMN call_from_us BIGINT;
ALTER TABLE applications ADD COLUMN call_until_us BIGINT;
