-- The rules of risk, each under the version that assessments name: from 2 on. Version 1 is named by
-- assessments that were made before rules were kept.
CREATE TABLE risk_rules (
    version BIGINT PRIMARY KEY,
    rules TEXT NOT NULL,
    -- A number of the ledger: payments below it were not assessed by these rules.
    from_number BIGINT NOT NULL
);

-- What profiles learned besides transfers, under a number of the ledger, so that the order is known.
-- Sign: 0 busy line, 1 failed second factor, 2 wrong keys.
CREATE TABLE warning_signs (
    id BIGINT PRIMARY KEY,
    account BIGINT NOT NULL,
    sign BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);

-- Accounts in a row that were opened with a habit; others begin without one.
CREATE TABLE opening_profiles (
    first_account BIGINT PRIMARY KEY,
    last_account BIGINT NOT NULL,
    profile BYTEA NOT NULL
);
