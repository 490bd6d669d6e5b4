-- What a company may choose: its words, what is kept of its calls, what its customers are sent.

ALTER TABLE companies ADD COLUMN texts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE companies ADD COLUMN calls TEXT NOT NULL DEFAULT '{}';
ALTER TABLE companies ADD COLUMN messages TEXT NOT NULL DEFAULT '{}';
-- How long before its beginning customers are reminded of an appointment: JSON.
ALTER TABLE services ADD COLUMN reminder_minutes TEXT NOT NULL DEFAULT '[]';
