-- Messages to customers: when each is due and what came of it, campaigns, and who agreed to them.

-- What a customer has said about being written to.
ALTER TABLE customers
    ADD COLUMN marketing_since timestamptz,
    ADD COLUMN opted_out_at timestamptz;
CREATE INDEX customers_agreed ON customers (company_id, id) WHERE marketing_since IS NOT NULL;

-- Of a change there is one message of a kind, whatever the channel.
DELETE FROM notifications n USING notifications other
WHERE other.company_id = n.company_id AND other.appointment_id = n.appointment_id
  AND other.sequence = n.sequence AND other.template = n.template AND other.id < n.id;
ALTER TABLE notifications
    DROP CONSTRAINT notifications_once,
    ALTER COLUMN appointment_id DROP NOT NULL,
    ALTER COLUMN sequence DROP NOT NULL,
    -- Of a reminder: which lead time it is.
    ADD COLUMN lead_minutes integer NOT NULL DEFAULT 0,
    ADD COLUMN campaign_id uuid,
    ADD COLUMN customer_id bigint,
    ADD COLUMN due_at timestamptz,
    -- How often it was begun to hand it over, and when last.
    ADD COLUMN attempt integer NOT NULL DEFAULT 0,
    ADD COLUMN started_at timestamptz,
    -- When its status was decided.
    ADD COLUMN finished_at timestamptz,
    -- What whoever carries it calls it.
    ADD COLUMN reference text,
    ADD CONSTRAINT notifications_once
        UNIQUE (company_id, appointment_id, sequence, template, lead_minutes),
    ADD CONSTRAINT notifications_once_each UNIQUE (company_id, campaign_id, customer_id),
    ADD CONSTRAINT notifications_about CHECK (
        num_nonnulls(appointment_id, sequence) = CASE WHEN campaign_id IS NULL THEN 2 ELSE 0 END
        AND (campaign_id IS NULL) = (customer_id IS NULL));
UPDATE notifications SET finished_at = created_at WHERE status <> 'queued';
CREATE INDEX notifications_by_age ON notifications (created_at);

CREATE TABLE campaigns (
    company_id  bigint NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL,
    subject     text NOT NULL,
    body        text NOT NULL,
    locale      text,
    segment     jsonb NOT NULL,
    -- The client's own name for the wish.
    key         text,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    -- When everybody who gets it was on the list.
    chosen_at   timestamptz,
    PRIMARY KEY (company_id, id),
    CONSTRAINT campaigns_name UNIQUE (company_id, name),
    CONSTRAINT campaigns_key UNIQUE (company_id, key),
    CONSTRAINT campaigns_company_fk FOREIGN KEY (company_id) REFERENCES companies
);
CREATE INDEX campaigns_by_age ON campaigns (company_id, created_at, id);
SELECT keep_companies_apart('campaigns');
