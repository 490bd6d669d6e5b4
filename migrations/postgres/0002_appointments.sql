-- Customers, their appointments, and what these take.

-- The only table with personal data: erasing a customer is one row.
CREATE TABLE customers (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id  bigint NOT NULL,
    name        text,
    email       text,
    phone       text,
    locale      text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_company UNIQUE (company_id, id),
    CONSTRAINT customers_company_fk FOREIGN KEY (company_id) REFERENCES companies
);
CREATE UNIQUE INDEX customers_phone ON customers (company_id, phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX customers_email ON customers (company_id, email) WHERE email IS NOT NULL;
SELECT keep_companies_apart('customers');

CREATE TABLE appointments (
    company_id            bigint NOT NULL,
    id                    uuid NOT NULL,
    branch_id             bigint,
    service_id            bigint NOT NULL,
    event_type_id         bigint,
    customer_id           bigint NOT NULL,
    wanted_staff_id       bigint,
    staff_id              bigint,
    starts_at             timestamptz NOT NULL CHECK (isfinite(starts_at)),
    ends_at               timestamptz NOT NULL CHECK (isfinite(ends_at)),
    reschedule_starts_at  timestamptz CHECK (isfinite(reschedule_starts_at)),
    reschedule_ends_at    timestamptz CHECK (isfinite(reschedule_ends_at)),
    time_zone             text NOT NULL,
    state                 text NOT NULL,
    booking_uid           text,
    booking_source        text NOT NULL,
    sync_origin           text NOT NULL,
    sync_status           text NOT NULL,
    sync_error            text,
    review_reason         text,
    review_flagged_at     timestamptz,
    created_by            text NOT NULL,
    rescheduled_by        text,
    cancelled_by          text,
    cancelled_at          timestamptz,
    cancelled_origin      text,
    cancellation_reason   text,
    notes                 text,
    metadata              jsonb NOT NULL,
    remote_changed_at     timestamptz,
    version               bigint NOT NULL CHECK (version > 0),
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    CONSTRAINT appointments_branch_fk FOREIGN KEY (company_id, branch_id) REFERENCES branches (company_id, id),
    CONSTRAINT appointments_service_fk FOREIGN KEY (company_id, service_id) REFERENCES services (company_id, id),
    CONSTRAINT appointments_customer_fk FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    CONSTRAINT appointments_wanted_staff_fk FOREIGN KEY (company_id, wanted_staff_id) REFERENCES staff (company_id, id),
    CONSTRAINT appointments_staff_fk FOREIGN KEY (company_id, staff_id) REFERENCES staff (company_id, id),
    CONSTRAINT appointments_words CHECK (
        state IN ('pending', 'scheduled', 'confirmed', 'rescheduling', 'cancelling', 'cancelled', 'completed', 'no_show')
        AND sync_status IN ('pending', 'synced', 'failed', 'not_required')
        AND booking_source IN ('calcom', 'retell', 'admin', 'api', 'system')
        AND sync_origin IN ('calcom', 'retell', 'admin', 'api', 'system')
        AND cancelled_origin IN ('calcom', 'retell', 'admin', 'api', 'system')),
    -- Every state has exactly its data.
    CONSTRAINT appointments_range CHECK (starts_at < ends_at),
    CONSTRAINT appointments_move CHECK (
        num_nonnulls(reschedule_starts_at, reschedule_ends_at) = CASE state WHEN 'rescheduling' THEN 2 ELSE 0 END
        AND reschedule_starts_at < reschedule_ends_at IS NOT FALSE),
    CONSTRAINT appointments_cancellation CHECK (
        CASE
            WHEN state IN ('cancelling', 'cancelled') THEN num_nonnulls(cancelled_by, cancelled_at, cancelled_origin) = 3
            WHEN state = 'pending' THEN num_nonnulls(cancelled_by, cancelled_at, cancelled_origin) IN (0, 3)
            ELSE num_nonnulls(cancelled_by, cancelled_at, cancelled_origin, cancellation_reason) = 0
        END),
    CONSTRAINT appointments_placement CHECK (
        (state <> 'pending' OR booking_uid IS NULL)
        AND (state NOT IN ('pending', 'cancelled') OR staff_id IS NULL)),
    CONSTRAINT appointments_review CHECK (num_nonnulls(review_reason, review_flagged_at) IN (0, 2))
);
-- Lists are in the order of beginning and id; "from now on" is the usual question.
CREATE INDEX appointments_by_start ON appointments (company_id, starts_at, id);
CREATE INDEX appointments_by_end ON appointments (company_id, ends_at);
CREATE INDEX appointments_live ON appointments (company_id, starts_at, id)
    WHERE state IN ('pending', 'scheduled', 'confirmed', 'rescheduling', 'cancelling');
CREATE INDEX appointments_unsynced ON appointments (company_id, starts_at, id)
    WHERE sync_status IN ('pending', 'failed');
CREATE INDEX appointments_in_review ON appointments (company_id, starts_at, id)
    WHERE review_reason IS NOT NULL;
CREATE INDEX appointments_by_customer ON appointments (company_id, customer_id, starts_at);
SELECT keep_companies_apart('appointments');

-- Every name an appointment has, or ever had, at Cal.com: a move gives it a new one.
CREATE TABLE appointment_booking_uids (
    company_id      bigint NOT NULL,
    booking_uid     text NOT NULL,
    appointment_id  uuid NOT NULL,
    PRIMARY KEY (company_id, booking_uid) INCLUDE (appointment_id),
    CONSTRAINT appointment_booking_uids_fk FOREIGN KEY (company_id, appointment_id) REFERENCES appointments
);
CREATE INDEX appointment_booking_uids_by_appointment ON appointment_booking_uids (company_id, appointment_id);
SELECT keep_companies_apart('appointment_booking_uids');

-- What holds and bookings take: one narrow row per time an appointment takes. This is the lock that
-- keeps two appointments from the same person at the same time.
--
-- The family is the appointment; it may overlap itself (a move books the new time before it gives
-- up the old one). No reference to appointments: a claim is written before its appointment.
-- The bounds stand in columns of their own because `&&` on a range is not leakproof, so row-level
-- security would keep look-ups from using an index for it; the constraint itself is not affected.
-- The family is in the constraint as bytes, so that nobody is tempted to look it up in that index,
-- where it can only be found by reading most of it: `live_claims_slot` is for that.
CREATE TABLE live_claims (
    claim_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    company_id      bigint NOT NULL,
    -- 1: a person's time (unit 0). 2: one place (unit 1, 2, …) of a service without staff.
    resource_kind   smallint NOT NULL,
    resource_id     bigint NOT NULL,
    unit            integer NOT NULL,
    family          uuid NOT NULL,
    -- The appointment's own time: names the claim among those of its family.
    slot_starts_at  timestamptz NOT NULL,
    slot_ends_at    timestamptz NOT NULL,
    -- Buffers included.
    taken_from      timestamptz NOT NULL CHECK (isfinite(taken_from)),
    taken_until     timestamptz NOT NULL CHECK (isfinite(taken_until)),
    during          tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(taken_from, taken_until, '[)')) STORED,
    -- The customer's wish: not to be swapped for somebody else.
    pinned          boolean NOT NULL,
    CONSTRAINT live_claims_range CHECK (taken_from < taken_until),
    CONSTRAINT live_claims_resource CHECK (
        (resource_kind = 1 AND unit = 0) OR (resource_kind = 2 AND unit > 0)),
    CONSTRAINT live_claims_slot UNIQUE (company_id, family, slot_starts_at, slot_ends_at) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT live_claims_no_overlap EXCLUDE USING gist (
        company_id WITH =, resource_kind WITH =, resource_id WITH =, unit WITH =,
        during WITH &&, uuid_send(family) WITH <>)
);
CREATE INDEX live_claims_by_resource ON live_claims
    (company_id, resource_kind, resource_id, taken_until) INCLUDE (unit, taken_from);
SELECT keep_companies_apart('live_claims');
