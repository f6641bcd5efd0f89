-- Events that wait for their handlers. A row is removed by the transaction that handled it.
CREATE TABLE outbox (
    id BYTEA PRIMARY KEY,
    topic TEXT NOT NULL,
    subject BYTEA NOT NULL,
    body TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    due_at_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX outbox_by_due ON outbox (due_at_us, id);

-- Work with outside effects. State: 0 waiting, 1 done, 2 given up.
CREATE TABLE jobs (
    id BYTEA PRIMARY KEY,
    kind TEXT NOT NULL,
    unique_key TEXT NOT NULL,
    body TEXT NOT NULL,
    state BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    due_at_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    leased_until_us BIGINT NOT NULL,
    lease BYTEA,
    finished_at_us BIGINT,
    last_error TEXT,
    CONSTRAINT jobs_kind_key_unique UNIQUE (kind, unique_key)
);
CREATE INDEX jobs_by_due ON jobs (kind, state, due_at_us);
