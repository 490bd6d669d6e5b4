-- What a company may choose: its words, what is kept of its calls, what its customers are sent.

ALTER TABLE companies
    ADD COLUMN texts jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN calls jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN messages jsonb NOT NULL DEFAULT '{}';
-- How long before its beginning customers are reminded of an appointment.
ALTER TABLE services ADD COLUMN reminder_minutes integer[] NOT NULL DEFAULT '{}';
