-- content and contact are sealed: amounts, names, links; telephone number and e-mail address.
-- once: recipient, kind and subject, so that no handler sends the same message twice.
CREATE TABLE message (
    id BYTEA PRIMARY KEY,
    once BYTEA NOT NULL,
    customer BYTEA,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    language TEXT NOT NULL,
    content BYTEA NOT NULL,
    contact BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    CONSTRAINT message_once UNIQUE (once)
);
CREATE INDEX message_customer ON message (customer, id);

CREATE TABLE message_delivery (
    message BYTEA NOT NULL,
    channel TEXT NOT NULL,
    delivered_at BIGINT,
    problem TEXT,
    PRIMARY KEY (message, channel)
) /* clustered */;

CREATE TABLE message_preference (
    customer BYTEA PRIMARY KEY,
    sms BIGINT NOT NULL,
    email BIGINT NOT NULL
) /* clustered */;
