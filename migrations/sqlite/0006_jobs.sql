-- Work that waits for its time: jobs, what was given up of them, what recurs; and what listeners
-- write down about events that were delivered.

-- Whoever takes a row raises its fence; whoever writes under an older one is refused.
CREATE TABLE jobs (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    -- NULL: the installation's own work.
    company_id    INTEGER REFERENCES companies,
    queue         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    payload       TEXT NOT NULL,
    -- Keeps a second wish for the same out until this one begins.
    dedupe_key    TEXT,
    -- Jobs of one key run one after the other, by their sequence.
    order_key     TEXT,
    sequence      INTEGER,
    run_at        INTEGER NOT NULL,
    -- When it was to run first: giving up is counted from here.
    due_since     INTEGER NOT NULL,
    attempt       INTEGER NOT NULL DEFAULT 0,
    fence         INTEGER NOT NULL DEFAULT 0,
    locked_until  INTEGER,
    last_error    TEXT,
    trace_parent  TEXT,
    CHECK ((order_key IS NULL) = (sequence IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX jobs_once ON jobs (queue, coalesce(company_id, 0), dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX jobs_due ON jobs (queue, run_at, locked_until);
CREATE INDEX jobs_in_order ON jobs (queue, order_key, sequence) WHERE order_key IS NOT NULL;

-- Given up, or unreadable: here until a person decides.
CREATE TABLE dead_jobs (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    company_id    INTEGER REFERENCES companies,
    queue         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    payload       TEXT NOT NULL,
    order_key     TEXT,
    sequence      INTEGER,
    run_at        INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    fence         INTEGER NOT NULL,
    trace_parent  TEXT,
    died_at       INTEGER NOT NULL,
    reason        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_jobs_by_age ON dead_jobs (died_at);

CREATE TABLE schedules (
    name         TEXT PRIMARY KEY,
    time_zone    TEXT NOT NULL,
    expression   TEXT NOT NULL,
    next_run_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where events go when they were relayed: the outbox holds only what is on its way.
CREATE TABLE appointment_events (
    company_id      INTEGER NOT NULL REFERENCES companies,
    appointment_id  BLOB NOT NULL,
    sequence        INTEGER NOT NULL CHECK (sequence > 0),
    event           TEXT NOT NULL,
    occurred_at     INTEGER NOT NULL,
    PRIMARY KEY (company_id, appointment_id, sequence)
) STRICT, WITHOUT ROWID;

INSERT INTO appointment_events (company_id, appointment_id, sequence, event, occurred_at)
SELECT company_id, appointment_id, sequence, event,
       unixepoch(json_extract(event, '$.occurred_at')) * 1000000
FROM outbox WHERE delivered_at IS NOT NULL;
DELETE FROM outbox WHERE delivered_at IS NOT NULL;
DROP INDEX outbox_undelivered;
ALTER TABLE outbox DROP COLUMN delivered_at;
ALTER TABLE outbox DROP COLUMN failed;
ALTER TABLE outbox DROP COLUMN last_error;

-- The delivery log: one row per message that a customer should get, whatever became of it.
CREATE TABLE notifications (
    company_id      INTEGER NOT NULL REFERENCES companies,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    appointment_id  BLOB NOT NULL,
    sequence        INTEGER NOT NULL,
    channel         TEXT NOT NULL,
    template        TEXT NOT NULL,
    status          TEXT NOT NULL,
    detail          TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, appointment_id, sequence, channel, template)
) STRICT, WITHOUT ROWID;

CREATE TABLE analytics_daily (
    company_id  INTEGER NOT NULL REFERENCES companies,
    day         TEXT NOT NULL,
    service_id  INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    source      TEXT NOT NULL,
    n           INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (company_id, day, service_id, outcome, source)
) STRICT, WITHOUT ROWID;

-- What has been counted: an event that is told twice counts once.
CREATE TABLE analytics_counted (
    company_id      INTEGER NOT NULL REFERENCES companies,
    appointment_id  BLOB NOT NULL,
    sequence        INTEGER NOT NULL,
    counted_at      INTEGER NOT NULL,
    PRIMARY KEY (company_id, appointment_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX analytics_counted_by_age ON analytics_counted (counted_at);

CREATE TABLE audit_log (
    company_id      INTEGER NOT NULL REFERENCES companies,
    seq             INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    actor           TEXT NOT NULL,
    action          TEXT NOT NULL,
    appointment_id  BLOB,
    -- Which change of the appointment, so that an event that is told twice is written once.
    sequence        INTEGER,
    detail          TEXT,
    PRIMARY KEY (company_id, seq),
    UNIQUE (company_id, appointment_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;
CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END;

-- What is to be noted as completed.
CREATE INDEX appointments_over ON appointments (ends_at) WHERE state IN ('scheduled', 'confirmed');
