-- One row. It hands out numbers in order and is locked by whoever writes transfers.
CREATE TABLE ledger_head (
    id BIGINT PRIMARY KEY,
    last_number BIGINT NOT NULL,
    last_account BIGINT NOT NULL,
    -- Answers below this number have been forgotten.
    answers_from BIGINT NOT NULL
);
INSERT INTO ledger_head (id, last_number, last_account, answers_from) VALUES (1, 0, 1000, 0);

-- Derived from the transfers and the open holds. Kind: 0 bank rail, 1 customer.
CREATE TABLE accounts (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    currency TEXT NOT NULL,
    posted_minor BIGINT NOT NULL,
    held_minor BIGINT NOT NULL,
    payment_limit_minor BIGINT NOT NULL,
    day_limit_minor BIGINT NOT NULL,
    year_limit_minor BIGINT NOT NULL,
    balance_limit_minor BIGINT NOT NULL,
    day BIGINT NOT NULL,
    day_used_minor BIGINT NOT NULL,
    -- Zero: the limit is for life.
    year BIGINT NOT NULL,
    year_used_minor BIGINT NOT NULL,
    frozen_at_us BIGINT,
    profile BYTEA NOT NULL,
    CONSTRAINT account_covers_its_holds CHECK (kind = 0 OR posted_minor >= held_minor),
    CONSTRAINT account_held_not_negative CHECK (held_minor >= 0)
);

CREATE TABLE wallets (
    id BYTEA PRIMARY KEY,
    number TEXT NOT NULL,
    customer BYTEA NOT NULL,
    account BIGINT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    tier BIGINT NOT NULL,
    opened_at_us BIGINT NOT NULL,
    frozen_by TEXT,
    frozen_reason TEXT,
    CONSTRAINT wallet_number_unique UNIQUE (number),
    CONSTRAINT wallet_customer_unique UNIQUE (customer),
    CONSTRAINT wallet_account_unique UNIQUE (account)
);
CREATE INDEX wallets_by_phone ON wallets (phone);

-- The truth. A payment that is posted at once has its transfer under its own number; payment 0
-- is an opening balance.
CREATE TABLE transfers (
    id BIGINT PRIMARY KEY,
    payment BIGINT NOT NULL,
    debit_account BIGINT NOT NULL,
    credit_account BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    CONSTRAINT transfer_amount_positive CHECK (amount_minor > 0),
    CONSTRAINT transfer_between_two CHECK (debit_account <> credit_account)
);

-- State: 0 held, 1 posted, 2 voided, 3 refused for risk. Kind: 0 transfer, 1 top-up.
CREATE TABLE payments (
    id BIGINT PRIMARY KEY,
    nonce BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    state BIGINT NOT NULL,
    payer_account BIGINT NOT NULL,
    payee_account BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    day BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    note TEXT NOT NULL,
    assessment TEXT NOT NULL
);
CREATE INDEX payments_by_payer ON payments (payer_account, id);
CREATE INDEX payments_by_payee ON payments (payee_account, id);

-- Under the order's number, so that the oldest are forgotten by range.
CREATE TABLE answers (
    id BIGINT PRIMARY KEY,
    key BYTEA NOT NULL,
    request BYTEA NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT answer_key_unique UNIQUE (key)
);

-- State: as in payments, without refused.
CREATE TABLE holds (
    payment BIGINT PRIMARY KEY,
    payer_account BIGINT NOT NULL,
    state BIGINT NOT NULL,
    day BIGINT NOT NULL,
    year BIGINT NOT NULL,
    deadline_us BIGINT NOT NULL,
    latest_deadline_us BIGINT NOT NULL,
    extended BIGINT NOT NULL,
    details_call BYTEA,
    details_played_at_us BIGINT,
    ended_at_us BIGINT,
    ended_by TEXT,
    end_reason TEXT,
    transfer BIGINT
);
CREATE INDEX holds_by_deadline ON holds (state, deadline_us);
CREATE INDEX holds_by_payer ON holds (payer_account, state);
