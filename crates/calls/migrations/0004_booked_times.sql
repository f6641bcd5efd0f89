-- Whose wall clock an announced window is read by; empty is the operator's.
ALTER TABLE call_notice ADD COLUMN zone TEXT;
