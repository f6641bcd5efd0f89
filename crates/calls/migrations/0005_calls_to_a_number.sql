-- The number that was called, so that it is not called too often.
ALTER TABLE call_attempt ADD COLUMN phone TEXT;
CREATE INDEX call_attempt_phone ON call_attempt (phone, begun_at_us);
