-- Saves an appointment: state, claims given up, Cal.com's name, events.
--
-- Everything hangs on the row of `written`: with a version ($34) that has moved on, nothing is
-- written at all. $35 and $36 are the times it takes now; $37 to $39 name a claim just won, which
-- replaces any other for the same time.
WITH written AS (
    INSERT INTO appointments AS a (
        company_id, id, branch_id, service_id, event_type_id, customer_id,
        wanted_staff_id, staff_id, starts_at, ends_at, reschedule_starts_at,
        reschedule_ends_at, time_zone, state, booking_uid, booking_source, sync_origin,
        sync_status, sync_error, review_reason, review_flagged_at, created_by,
        rescheduled_by, cancelled_by, cancelled_at, cancelled_origin,
        cancellation_reason, notes, metadata, remote_changed_at, version, created_at,
        updated_at, accepted_before, reschedule_reason)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
           $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $41, $42
    WHERE $34 = 0::bigint OR EXISTS (
        SELECT FROM appointments known WHERE known.company_id = $1 AND known.id = $2)
    ON CONFLICT (company_id, id) DO UPDATE SET
        branch_id = EXCLUDED.branch_id, service_id = EXCLUDED.service_id,
        event_type_id = EXCLUDED.event_type_id, customer_id = EXCLUDED.customer_id,
        wanted_staff_id = EXCLUDED.wanted_staff_id, staff_id = EXCLUDED.staff_id,
        starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at,
        reschedule_starts_at = EXCLUDED.reschedule_starts_at,
        reschedule_ends_at = EXCLUDED.reschedule_ends_at,
        time_zone = EXCLUDED.time_zone, state = EXCLUDED.state,
        booking_uid = EXCLUDED.booking_uid, booking_source = EXCLUDED.booking_source,
        sync_origin = EXCLUDED.sync_origin, sync_status = EXCLUDED.sync_status,
        sync_error = EXCLUDED.sync_error, review_reason = EXCLUDED.review_reason,
        review_flagged_at = EXCLUDED.review_flagged_at,
        created_by = EXCLUDED.created_by, rescheduled_by = EXCLUDED.rescheduled_by,
        cancelled_by = EXCLUDED.cancelled_by, cancelled_at = EXCLUDED.cancelled_at,
        cancelled_origin = EXCLUDED.cancelled_origin,
        cancellation_reason = EXCLUDED.cancellation_reason, notes = EXCLUDED.notes,
        metadata = EXCLUDED.metadata, remote_changed_at = EXCLUDED.remote_changed_at,
        version = EXCLUDED.version, updated_at = EXCLUDED.updated_at,
        accepted_before = EXCLUDED.accepted_before,
        reschedule_reason = EXCLUDED.reschedule_reason
    WHERE a.version = $34
    RETURNING a.company_id, a.id
), freed AS (
    DELETE FROM live_claims c USING written w
    WHERE c.company_id = w.company_id AND c.family = w.id
      AND ((c.slot_starts_at, c.slot_ends_at) NOT IN (
               SELECT * FROM unnest($35::timestamptz[], $36::timestamptz[]))
           OR (c.slot_starts_at = $37::timestamptz AND c.slot_ends_at = $38::timestamptz
               AND c.claim_id <> $39::bigint))
), named AS (
    INSERT INTO appointment_booking_uids (company_id, booking_uid, appointment_id)
    SELECT w.company_id, $15, w.id FROM written w
    WHERE $15 IS NOT NULL AND NOT EXISTS (
        SELECT FROM appointment_booking_uids known
        WHERE known.company_id = w.company_id AND known.booking_uid = $15
          AND known.appointment_id = w.id)
), told AS (
    INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at)
    SELECT w.company_id, w.id, (e.event ->> 'sequence')::bigint, e.event, $33
    FROM written w, jsonb_array_elements($40::jsonb) WITH ORDINALITY AS e (event, at)
    ORDER BY e.at
)
SELECT count(*) AS "written!" FROM written
