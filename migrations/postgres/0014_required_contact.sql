-- What must be known of a customer before a service is booked for them.

ALTER TABLE services ADD COLUMN requires jsonb NOT NULL DEFAULT '[]';
