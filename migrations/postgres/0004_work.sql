-- What is on its way: events to listeners, wishes to Cal.com, answers to repeats, webhooks received.

CREATE TABLE outbox (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id      bigint NOT NULL,
    appointment_id  uuid NOT NULL,
    sequence        bigint NOT NULL CHECK (sequence > 0),
    event           jsonb NOT NULL,
    due_at          timestamptz NOT NULL,
    leased_until    timestamptz,
    failed          integer NOT NULL DEFAULT 0,
    last_error      text,
    delivered_at    timestamptz,
    CONSTRAINT outbox_once UNIQUE (company_id, appointment_id, sequence)
);
CREATE INDEX outbox_undelivered ON outbox (id) INCLUDE (due_at, leased_until) WHERE delivered_at IS NULL;
SELECT keep_companies_apart('outbox');

CREATE TABLE sagas (
    company_id      bigint NOT NULL,
    id              uuid NOT NULL,
    appointment_id  uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('create', 'reschedule', 'cancel')),
    phase           text NOT NULL CHECK (phase IN ('ready', 'calling', 'looking_up', 'done', 'stuck')),
    saga            jsonb NOT NULL,
    due_at          timestamptz,
    leased_until    timestamptz,
    -- Grows with every lease: a write under an older fence is refused.
    fence           bigint NOT NULL CHECK (fence > 0),
    PRIMARY KEY (company_id, id),
    CONSTRAINT sagas_appointment_fk FOREIGN KEY (company_id, appointment_id) REFERENCES appointments,
    CONSTRAINT sagas_end CHECK (phase <> 'done' OR due_at IS NULL)
);
CREATE INDEX sagas_due ON sagas (due_at) INCLUDE (leased_until) WHERE due_at IS NOT NULL;
CREATE INDEX sagas_unfinished ON sagas (company_id, appointment_id) WHERE phase <> 'done';
SELECT keep_companies_apart('sagas');

-- No reference to appointments: a key is claimed before its appointment is written.
CREATE TABLE idempotency_keys (
    company_id      bigint NOT NULL,
    key             text NOT NULL,
    fingerprint     text NOT NULL,
    appointment_id  uuid NOT NULL,
    outcome         jsonb,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
SELECT keep_companies_apart('idempotency_keys');

-- The body of a webhook holds personal data: it is kept only until the webhook is settled, or while
-- a person has to look at it.
CREATE TABLE webhook_inbox (
    company_id      bigint NOT NULL,
    key             text NOT NULL,
    trigger         text NOT NULL,
    booking_uid     text,
    body            text,
    received_at     timestamptz NOT NULL,
    status          text CHECK (status IN ('processed', 'ignored', 'quarantined')),
    appointment_id  uuid,
    reason          text,
    PRIMARY KEY (company_id, key),
    CONSTRAINT webhook_inbox_body CHECK (status IS NULL OR status = 'quarantined' OR body IS NULL)
);
CREATE INDEX webhook_inbox_by_uid ON webhook_inbox (company_id, booking_uid) INCLUDE (trigger) WHERE booking_uid IS NOT NULL;
CREATE INDEX webhook_inbox_quarantined ON webhook_inbox (company_id, received_at) WHERE status = 'quarantined';
CREATE INDEX webhook_inbox_by_age ON webhook_inbox (received_at);
SELECT keep_companies_apart('webhook_inbox');
