-- A customer asks to be called at a number: the one on file, or another. Whoever answers decides.
CREATE TABLE call_number_check (
    id BYTEA PRIMARY KEY,
    customer BYTEA NOT NULL,
    phone TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at_us BIGINT NOT NULL,
    ended_at_us BIGINT
);
CREATE INDEX call_number_check_customer ON call_number_check (customer, id);
