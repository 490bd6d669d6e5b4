-- P4: one booking in four statements, always a slot that is free.
\set n :n + 1
\set r :client_id * 1000 + :n % 50
\set s 1900000000 + (:n / 50) * 1800
BEGIN;
INSERT INTO appointments (resource_id, during) VALUES (:r, tstzrange(to_timestamp(:s), to_timestamp(:s + 1800))) RETURNING id \gset
INSERT INTO outbox (kind, ref, payload) VALUES ('booked', :id, '{"r":1,"s":"2030-11-21T09:00:00Z","src":"pgbench"}');
COMMIT;
