-- Devices that nobody has used for long are forgotten, longest first.
CREATE INDEX device_last_seen ON device (last_seen_at);
