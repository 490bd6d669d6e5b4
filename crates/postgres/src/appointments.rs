//! Appointments inside a unit of work: found and locked, saved with their events.

use async_trait::async_trait;
use booking_domain::appointment::Appointment;
use booking_domain::ids::{AppointmentId, BookingUid, StaffId};
use booking_domain::ports::{AppointmentRepository, ClaimRequest, HoldOutcome, StoreError};
use booking_domain::time::{Span, TimeRange};
use sqlx::types::Json;
use uuid::Uuid;

use crate::error::{corrupt, failed};
use crate::rows::{AppointmentRow, to_db};
use crate::unit_of_work::PgUnitOfWork;

/// A claim just won: the others for the same time of the same appointment make way for it.
#[derive(Clone, Copy)]
pub(crate) struct Won {
    pub(crate) claim_id: i64,
    pub(crate) slot: TimeRange,
}

#[async_trait]
impl AppointmentRepository for PgUnitOfWork {
    async fn find(&mut self, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        self.find_appointment(Some(id.get()), None).await
    }

    async fn find_by_uid(&mut self, uid: &BookingUid) -> Result<Option<Appointment>, StoreError> {
        self.find_appointment(None, Some(uid.expose())).await
    }

    async fn hold(
        &mut self,
        appointment: &mut Appointment,
        claim: &ClaimRequest,
        reach: Span,
    ) -> Result<HoldOutcome, StoreError> {
        self.must_own(appointment)?;
        let Some((resource, won)) = self.claim(appointment.id(), claim).await? else {
            return Ok(HoldOutcome::Taken);
        };
        match self.write(appointment, Some(won), reach).await {
            Ok(()) => Ok(HoldOutcome::Held(resource)),
            Err(error) => {
                if matches!(error, StoreError::Changed) {
                    self.give_up(won).await?;
                }
                Err(error)
            }
        }
    }

    async fn save(&mut self, appointment: &mut Appointment, reach: Span) -> Result<(), StoreError> {
        self.must_own(appointment)?;
        self.write(appointment, None, reach).await
    }

    async fn file_names(
        &mut self,
        id: AppointmentId,
        names: &[BookingUid],
    ) -> Result<(), StoreError> {
        let names: Vec<_> = names.iter().map(|name| name.expose().to_owned()).collect();
        sqlx::query!(
            "INSERT INTO appointment_booking_uids (company_id, booking_uid, appointment_id)
             SELECT $1, name, $3 FROM unnest($2::text[]) AS name
             ON CONFLICT DO NOTHING",
            self.company.get(),
            &names,
            id.get(),
        )
        .execute(self.conn())
        .await
        .map(drop)
        .map_err(failed("file Cal.com's names"))
    }

    async fn assign(
        &mut self,
        appointment: &Appointment,
        slot: TimeRange,
        staff: StaffId,
    ) -> Result<bool, StoreError> {
        self.move_claim(appointment.id(), slot, staff).await
    }
}

impl PgUnitOfWork {
    async fn find_appointment(
        &mut self,
        id: Option<Uuid>,
        uid: Option<&str>,
    ) -> Result<Option<Appointment>, StoreError> {
        let company = self.company.get();
        sqlx::query_as!(
            AppointmentRow,
            r#"
            SELECT a.company_id, a.id, a.branch_id, a.service_id, a.event_type_id, a.customer_id,
                   a.wanted_staff_id, a.staff_id, a.starts_at, a.ends_at, a.reschedule_starts_at,
                   a.reschedule_ends_at, a.reschedule_reason, a.accepted_before, a.time_zone, a.state, a.booking_uid, a.booking_source,
                   a.sync_origin, a.sync_status, a.sync_error, a.review_reason,
                   a.review_flagged_at, a.created_by, a.rescheduled_by, a.cancelled_by,
                   a.cancelled_at, a.cancelled_origin, a.cancellation_reason, a.notes,
                   a.metadata AS "metadata: _", a.remote_changed_at, a.version, a.created_at,
                   a.updated_at
            FROM appointments a
            WHERE a.company_id = $1
              AND (a.id = $2::uuid OR a.id = (
                    SELECT u.appointment_id FROM appointment_booking_uids u
                    WHERE u.company_id = $1 AND u.booking_uid = $3::text))
            FOR NO KEY UPDATE"#,
            company,
            id,
            uid,
        )
        .fetch_optional(self.conn())
        .await
        .map_err(failed("find an appointment"))?
        .map(AppointmentRow::restore)
        .transpose()
    }

    fn must_own(&self, appointment: &Appointment) -> Result<(), StoreError> {
        if appointment.booking().company == self.company {
            Ok(())
        } else {
            Err(StoreError::Conflict(
                "the appointment is another company's".to_owned(),
            ))
        }
    }

    /// Writes the appointment if nobody changed it since it was read, and hands its events on.
    async fn write(
        &mut self,
        appointment: &mut Appointment,
        won: Option<Won>,
        reach: Span,
    ) -> Result<(), StoreError> {
        if self.upsert(appointment, won).await? == 0 {
            return Err(StoreError::Changed);
        }
        let events = appointment.saved();
        self.bumps.add(&events, reach);
        Ok(())
    }

    /// State, claims given up, Cal.com's name and events, in one statement.
    async fn upsert(
        &mut self,
        appointment: &Appointment,
        won: Option<Won>,
    ) -> Result<i64, StoreError> {
        let record = appointment.to_record();
        let live = appointment.live_ranges();
        let starts: Vec<_> = live.iter().map(|range| to_db(range.start())).collect();
        let ends: Vec<_> = live.iter().map(|range| to_db(range.end())).collect();
        let events = serde_json::to_value(appointment.pending_events())
            .map_err(|error| corrupt("an event of ours", error))?;
        sqlx::query_file_scalar!(
            "queries/save_appointment.sql",
            self.company.get(),
            record.id.get(),
            record.branch.map(|it| it.get()),
            record.service.get(),
            record.event_type.map(|it| it.get()),
            record.customer.get(),
            record.wanted_staff.map(|it| it.get()),
            record.staff.map(|it| it.get()),
            to_db(record.range.start()),
            to_db(record.range.end()),
            record.reschedule_to.map(|to| to_db(to.start())),
            record.reschedule_to.map(|to| to_db(to.end())),
            record.time_zone.to_string(),
            record.state.as_str(),
            record.booking_uid.as_ref().map(BookingUid::expose),
            record.booking_source.as_str(),
            record.sync_origin.as_str(),
            record.sync_status.as_str(),
            record.sync_error,
            record.review_reason,
            record.review_flagged_at.map(to_db),
            record.created_by,
            record.rescheduled_by,
            record.cancelled_by,
            record.cancelled_at.map(to_db),
            record.cancelled_origin.map(|it| it.as_str()),
            record.cancellation_reason,
            record.notes,
            Json(&record.metadata) as _,
            record.remote_changed_at.map(to_db),
            record.version,
            to_db(record.created_at),
            to_db(record.updated_at),
            appointment.version(),
            &starts,
            &ends,
            won.map(|won| to_db(won.slot.start())),
            won.map(|won| to_db(won.slot.end())),
            won.map(|won| won.claim_id),
            events,
            record.accepted_before,
            record.reschedule_reason,
        )
        .fetch_one(self.conn())
        .await
        .map_err(failed("save an appointment"))
    }
}
