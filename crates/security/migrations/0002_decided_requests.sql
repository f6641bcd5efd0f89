-- Why the second person refused, and the order in which decided requests are read and forgotten.
ALTER TABLE staff_request ADD COLUMN decision_reason TEXT;
CREATE INDEX staff_request_decided ON staff_request (decided_at);
