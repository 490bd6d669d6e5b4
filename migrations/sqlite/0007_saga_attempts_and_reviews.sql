-- What was tried at Cal.com, what people are asked, and what a move must remember.

-- While it is moved: whether the host had accepted the old time, and why it is moved.
ALTER TABLE appointments ADD COLUMN accepted_before INTEGER;
ALTER TABLE appointments ADD COLUMN reschedule_reason TEXT;

-- One row per call and per look-up. A call without an end was cut off: nobody knows its outcome.
CREATE TABLE saga_attempts (
    company_id  INTEGER NOT NULL,
    saga_id     BLOB NOT NULL,
    attempt     INTEGER NOT NULL CHECK (attempt > 0),
    kind        TEXT NOT NULL,
    fence       INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    outcome     TEXT,
    detail      TEXT,
    PRIMARY KEY (company_id, saga_id, attempt),
    FOREIGN KEY (company_id, saga_id) REFERENCES sagas (company_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX sagas_by_appointment ON sagas (company_id, appointment_id);

-- Questions to a person: at most one open of a kind for one appointment.
CREATE TABLE reviews (
    company_id      INTEGER NOT NULL,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    appointment_id  BLOB NOT NULL,
    reason          TEXT NOT NULL,
    detail          TEXT NOT NULL,
    opened_at       INTEGER NOT NULL,
    resolved_at     INTEGER,
    action          TEXT,
    resolved_by     TEXT,
    note            TEXT,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, appointment_id) REFERENCES appointments (company_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reviews_open_once ON reviews (company_id, appointment_id, reason)
    WHERE resolved_at IS NULL;
CREATE INDEX reviews_by_age ON reviews (company_id, opened_at, id);

INSERT INTO reviews (company_id, id, appointment_id, reason, detail, opened_at)
SELECT company_id, randomblob(16), id, review_reason, coalesce(sync_error, ''), review_flagged_at
FROM appointments WHERE review_reason IS NOT NULL;
