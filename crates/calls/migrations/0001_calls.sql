-- Why we must talk to a customer. Times are microseconds since 1970.
CREATE TABLE call_case (
    id BYTEA PRIMARY KEY,
    kind TEXT NOT NULL,
    subject BYTEA NOT NULL,
    round BIGINT NOT NULL,
    customer BYTEA,
    state TEXT NOT NULL,
    priority BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    any_hour BIGINT NOT NULL,
    deadline_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    line_failures BIGINT NOT NULL,
    outcome TEXT,
    created_at_us BIGINT NOT NULL,
    concluded_at_us BIGINT,
    CONSTRAINT call_case_subject_unique UNIQUE (kind, subject, round),
    CONSTRAINT call_case_attempts_bounded CHECK (attempts >= 0 AND attempts <= max_attempts)
);
CREATE INDEX call_case_due ON call_case (state, due_us);
CREATE INDEX call_case_customer ON call_case (customer, id);

-- One attempt to call: committed before the INVITE is sent.
CREATE TABLE call_attempt (
    id BYTEA PRIMARY KEY,
    case_id BYTEA NOT NULL,
    customer BYTEA,
    number BIGINT NOT NULL,
    node TEXT NOT NULL,
    lease_until_us BIGINT NOT NULL,
    state TEXT NOT NULL,
    proof_digit BIGINT NOT NULL,
    displayed_number TEXT NOT NULL,
    begun_at_us BIGINT NOT NULL,
    ringing_at_us BIGINT,
    answered_at_us BIGINT,
    ended_at_us BIGINT,
    words BIGINT,
    forwarded BIGINT NOT NULL,
    disposition TEXT,
    CONSTRAINT call_attempt_number_unique UNIQUE (case_id, number)
);
CREATE INDEX call_attempt_live ON call_attempt (state, node);
CREATE INDEX call_attempt_customer ON call_attempt (customer, id);

-- What happened, in order: the case as a story. Keys other than choices are masked.
CREATE TABLE call_event (
    id BYTEA PRIMARY KEY,
    case_id BYTEA NOT NULL,
    call_id BYTEA,
    at_us BIGINT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX call_event_case ON call_event (case_id, at_us, id);

-- The announcement of a call. Its public page is found by the token and names nobody.
CREATE TABLE call_notice (
    id BYTEA PRIMARY KEY,
    case_id BYTEA NOT NULL,
    customer BYTEA,
    token TEXT NOT NULL,
    purpose TEXT NOT NULL,
    displayed_number TEXT NOT NULL,
    window_from_us BIGINT NOT NULL,
    window_until_us BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    CONSTRAINT call_notice_token_unique UNIQUE (token),
    CONSTRAINT call_notice_case_unique UNIQUE (case_id)
);
CREATE INDEX call_notice_customer ON call_notice (customer, id);

-- A recording: the sound lies sealed in a file, which names its key.
CREATE TABLE call_recording (
    call_id BYTEA PRIMARY KEY,
    case_id BYTEA NOT NULL,
    file TEXT NOT NULL,
    state TEXT NOT NULL,
    key_id BIGINT,
    started_at_us BIGINT NOT NULL,
    consent_at_us BIGINT,
    ended_at_us BIGINT,
    duration_ms BIGINT,
    sealed_bytes BIGINT,
    sha256 BYTEA
);
CREATE INDEX call_recording_case ON call_recording (case_id);
CREATE INDEX call_recording_started ON call_recording (started_at_us, call_id);

-- A process that places calls, and its sign of life.
CREATE TABLE call_node (
    node TEXT PRIMARY KEY,
    lease_until_us BIGINT NOT NULL,
    line TEXT NOT NULL,
    line_since_us BIGINT NOT NULL
);
