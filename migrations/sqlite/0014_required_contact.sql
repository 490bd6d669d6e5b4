-- What must be known of a customer before a service is booked for them: JSON.

ALTER TABLE services ADD COLUMN requires TEXT NOT NULL DEFAULT '[]';
