-- What was said and heard on an answered call, in order. Offsets are milliseconds since the answer.
-- Never a secret: a proof digit is only right or wrong, matching words and names are not kept.
CREATE TABLE call_transcript (
    call_id BYTEA NOT NULL,
    place BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    language TEXT,
    amount_minor BIGINT,
    currency TEXT,
    wallet_last4 TEXT,
    PRIMARY KEY (call_id, place)
);
