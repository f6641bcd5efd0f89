-- Data keys, sealed by the master key. Key 0 is the index key, which never rotates.
CREATE TABLE data_key (
    id BIGINT PRIMARY KEY,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE staff_member (
    id BYTEA PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT staff_member_name_unique UNIQUE (name)
);

-- subject: blind index of the phone number or the staff name. totp: sealed.
CREATE TABLE login (
    id BYTEA PRIMARY KEY,
    subject BYTEA NOT NULL,
    customer BYTEA,
    staff BYTEA,
    password_hash TEXT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    must_change_password BIGINT NOT NULL,
    totp BYTEA,
    totp_last_step BIGINT NOT NULL,
    totp_pending BYTEA,
    totp_pending_until BIGINT,
    second_factor_changed_at BIGINT,
    language TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT login_subject_unique UNIQUE (subject),
    CONSTRAINT login_customer_unique UNIQUE (customer),
    CONSTRAINT login_staff_unique UNIQUE (staff),
    CONSTRAINT login_belongs_to_one CHECK ((customer IS NULL) <> (staff IS NULL))
);

CREATE TABLE recovery_code (
    login BYTEA NOT NULL,
    code_mac BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (login, code_mac)
) /* clustered */;

CREATE TABLE lockout (
    subject BYTEA PRIMARY KEY,
    failed BIGINT NOT NULL,
    times BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_attempt_at BIGINT NOT NULL
) /* clustered */;
CREATE INDEX lockout_last_attempt ON lockout (last_attempt_at);

CREATE TABLE device (
    id BYTEA PRIMARY KEY,
    login BYTEA NOT NULL,
    token_hash BYTEA NOT NULL,
    label TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    enrolled_at BIGINT,
    removed_at BIGINT,
    CONSTRAINT device_token_unique UNIQUE (token_hash)
);
CREATE INDEX device_login ON device (login);

CREATE TABLE session (
    id BYTEA PRIMARY KEY,
    token_hash BYTEA NOT NULL,
    login BYTEA NOT NULL,
    device BYTEA NOT NULL,
    csrf TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    idle_us BIGINT NOT NULL,
    absolute_until BIGINT NOT NULL,
    second_factor_at BIGINT,
    ended_at BIGINT,
    CONSTRAINT session_token_unique UNIQUE (token_hash)
);
CREATE INDEX session_login ON session (login);
CREATE INDEX session_absolute_until ON session (absolute_until);

CREATE TABLE api_token (
    id BYTEA PRIMARY KEY,
    token_hash BYTEA NOT NULL,
    login BYTEA NOT NULL,
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    CONSTRAINT api_token_unique UNIQUE (token_hash)
);
CREATE INDEX api_token_login ON api_token (login);

-- binding: a MAC over login, session, nonce, payment, amount, currency, payee.
CREATE TABLE proof (
    id BYTEA PRIMARY KEY,
    nonce_hash BYTEA NOT NULL,
    session BYTEA NOT NULL,
    login BYTEA NOT NULL,
    payment BYTEA NOT NULL,
    binding BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    proved_at BIGINT,
    spent_at BIGINT,
    CONSTRAINT proof_nonce_unique UNIQUE (nonce_hash)
);
CREATE INDEX proof_expires ON proof (expires_at);

CREATE TABLE invitation (
    id BYTEA PRIMARY KEY,
    token_hash BYTEA NOT NULL,
    customer BYTEA NOT NULL,
    phone BYTEA NOT NULL,
    language TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT invitation_token_unique UNIQUE (token_hash)
);
CREATE INDEX invitation_customer ON invitation (customer);

-- open_key: action and subject while the request is open, so that there is one at a time.
CREATE TABLE staff_request (
    id BYTEA PRIMARY KEY,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    payload TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by BYTEA NOT NULL,
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    open_key TEXT,
    outcome TEXT,
    decided_by BYTEA,
    decided_at BIGINT,
    CONSTRAINT staff_request_open_unique UNIQUE (open_key)
);

CREATE TABLE audit_entry (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL
);

CREATE INDEX audit_entry_subject ON audit_entry (subject, seq);

CREATE TABLE audit_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL
);
