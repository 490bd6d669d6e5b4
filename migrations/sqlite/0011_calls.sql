-- Calls of voice agents, as far as they are kept, and the appointments that name them.

CREATE TABLE calls (
    company_id  INTEGER NOT NULL REFERENCES companies,
    id          TEXT NOT NULL,
    -- When it began, else when it was told of first: its place in lists, and its age.
    at          INTEGER NOT NULL,
    -- The customer's number: personal.
    caller      TEXT,
    -- What was said, and what was made of it, with the caller's consent only: JSON. Personal.
    content     TEXT,
    -- Everything else that is known of it: JSON.
    call        TEXT NOT NULL,
    PRIMARY KEY (company_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_by_age ON calls (company_id, at, id);
CREATE INDEX calls_by_caller ON calls (company_id, caller) WHERE caller IS NOT NULL;
CREATE INDEX calls_with_content ON calls (company_id) WHERE content IS NOT NULL;

-- In which calls an appointment was made, moved or cancelled.
CREATE TABLE call_appointments (
    company_id      INTEGER NOT NULL,
    call_id         TEXT NOT NULL,
    appointment_id  BLOB NOT NULL,
    PRIMARY KEY (company_id, call_id, appointment_id),
    FOREIGN KEY (company_id, call_id) REFERENCES calls (company_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX call_appointments_by_appointment ON call_appointments (company_id, appointment_id);

-- Which appointments name a call: those of voice agents only, so that `call <id>` is found as a range.
CREATE INDEX appointments_created_in_call ON appointments (company_id, created_by)
    WHERE created_by >= 'call ' AND created_by < 'call!';
CREATE INDEX appointments_rescheduled_in_call ON appointments (company_id, rescheduled_by)
    WHERE rescheduled_by >= 'call ' AND rescheduled_by < 'call!';
CREATE INDEX appointments_cancelled_in_call ON appointments (company_id, cancelled_by)
    WHERE cancelled_by >= 'call ' AND cancelled_by < 'call!';
