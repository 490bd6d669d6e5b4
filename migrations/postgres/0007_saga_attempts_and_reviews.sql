-- What was tried at Cal.com, what people are asked, and what a move must remember.

-- While it is moved: whether the host had accepted the old time, and why it is moved.
ALTER TABLE appointments
    ADD COLUMN accepted_before boolean,
    ADD COLUMN reschedule_reason text,
    ADD CONSTRAINT appointments_move_data CHECK (
        state = 'rescheduling' OR num_nonnulls(accepted_before, reschedule_reason) = 0);

ALTER TABLE sagas
    DROP CONSTRAINT sagas_kind_check,
    ADD CONSTRAINT sagas_kind_check CHECK (
        kind IN ('create', 'reschedule', 'cancel', 'discard', 'rebook', 'guard'));

-- One row per call and per look-up. A call without an end was cut off: nobody knows its outcome.
CREATE TABLE saga_attempts (
    company_id  bigint NOT NULL,
    saga_id     uuid NOT NULL,
    attempt     integer NOT NULL CHECK (attempt > 0),
    kind        text NOT NULL CHECK (kind IN ('call', 'look_up')),
    fence       bigint NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    outcome     text,
    detail      text,
    PRIMARY KEY (company_id, saga_id, attempt),
    CONSTRAINT saga_attempts_saga_fk FOREIGN KEY (company_id, saga_id) REFERENCES sagas ON DELETE CASCADE,
    CONSTRAINT saga_attempts_end CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
SELECT keep_companies_apart('saga_attempts');

CREATE INDEX sagas_by_appointment ON sagas (company_id, appointment_id);

-- Questions to a person: at most one open of a kind for one appointment.
CREATE TABLE reviews (
    company_id      bigint NOT NULL,
    id              uuid NOT NULL,
    appointment_id  uuid NOT NULL,
    reason          text NOT NULL,
    detail          text NOT NULL,
    opened_at       timestamptz NOT NULL,
    resolved_at     timestamptz,
    action          text CHECK (action IN ('keep_local', 'keep_calcom', 'retry', 'dismiss', 'settled')),
    resolved_by     text,
    note            text,
    PRIMARY KEY (company_id, id),
    CONSTRAINT reviews_appointment_fk FOREIGN KEY (company_id, appointment_id) REFERENCES appointments,
    CONSTRAINT reviews_answer CHECK (num_nonnulls(resolved_at, action, resolved_by) IN (0, 3))
);
CREATE UNIQUE INDEX reviews_open_once ON reviews (company_id, appointment_id, reason) WHERE resolved_at IS NULL;
CREATE INDEX reviews_by_age ON reviews (company_id, opened_at, id);
SELECT keep_companies_apart('reviews');

INSERT INTO reviews (company_id, id, appointment_id, reason, detail, opened_at)
SELECT company_id, gen_random_uuid(), id, review_reason, coalesce(sync_error, ''), review_flagged_at
FROM appointments WHERE review_reason IS NOT NULL;
