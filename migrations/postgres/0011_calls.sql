-- Calls of voice agents, as far as they are kept, and the appointments that name them.

CREATE TABLE calls (
    company_id  bigint NOT NULL,
    id          text NOT NULL,
    -- When it began, else when it was told of first: its place in lists, and its age.
    at          timestamptz NOT NULL CHECK (isfinite(at)),
    -- The customer's number: personal.
    caller      text,
    -- What was said, and what was made of it, with the caller's consent only; JSON, but text, since it
    -- may hold characters that jsonb refuses. Personal.
    content     text,
    -- Everything else that is known of it.
    call        jsonb NOT NULL,
    PRIMARY KEY (company_id, id),
    CONSTRAINT calls_company_fk FOREIGN KEY (company_id) REFERENCES companies
);
CREATE INDEX calls_by_age ON calls (company_id, at, id);
CREATE INDEX calls_by_caller ON calls (company_id, caller) WHERE caller IS NOT NULL;
CREATE INDEX calls_with_content ON calls (company_id) WHERE content IS NOT NULL;
SELECT keep_companies_apart('calls');

-- In which calls an appointment was made, moved or cancelled. No reference to appointments: noting a
-- call locks none of them.
CREATE TABLE call_appointments (
    company_id      bigint NOT NULL,
    call_id         text NOT NULL,
    appointment_id  uuid NOT NULL,
    PRIMARY KEY (company_id, call_id, appointment_id),
    CONSTRAINT call_appointments_call_fk FOREIGN KEY (company_id, call_id) REFERENCES calls ON DELETE CASCADE
);
CREATE INDEX call_appointments_by_appointment ON call_appointments (company_id, appointment_id);
SELECT keep_companies_apart('call_appointments');

-- Which appointments name a call: those of voice agents only, in the order of bytes, so that
-- `call <id>` is found as a range.
CREATE INDEX appointments_created_in_call ON appointments (company_id, created_by COLLATE "C")
    WHERE created_by LIKE 'call %';
CREATE INDEX appointments_rescheduled_in_call ON appointments (company_id, rescheduled_by COLLATE "C")
    WHERE rescheduled_by LIKE 'call %';
CREATE INDEX appointments_cancelled_in_call ON appointments (company_id, cancelled_by COLLATE "C")
    WHERE cancelled_by LIKE 'call %';
