-- The least that a ledger in PostgreSQL does: two balances, one transfer, one unique key.
CREATE TABLE peer_accounts (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0));
CREATE TABLE peer_transfers (
    id bigserial PRIMARY KEY,
    key text NOT NULL UNIQUE,
    debit bigint NOT NULL,
    credit bigint NOT NULL,
    amount bigint NOT NULL,
    at timestamptz NOT NULL
);
INSERT INTO peer_accounts SELECT id, 10000000 FROM generate_series(1, 10000) AS id;
CREATE FUNCTION peer_pay(a_key text, a_debit bigint, a_credit bigint, an_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE made bigint;
BEGIN
    PERFORM 1 FROM peer_accounts WHERE id IN (a_debit, a_credit) ORDER BY id FOR UPDATE;
    UPDATE peer_accounts SET balance = balance - an_amount WHERE id = a_debit;
    UPDATE peer_accounts SET balance = balance + an_amount WHERE id = a_credit;
    INSERT INTO peer_transfers (key, debit, credit, amount, at)
        VALUES (a_key, a_debit, a_credit, an_amount, now()) RETURNING id INTO made;
    RETURN made;
END $$;
ANALYZE peer_accounts;
