-- Everybody wants the same slot; one gets it. In one statement, without waiting for a loser's turn.
WITH won AS (
    INSERT INTO appointments (resource_id, during)
    VALUES (-7, tstzrange(to_timestamp(:slot), to_timestamp(:slot + 1800)))
    ON CONFLICT DO NOTHING RETURNING id)
INSERT INTO outbox (kind, ref, payload) SELECT 'won', id, '{}' FROM won;
