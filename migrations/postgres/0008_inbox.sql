-- News from Cal.com that is looked into later: its booking is read there, or it waits for its booking
-- to become known.

ALTER TABLE webhook_inbox
    -- By the sender's word.
    ADD COLUMN sent_at         timestamptz,
    -- The booking that the news says was replaced.
    ADD COLUMN reschedule_uid  text,
    -- When its booking is to be read at Cal.com; put off to the end of a lease while somebody does.
    ADD COLUMN converge_at     timestamptz,
    ADD COLUMN attempts        integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT webhook_inbox_status_check,
    ADD CONSTRAINT webhook_inbox_status_check
        CHECK (status IN ('processed', 'ignored', 'quarantined', 'dropped'));
-- What is settled is never looked for by its booking: most rows, which come in bursts, are not in these.
DROP INDEX webhook_inbox_by_uid;
CREATE INDEX webhook_inbox_waiting ON webhook_inbox (company_id, booking_uid)
    WHERE booking_uid IS NOT NULL AND status = 'quarantined';
CREATE INDEX webhook_inbox_unread ON webhook_inbox (company_id, booking_uid)
    WHERE booking_uid IS NOT NULL AND converge_at IS NOT NULL;
CREATE INDEX webhook_inbox_to_converge ON webhook_inbox (converge_at) WHERE converge_at IS NOT NULL;
CREATE INDEX webhook_inbox_moved ON webhook_inbox (company_id, reschedule_uid)
    WHERE reschedule_uid IS NOT NULL AND status = 'quarantined';
