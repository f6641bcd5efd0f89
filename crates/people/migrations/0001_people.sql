-- Persons known to the institution.
CREATE TABLE customers (
    id BYTEA PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    phone_changed_at_us BIGINT NOT NULL,
    wrong_number BIGINT NOT NULL,
    birth_date TEXT NOT NULL,
    language TEXT NOT NULL,
    zone TEXT NOT NULL,
    email TEXT,
    document_index BYTEA,
    document_sealed BYTEA,
    created_at_us BIGINT NOT NULL,
    CONSTRAINT customer_phone_unique UNIQUE (phone),
    CONSTRAINT customer_document_unique UNIQUE (document_index)
);

-- Requests for a wallet. The document's number is sealed; its index is a keyed hash.
CREATE TABLE applications (
    id BYTEA PRIMARY KEY,
    state TEXT NOT NULL,
    round BIGINT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT,
    language TEXT NOT NULL,
    zone TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    document_kind TEXT NOT NULL,
    document_issuer TEXT NOT NULL,
    document_masked TEXT NOT NULL,
    document_sealed BYTEA NOT NULL,
    document_index BYTEA NOT NULL,
    income_minor BIGINT NOT NULL,
    requested_limit_minor BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    submitted_at_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    granted_limit_minor BIGINT,
    granted_tier BIGINT,
    reasons TEXT NOT NULL,
    rule_version BIGINT,
    number_doubted BIGINT NOT NULL,
    unreachable_rounds BIGINT NOT NULL,
    call_rounds BIGINT NOT NULL,
    phone_corrections BIGINT NOT NULL,
    documents_supplied BIGINT NOT NULL,
    security_mark BIGINT NOT NULL,
    disowned BIGINT NOT NULL,
    appealed_at_us BIGINT,
    reapply_from_us BIGINT,
    customer BYTEA,
    CONSTRAINT application_token_unique UNIQUE (token_hash),
    CONSTRAINT application_limit_positive CHECK (requested_limit_minor > 0)
);
CREATE INDEX applications_by_state ON applications (state, id);
CREATE INDEX applications_by_change ON applications (state, changed_at_us);
CREATE INDEX applications_by_document ON applications (document_index);
CREATE INDEX applications_by_customer ON applications (customer);

-- Who holds a document or a telephone number while an application is open.
CREATE TABLE application_claims (
    claim BYTEA PRIMARY KEY,
    application BYTEA NOT NULL
) /* clustered */;
CREATE INDEX application_claims_by_application ON application_claims (application);

-- The first answer to each idempotency key.
CREATE TABLE application_keys (
    key_hash BYTEA PRIMARY KEY,
    request_hash BYTEA NOT NULL,
    application BYTEA,
    reapply_from_us BIGINT,
    created_at_us BIGINT NOT NULL
) /* clustered */;
CREATE INDEX application_keys_by_age ON application_keys (created_at_us);

-- What the outside checks said, once for each round.
CREATE TABLE application_checks (
    application BYTEA NOT NULL,
    round BIGINT NOT NULL,
    kind TEXT NOT NULL,
    opinion TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    error TEXT,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (application, round, kind)
) /* clustered */;

-- Each decision with everything it depended on, for replay.
CREATE TABLE application_decisions (
    application BYTEA NOT NULL,
    round BIGINT NOT NULL,
    rule_version BIGINT NOT NULL,
    inputs TEXT NOT NULL,
    outcome TEXT NOT NULL,
    limit_minor BIGINT,
    tier BIGINT,
    reasons TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (application, round)
) /* clustered */;

-- What happened to an application, in order.
CREATE TABLE application_steps (
    application BYTEA NOT NULL,
    number BIGINT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (application, number)
) /* clustered */;

-- Supplementary documents, sealed.
CREATE TABLE application_files (
    id BYTEA PRIMARY KEY,
    application BYTEA NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX application_files_by_application ON application_files (application);
