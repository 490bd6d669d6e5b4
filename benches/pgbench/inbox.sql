-- A webhook filed: one insert.
\set n :n + 1
INSERT INTO inbox (event_id, payload) VALUES (:client_id || '-' || :n, repeat('x', :bytes)) ON CONFLICT DO NOTHING;
