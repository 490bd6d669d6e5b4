//! A move that meets its booking under way: it waits as a job until Cal.com has answered about the
//! booking, and is then made like any other.

use std::sync::Arc;

use booking_domain::appointment::{Appointment, State};
use booking_domain::idempotency::{IdempotencyKey, StoredOutcome};
use booking_domain::ids::{AppointmentId, JobId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{BoxError, Job, JobOrder, Queue, StoreError, UnitOfWork};
use booking_domain::time::{Instant, Span};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::kept;
use super::{RescheduleAppointment, RescheduleError};
use crate::availability::reach;
use crate::jobs::{JobError, company, part};
use crate::trace;
use crate::use_cases::Terms;
use crate::{Actor, Application};

/// The kind of the job.
pub(crate) const MOVE: &str = "move_when_booked";
/// Cal.com's answer is seldom there sooner.
const FIRST_LOOK: Span = Span::seconds(1);
/// The move belongs to its saga after that.
const PATIENCE: Span = Span::seconds(8);
const REFUSED: &str = "move_refused";

/// What the job carries: no reason of the customer's, because those are free words.
#[derive(Serialize, Deserialize)]
struct Wish {
    appointment: AppointmentId,
    start: Instant,
    origin: SyncOrigin,
    by: String,
    /// Where the outcome is filed.
    #[serde(default)]
    key: Option<IdempotencyKey>,
}

/// Whether the booking itself is still under way, so that a move can only wait for it.
pub(super) const fn waits_for_its_booking(appointment: &Appointment) -> bool {
    matches!(appointment.state(), State::Pending { .. })
}

impl Application {
    /// Files the move, with its outcome under its key, in one commit.
    pub(super) async fn file_move(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        actor: &Actor,
        command: &RescheduleAppointment,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let wish = Wish {
            appointment: command.id,
            start: command.start,
            origin: actor.origin,
            by: actor.by.clone(),
            key: command.terms.key(),
        };
        let id = JobId::new(self.deps.ids.uuid());
        let payload = json!({ "wish": wish });
        let mut job = Job::new(id, (Queue::CalcomSync, MOVE), payload, now + FIRST_LOOK);
        job.company = Some(actor.company);
        job.trace_parent = trace::current();
        job.order = Some(JobOrder {
            key: format!("move:{}", command.id),
            sequence: now.unix_micros(),
        });
        unit.enqueue(&job).await?;
        if let Some((key, _)) = &command.terms.idempotency {
            let outcome = StoredOutcome::Appointment { id: command.id };
            unit.finish_key(key, &outcome).await?;
        }
        unit.commit().await.map(drop)
    }

    /// Makes the move, once the booking is no longer under way. A refusal is a person's to tell the
    /// customer: nobody waits for the answer any more.
    pub(crate) async fn move_when_booked(self: &Arc<Self>, job: &Job) -> Result<(), JobError> {
        let (company, wish): (_, Wish) = (company(job)?, part(job, "wish")?);
        let known = self
            .deps
            .store
            .queries
            .get(company, wish.appointment)
            .await?;
        if known.is_some_and(|view| waits_for_its_booking(&view.appointment)) {
            let why: BoxError = "its booking is still under way".into();
            return Err(JobError::Failed(why));
        }
        let actor = Actor {
            company,
            origin: wish.origin,
            by: wish.by,
            deadline: PATIENCE,
        };
        let command = RescheduleAppointment {
            id: wish.appointment,
            start: wish.start,
            reason: None,
            terms: Terms {
                on_behalf_of: wish.key.clone(),
                ..Terms::default()
            },
        };
        match self.reschedule_appointment(actor.clone(), command).await {
            Ok(_) => Ok(()),
            // The booking did not come about, or was called off: there is nothing to move.
            Err(RescheduleError::NotFound | RescheduleError::NotActive) => Ok(()),
            Err(RescheduleError::Failed(failure)) => Err(JobError::Failed(failure.into())),
            Err(RescheduleError::InProgress) => {
                let why: BoxError = "another change is under way".into();
                Err(JobError::Failed(why))
            }
            Err(refused) => Ok(self
                .ask_about_move(&actor, (wish.appointment, wish.key), &refused)
                .await?),
        }
    }

    async fn ask_about_move(
        &self,
        actor: &Actor,
        (id, key): (AppointmentId, Option<IdempotencyKey>),
        refused: &RescheduleError,
    ) -> Result<(), StoreError> {
        let setup = self.company(actor.company).await?;
        let mut unit = self.deps.store.units.begin(actor.company).await?;
        let Some(mut appointment) = unit.find(id).await? else {
            return Ok(());
        };
        if let Some(key) = &key {
            unit.finish_key(key, &kept(refused, &actor.by)).await?;
        }
        let why = refused.to_string();
        self.ask(&mut *unit, &mut appointment, (REFUSED, &why))
            .await?;
        let service = setup
            .as_ref()
            .and_then(|setup| Some((setup, setup.service(appointment.booking().service)?)));
        let reach = service
            .map(|(setup, service)| reach(setup, service))
            .unwrap_or_default();
        appointment.traced(trace::current());
        unit.save(&mut appointment, reach).await?;
        unit.commit().await.map(drop)
    }
}
