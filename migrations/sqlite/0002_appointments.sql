-- Customers, their appointments, and what these take.

-- The only table with names and addresses: erasing a customer is one row.
CREATE TABLE customers (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    company_id  INTEGER NOT NULL REFERENCES companies,
    name        TEXT,
    email       TEXT,
    phone       TEXT,
    locale      TEXT,
    UNIQUE (company_id, id)
) STRICT;
CREATE UNIQUE INDEX customers_phone ON customers (company_id, phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX customers_email ON customers (company_id, email) WHERE email IS NOT NULL;

CREATE TABLE appointments (
    company_id            INTEGER NOT NULL,
    id                    BLOB NOT NULL CHECK (length(id) = 16),
    branch_id             INTEGER,
    service_id            INTEGER NOT NULL,
    event_type_id         INTEGER,
    customer_id           INTEGER NOT NULL,
    wanted_staff_id       INTEGER,
    staff_id              INTEGER,
    starts_at             INTEGER NOT NULL,
    ends_at               INTEGER NOT NULL,
    reschedule_starts_at  INTEGER,
    reschedule_ends_at    INTEGER,
    time_zone             TEXT NOT NULL,
    state                 TEXT NOT NULL,
    booking_uid           TEXT,
    booking_source        TEXT NOT NULL,
    sync_origin           TEXT NOT NULL,
    sync_status           TEXT NOT NULL,
    sync_error            TEXT,
    review_reason         TEXT,
    review_flagged_at     INTEGER,
    created_by            TEXT NOT NULL,
    rescheduled_by        TEXT,
    cancelled_by          TEXT,
    cancelled_at          INTEGER,
    cancelled_origin      TEXT,
    cancellation_reason   TEXT,
    notes                 TEXT,
    metadata              TEXT NOT NULL,
    remote_changed_at     INTEGER,
    version               INTEGER NOT NULL CHECK (version > 0),
    created_at            INTEGER NOT NULL,
    updated_at            INTEGER NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, branch_id) REFERENCES branches (company_id, id),
    FOREIGN KEY (company_id, service_id) REFERENCES services (company_id, id),
    FOREIGN KEY (company_id, customer_id) REFERENCES customers (company_id, id),
    FOREIGN KEY (company_id, wanted_staff_id) REFERENCES staff (company_id, id),
    FOREIGN KEY (company_id, staff_id) REFERENCES staff (company_id, id),
    CHECK (starts_at < ends_at),
    CHECK (reschedule_starts_at < reschedule_ends_at),
    CHECK ((reschedule_starts_at IS NULL) = (reschedule_ends_at IS NULL)),
    CHECK ((state = 'rescheduling') = (reschedule_starts_at IS NOT NULL)),
    CHECK ((review_reason IS NULL) = (review_flagged_at IS NULL))
) STRICT;
-- Lists are in the order of beginning and id; "from now on" is the usual question.
CREATE INDEX appointments_by_start ON appointments (company_id, starts_at, id);
CREATE INDEX appointments_by_end ON appointments (company_id, ends_at);
CREATE INDEX appointments_by_customer ON appointments (company_id, customer_id, starts_at);

-- Every name an appointment has, or ever had, at Cal.com: a move gives it a new one.
CREATE TABLE appointment_booking_uids (
    company_id      INTEGER NOT NULL,
    booking_uid     TEXT NOT NULL,
    appointment_id  BLOB NOT NULL,
    PRIMARY KEY (company_id, booking_uid),
    FOREIGN KEY (company_id, appointment_id) REFERENCES appointments (company_id, id)
) STRICT, WITHOUT ROWID;

-- What holds and bookings take: one narrow row per time an appointment takes. Before a row is
-- written, the same transaction has looked for an overlap; since only one transaction writes at a
-- time, that is the lock that keeps two appointments from the same person at the same time.
--
-- The family is the appointment; it may overlap itself (a move books the new time before it gives
-- up the old one), also with the same beginning and another length.
CREATE TABLE live_claims (
    company_id      INTEGER NOT NULL,
    family          BLOB NOT NULL,
    slot_starts_at  INTEGER NOT NULL,
    slot_ends_at    INTEGER NOT NULL,
    -- 1: a person's time (unit 0). 2: one place (unit 1, 2, …) of a service without staff.
    resource_kind   INTEGER NOT NULL,
    resource_id     INTEGER NOT NULL,
    unit            INTEGER NOT NULL,
    -- Buffers included.
    taken_from      INTEGER NOT NULL,
    taken_until     INTEGER NOT NULL,
    -- The customer's wish: not to be swapped for somebody else.
    pinned          INTEGER NOT NULL,
    PRIMARY KEY (company_id, family, slot_starts_at, slot_ends_at),
    CHECK (taken_from < taken_until),
    CHECK ((resource_kind = 1 AND unit = 0) OR (resource_kind = 2 AND unit > 0))
) STRICT, WITHOUT ROWID;
-- By the end, so that a look for overlaps skips everything that is over.
CREATE INDEX live_claims_by_resource ON live_claims
    (company_id, resource_kind, resource_id, unit, taken_until, taken_from);
