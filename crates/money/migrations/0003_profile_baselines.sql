-- Profiles as they were when their history began to be kept: what they had learned until then from
-- warning signs was not written down. A ledger that is new has none.
CREATE TABLE profile_baselines (
    account BIGINT PRIMARY KEY,
    profile BYTEA NOT NULL,
    -- The ledger's last number at that moment; the profile knows everything up to it.
    up_to_number BIGINT NOT NULL
);
INSERT INTO profile_baselines (account, profile, up_to_number)
    SELECT a.id, a.profile, h.last_number FROM accounts a CROSS JOIN ledger_head h WHERE h.last_number > 0;
