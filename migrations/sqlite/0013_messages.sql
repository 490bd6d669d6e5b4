-- Messages to customers: when each is due and what came of it, campaigns, and who agreed to them.

-- What a customer has said about being written to.
ALTER TABLE customers ADD COLUMN marketing_since INTEGER;
ALTER TABLE customers ADD COLUMN opted_out_at INTEGER;
CREATE INDEX customers_agreed ON customers (company_id, id) WHERE marketing_since IS NOT NULL;

-- Made anew: a campaign's messages are about no appointment.
ALTER TABLE notifications RENAME TO notifications_before;
CREATE TABLE notifications (
    company_id      INTEGER NOT NULL REFERENCES companies,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    appointment_id  BLOB,
    sequence        INTEGER,
    channel         TEXT NOT NULL,
    template        TEXT NOT NULL,
    -- Of a reminder: which lead time it is.
    lead_minutes    INTEGER NOT NULL DEFAULT 0,
    campaign_id     BLOB,
    customer_id     INTEGER,
    status          TEXT NOT NULL,
    detail          TEXT,
    due_at          INTEGER,
    -- How often it was begun to hand it over, and when last.
    attempt         INTEGER NOT NULL DEFAULT 0,
    started_at      INTEGER,
    -- When its status was decided.
    finished_at     INTEGER,
    -- What whoever carries it calls it.
    reference       TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (company_id, id),
    -- Of a change there is one message of a kind, whatever the channel.
    UNIQUE (company_id, appointment_id, sequence, template, lead_minutes),
    UNIQUE (company_id, campaign_id, customer_id),
    CHECK ((appointment_id IS NULL) = (sequence IS NULL)
        AND (campaign_id IS NULL) = (customer_id IS NULL)
        AND (appointment_id IS NULL) <> (campaign_id IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO notifications (company_id, id, appointment_id, sequence, channel, template, status,
                           detail, finished_at, created_at)
SELECT company_id, id, appointment_id, sequence, channel, template, status, detail,
       CASE WHEN status <> 'queued' THEN created_at END, created_at
FROM notifications_before WHERE true ORDER BY id ON CONFLICT DO NOTHING;
DROP TABLE notifications_before;
CREATE INDEX notifications_by_age ON notifications (created_at);

CREATE TABLE campaigns (
    company_id  INTEGER NOT NULL REFERENCES companies,
    id          BLOB NOT NULL CHECK (length(id) = 16),
    name        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    locale      TEXT,
    segment     TEXT NOT NULL,
    -- The client's own name for the wish.
    key         TEXT,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    -- When everybody who gets it was on the list.
    chosen_at   INTEGER,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, name),
    UNIQUE (company_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaigns_by_age ON campaigns (company_id, created_at, id);
