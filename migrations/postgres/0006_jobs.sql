-- Work that waits for its time: jobs, what was given up of them, what recurs; and what listeners
-- write down about events that were delivered.

-- A row is taken by raising its fence; whoever writes under an older one is refused. Rows are
-- changed often and live briefly, so that the table is vacuumed by number and not by share.
CREATE TABLE jobs (
    id            uuid PRIMARY KEY,
    -- NULL: the installation's own work.
    company_id    bigint,
    queue         text NOT NULL CHECK (queue IN ('calcom_sync', 'notifications', 'listeners', 'maintenance')),
    kind          text NOT NULL,
    payload       jsonb NOT NULL,
    -- Keeps a second wish for the same out until this one begins.
    dedupe_key    text,
    -- Jobs of one key run one after the other, by their sequence.
    order_key     text,
    sequence      bigint,
    run_at        timestamptz NOT NULL,
    -- When it was to run first: giving up is counted from here.
    due_since     timestamptz NOT NULL,
    attempt       integer NOT NULL DEFAULT 0,
    fence         bigint NOT NULL DEFAULT 0,
    locked_until  timestamptz,
    last_error    text,
    trace_parent  text,
    created_at    timestamptz NOT NULL,
    CONSTRAINT jobs_order CHECK ((order_key IS NULL) = (sequence IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
CREATE UNIQUE INDEX jobs_once ON jobs (queue, coalesce(company_id, 0), dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE INDEX jobs_due ON jobs (queue, run_at) INCLUDE (locked_until);
CREATE INDEX jobs_in_order ON jobs (queue, order_key, sequence) WHERE order_key IS NOT NULL;
SELECT keep_companies_apart('jobs');

-- Given up, or unreadable: here until a person decides.
CREATE TABLE dead_jobs (
    id            uuid PRIMARY KEY,
    company_id    bigint,
    queue         text NOT NULL,
    kind          text NOT NULL,
    payload       jsonb NOT NULL,
    order_key     text,
    sequence      bigint,
    run_at        timestamptz NOT NULL,
    attempt       integer NOT NULL,
    fence         bigint NOT NULL,
    trace_parent  text,
    created_at    timestamptz NOT NULL,
    died_at       timestamptz NOT NULL,
    reason        text NOT NULL
);
CREATE INDEX dead_jobs_by_queue ON dead_jobs (queue);
CREATE INDEX dead_jobs_by_age ON dead_jobs (died_at);
SELECT keep_companies_apart('dead_jobs');

-- One row for all instances: whoever moves it on is the one who fires.
CREATE TABLE schedules (
    name         text PRIMARY KEY,
    time_zone    text NOT NULL,
    expression   text NOT NULL,
    next_run_at  timestamptz NOT NULL
);

-- Where events go when they were relayed: the outbox holds only what is on its way.
CREATE TABLE appointment_events (
    company_id      bigint NOT NULL,
    appointment_id  uuid NOT NULL,
    sequence        bigint NOT NULL CHECK (sequence > 0),
    event           jsonb NOT NULL,
    occurred_at     timestamptz NOT NULL,
    PRIMARY KEY (company_id, appointment_id, sequence)
);
SELECT keep_companies_apart('appointment_events');

INSERT INTO appointment_events (company_id, appointment_id, sequence, event, occurred_at)
SELECT company_id, appointment_id, sequence, event, (event->>'occurred_at')::timestamptz
FROM outbox WHERE delivered_at IS NOT NULL;
DELETE FROM outbox WHERE delivered_at IS NOT NULL;
DROP INDEX outbox_undelivered;
ALTER TABLE outbox DROP COLUMN delivered_at, DROP COLUMN failed, DROP COLUMN last_error;
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);

-- The delivery log: one row per message that a customer should get, whatever became of it.
CREATE TABLE notifications (
    company_id      bigint NOT NULL,
    id              uuid NOT NULL,
    appointment_id  uuid NOT NULL,
    sequence        bigint NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('email', 'sms')),
    template        text NOT NULL,
    status          text NOT NULL CHECK (status IN ('queued', 'sent', 'not_sent', 'failed')),
    detail          text,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    CONSTRAINT notifications_once UNIQUE (company_id, appointment_id, sequence, channel, template)
);
SELECT keep_companies_apart('notifications');

CREATE TABLE analytics_daily (
    company_id  bigint NOT NULL,
    day         date NOT NULL,
    service_id  bigint NOT NULL,
    outcome     text NOT NULL,
    source      text NOT NULL,
    n           bigint NOT NULL CHECK (n > 0),
    PRIMARY KEY (company_id, day, service_id, outcome, source)
);
SELECT keep_companies_apart('analytics_daily');

-- What has been counted: an event that is told twice counts once.
CREATE TABLE analytics_counted (
    company_id      bigint NOT NULL,
    appointment_id  uuid NOT NULL,
    sequence        bigint NOT NULL,
    counted_at      timestamptz NOT NULL,
    PRIMARY KEY (company_id, appointment_id, sequence)
);
CREATE INDEX analytics_counted_by_age ON analytics_counted (counted_at);
SELECT keep_companies_apart('analytics_counted');

CREATE TABLE audit_log (
    company_id      bigint NOT NULL,
    seq             bigint NOT NULL,
    at              timestamptz NOT NULL,
    actor           text NOT NULL,
    action          text NOT NULL,
    appointment_id  uuid,
    -- Which change of the appointment, so that an event that is told twice is written once.
    sequence        bigint,
    detail          text,
    PRIMARY KEY (company_id, seq),
    CONSTRAINT audit_log_once UNIQUE (company_id, appointment_id, sequence)
);
SELECT keep_companies_apart('audit_log');

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER audit_log_stays BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What is kept for a while only is found by its age; the ids of sagas begin with their time.
CREATE INDEX sagas_done ON sagas (id) WHERE phase = 'done';
