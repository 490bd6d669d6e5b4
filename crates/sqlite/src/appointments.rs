//! Writing appointments: state, claims, names, events and versions, all in one transaction.

use async_trait::async_trait;
use booking_domain::appointment::Appointment;
use booking_domain::events::DomainEvent;
use booking_domain::ids::{AppointmentId, BookingUid, StaffId};
use booking_domain::ports::{AppointmentRepository, ClaimRequest, HoldOutcome, StoreError};
use booking_domain::time::{Span, TimeRange};
use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};

use crate::claims::Claims;
use crate::rows::{INSERT, UPDATE, appointment, values};
use crate::statements::{first, json, run};
use crate::unit_of_work::SqliteUnitOfWork;
use crate::versions::group_of;

#[async_trait]
impl AppointmentRepository for SqliteUnitOfWork {
    async fn find(&mut self, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        // The transaction is the only one that writes: that is the lock.
        first(
            self.connection(),
            "find an appointment",
            "SELECT * FROM appointments WHERE company_id = ?1 AND id = ?2",
            params![self.company.get(), id.get().as_bytes()],
            appointment,
        )
    }

    async fn find_by_uid(&mut self, uid: &BookingUid) -> Result<Option<Appointment>, StoreError> {
        first(
            self.connection(),
            "find an appointment by its Cal.com name",
            "SELECT a.* FROM appointment_booking_uids u
             JOIN appointments a ON a.company_id = u.company_id AND a.id = u.appointment_id
             WHERE u.company_id = ?1 AND u.booking_uid = ?2",
            params![self.company.get(), uid.expose()],
            appointment,
        )
    }

    async fn hold(
        &mut self,
        appointment: &mut Appointment,
        claim: &ClaimRequest,
        reach: Span,
    ) -> Result<HoldOutcome, StoreError> {
        self.own(appointment)?;
        if !appointment.live_ranges().contains(&claim.slot) {
            let problem = "the claim is for a time that the appointment does not take";
            return Err(StoreError::Conflict(problem.to_owned()));
        }
        self.all_or_nothing(|unit| {
            let Some(resource) = unit.claims().take(appointment.id(), claim)? else {
                return Ok(HoldOutcome::Taken);
            };
            unit.write(appointment, reach)?;
            Ok(HoldOutcome::Held(resource))
        })
    }

    async fn save(&mut self, appointment: &mut Appointment, reach: Span) -> Result<(), StoreError> {
        self.own(appointment)?;
        self.all_or_nothing(|unit| unit.write(appointment, reach))
    }

    async fn file_names(
        &mut self,
        id: AppointmentId,
        names: &[BookingUid],
    ) -> Result<(), StoreError> {
        for name in names {
            run(
                self.connection(),
                "file a Cal.com name",
                "INSERT INTO appointment_booking_uids (company_id, booking_uid, appointment_id)
                 VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![self.company.get(), name.expose(), id.get().as_bytes()],
            )?;
        }
        Ok(())
    }

    async fn assign(
        &mut self,
        appointment: &Appointment,
        slot: TimeRange,
        staff: StaffId,
    ) -> Result<bool, StoreError> {
        self.own(appointment)?;
        self.claims().assign(appointment.id(), slot, staff)
    }
}

impl SqliteUnitOfWork {
    fn claims(&self) -> Claims<'_> {
        Claims {
            connection: self.connection(),
            company: self.company,
        }
    }

    fn write(&mut self, appointment: &mut Appointment, reach: Span) -> Result<(), StoreError> {
        self.write_row(appointment)?;
        let live = appointment.live_ranges();
        self.claims().keep_only(appointment.id(), &live)?;
        if let Some(uid) = appointment.uid() {
            self.remember_name(appointment.id(), uid)?;
        }
        for event in appointment.pending_events() {
            self.hand_on(event, reach)?;
        }
        appointment.saved();
        Ok(())
    }

    fn write_row(&self, appointment: &Appointment) -> Result<(), StoreError> {
        const ACTION: &str = "save an appointment";
        let read_at = appointment.version();
        let mut row = values(appointment.to_record())?;
        let written = if read_at == 0 {
            run(self.connection(), ACTION, &INSERT, params_from_iter(row))?
        } else {
            row.push(Value::Integer(read_at));
            run(self.connection(), ACTION, &UPDATE, params_from_iter(row))?
        };
        if written == 1 {
            Ok(())
        } else {
            Err(StoreError::Changed)
        }
    }

    fn remember_name(&self, id: AppointmentId, uid: &BookingUid) -> Result<(), StoreError> {
        const ACTION: &str = "remember a Cal.com name";
        run(
            self.connection(),
            ACTION,
            "INSERT INTO appointment_booking_uids (company_id, booking_uid, appointment_id)
             VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![self.company.get(), uid.expose(), id.get().as_bytes()],
        )?;
        let owner = first(
            self.connection(),
            ACTION,
            "SELECT appointment_id FROM appointment_booking_uids
             WHERE company_id = ?1 AND booking_uid = ?2",
            params![self.company.get(), uid.expose()],
            |row| row.uuid("appointment_id"),
        )?;
        if owner == Some(id.get()) {
            Ok(())
        } else {
            let problem = "another appointment has this Cal.com booking";
            Err(StoreError::Conflict(problem.to_owned()))
        }
    }

    /// Puts the event into the outbox, due at once, and notes the days it touches.
    fn hand_on(&mut self, event: &DomainEvent, reach: Span) -> Result<(), StoreError> {
        let group = group_of(self.connection(), self.company, event.service)?;
        if let Some(group) = group {
            self.transaction.bumps.event(event, group, reach);
        }
        run(
            self.connection(),
            "write to the outbox",
            "INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at)
             VALUES (?1, ?2, ?3, ?4, 0)",
            params![
                self.company.get(),
                event.appointment.get().as_bytes(),
                event.sequence,
                json(event)?
            ],
        )
        .map(drop)
    }
}
