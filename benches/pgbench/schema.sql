-- What the reference points of benches/run work on: the least that a durable booking needs.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE appointments (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    resource_id integer NOT NULL,
    during      tstzrange NOT NULL,
    status      text NOT NULL DEFAULT 'booked',
    created_at  timestamptz NOT NULL DEFAULT now(),
    EXCLUDE USING gist (resource_id WITH =, during WITH &&) WHERE (status <> 'cancelled')
);
CREATE TABLE outbox (
    id         bigserial PRIMARY KEY,
    kind       text NOT NULL,
    ref        uuid NOT NULL,
    payload    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE TABLE inbox (
    event_id    text PRIMARY KEY,
    payload     text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
