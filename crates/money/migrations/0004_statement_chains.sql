-- A statement is a chain from an account's last payment to the one before it, and so on: no index has
-- to be kept at random places for each payment. Zero: there is none.
ALTER TABLE accounts ADD COLUMN last_payment BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments ADD COLUMN payer_previous BIGINT NOT NULL DEFAULT 0;
-- What was refused for its risk never reaches its payee's statement.
ALTER TABLE payments ADD COLUMN payee_previous BIGINT NOT NULL DEFAULT 0;
UPDATE payments SET
    payer_previous = (SELECT COALESCE(MAX(id), 0) FROM (
        SELECT id FROM (SELECT q.id FROM payments q
            WHERE q.payer_account = payments.payer_account AND q.id < payments.id
            ORDER BY q.id DESC LIMIT 1) AS paid
        UNION ALL
        SELECT id FROM (SELECT q.id FROM payments q
            WHERE q.payee_account = payments.payer_account AND q.id < payments.id AND q.state <> 3
            ORDER BY q.id DESC LIMIT 1) AS received) AS earlier),
    payee_previous = CASE WHEN state = 3 THEN 0 ELSE (SELECT COALESCE(MAX(id), 0) FROM (
        SELECT id FROM (SELECT q.id FROM payments q
            WHERE q.payer_account = payments.payee_account AND q.id < payments.id
            ORDER BY q.id DESC LIMIT 1) AS paid
        UNION ALL
        SELECT id FROM (SELECT q.id FROM payments q
            WHERE q.payee_account = payments.payee_account AND q.id < payments.id AND q.state <> 3
            ORDER BY q.id DESC LIMIT 1) AS received) AS earlier) END;
UPDATE accounts SET last_payment = (SELECT COALESCE(MAX(id), 0) FROM (
    SELECT id FROM (SELECT q.id FROM payments q WHERE q.payer_account = accounts.id
        ORDER BY q.id DESC LIMIT 1) AS paid
    UNION ALL
    SELECT id FROM (SELECT q.id FROM payments q WHERE q.payee_account = accounts.id AND q.state <> 3
        ORDER BY q.id DESC LIMIT 1) AS received) AS latest);
DROP INDEX payments_by_payer;
DROP INDEX payments_by_payee;
