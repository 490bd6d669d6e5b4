-- News from Cal.com that is looked into later: its booking is read there, or it waits for its booking
-- to become known.

-- By the sender's word.
ALTER TABLE webhook_inbox ADD COLUMN sent_at INTEGER;
-- The booking that the news says was replaced.
ALTER TABLE webhook_inbox ADD COLUMN reschedule_uid TEXT;
-- When its booking is to be read at Cal.com; put off to the end of a lease while somebody does.
ALTER TABLE webhook_inbox ADD COLUMN converge_at INTEGER;
ALTER TABLE webhook_inbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
CREATE INDEX webhook_inbox_to_converge ON webhook_inbox (converge_at) WHERE converge_at IS NOT NULL;
CREATE INDEX webhook_inbox_moved ON webhook_inbox (company_id, reschedule_uid)
    WHERE reschedule_uid IS NOT NULL;
