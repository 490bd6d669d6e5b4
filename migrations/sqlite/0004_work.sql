-- What is on its way: events to listeners, wishes to Cal.com, answers to repeats, webhooks received.

CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    company_id      INTEGER NOT NULL REFERENCES companies,
    appointment_id  BLOB NOT NULL,
    sequence        INTEGER NOT NULL CHECK (sequence > 0),
    event           TEXT NOT NULL,
    -- When it is to be delivered next: at once, after a pause, or when a lease is over.
    due_at          INTEGER NOT NULL,
    failed          INTEGER NOT NULL DEFAULT 0,
    last_error      TEXT,
    delivered_at    INTEGER,
    UNIQUE (company_id, appointment_id, sequence)
) STRICT;
CREATE INDEX outbox_undelivered ON outbox (id, due_at) WHERE delivered_at IS NULL;

CREATE TABLE sagas (
    company_id      INTEGER NOT NULL REFERENCES companies,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    appointment_id  BLOB NOT NULL,
    kind            TEXT NOT NULL,
    phase           TEXT NOT NULL,
    saga            TEXT NOT NULL,
    -- When somebody has to look again: as the saga says, or when a lease is over.
    due_at          INTEGER,
    -- Grows with every lease: a write under an older fence is refused.
    fence           INTEGER NOT NULL CHECK (fence > 0),
    PRIMARY KEY (company_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sagas_due ON sagas (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sagas_unfinished ON sagas (company_id, appointment_id) WHERE phase <> 'done';

CREATE TABLE idempotency_keys (
    company_id      INTEGER NOT NULL REFERENCES companies,
    key             TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    appointment_id  BLOB NOT NULL,
    outcome         TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (company_id, key)
) STRICT, WITHOUT ROWID;

-- The body of a webhook holds personal data: it is kept only until the webhook is settled, or while
-- a person has to look at it.
CREATE TABLE webhook_inbox (
    company_id      INTEGER NOT NULL REFERENCES companies,
    key             TEXT NOT NULL,
    trigger         TEXT NOT NULL,
    booking_uid     TEXT,
    body            TEXT,
    received_at     INTEGER NOT NULL,
    status          TEXT,
    appointment_id  BLOB,
    reason          TEXT,
    PRIMARY KEY (company_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_inbox_by_uid ON webhook_inbox (company_id, booking_uid, trigger);
CREATE INDEX webhook_inbox_quarantined ON webhook_inbox (company_id, received_at)
    WHERE status = 'quarantined';
