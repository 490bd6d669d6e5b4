//! What recurs.

use booking_domain::appointment::Applied;
use booking_domain::ids::{AppointmentId, CompanyId, JobId};
use booking_domain::ports::{Firing, Job, Queue, Retention, StoreError};
use booking_domain::time::{Instant, Span};

use super::work::JobError;
use crate::Application;

/// A job that recurs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recurring {
    /// The kind of the job, and the name of the schedule.
    pub name: &'static str,
    /// When, as a cron expression of five parts.
    pub expression: &'static str,
    /// The zone in which that is meant.
    pub time_zone: &'static str,
}

/// Notes that appointments have taken place.
pub(crate) const COMPLETE_PAST: &str = "complete_past";
/// Deletes what nobody needs any more.
pub(crate) const PRUNE: &str = "prune";

/// Everything that recurs.
pub const RECURRING: &[Recurring] = &[
    Recurring {
        name: COMPLETE_PAST,
        expression: "*/5 * * * *",
        time_zone: "UTC",
    },
    Recurring {
        name: PRUNE,
        expression: "17 * * * *",
        time_zone: "UTC",
    },
];

/// So many rows of each kind, or appointments, at a time.
const BATCH: u32 = 1_000;

impl Application {
    /// Deletes what is over for longer than it is kept.
    pub(crate) async fn prune(&self) -> Result<(), JobError> {
        let days = |n| self.now() - Span::days(n);
        let keep = Retention {
            dead_jobs: days(14),
            inbox: days(14),
            keys: days(30),
            sagas: days(90),
            versions: days(30),
            messages: days(365),
        };
        let mut all = 0;
        loop {
            let mut gone = self.deps.store.housekeeping.prune(&keep, BATCH).await?;
            gone += self.deps.store.calls.prune_calls(self.now(), BATCH).await?;
            all += gone;
            if gone == 0 {
                tracing::info!(rows = all, "what is over was deleted");
                return Ok(());
            }
        }
    }

    /// Notes of every appointment that stands and is over that it has taken place.
    pub(crate) async fn complete_past(&self) -> Result<(), JobError> {
        loop {
            let over = self.deps.store.housekeeping.over(self.now(), BATCH).await?;
            let mut completed = 0;
            for (company, appointment) in &over {
                completed += u32::from(self.complete(*company, *appointment).await?);
            }
            if completed == 0 {
                return Ok(());
            }
        }
    }

    async fn complete(&self, company: CompanyId, id: AppointmentId) -> Result<bool, StoreError> {
        let mut unit = self.deps.store.units.begin(company).await?;
        let Some(mut appointment) = unit.find(id).await? else {
            return Ok(false);
        };
        if appointment.complete(self.now()) != Ok(Applied::Applied) {
            return Ok(false);
        }
        // What is over is free for nobody: no day is touched.
        match unit.save(&mut appointment, Span::ZERO).await {
            // Somebody else was quicker.
            Err(StoreError::Changed) => return Ok(false),
            saved => saved?,
        }
        unit.commit().await?;
        self.wake_relay();
        Ok(true)
    }

    /// Files the job if it is time and nobody else has; `next` is the first time after now.
    pub async fn fire(&self, recurring: &Recurring, next: Instant) -> Result<bool, StoreError> {
        let id = JobId::new(self.deps.ids.uuid());
        let (name, now) = (recurring.name, self.now());
        let job = Job::new(id, (Queue::Maintenance, name), serde_json::json!({}), now);
        let firing = Firing {
            name,
            time_zone: recurring.time_zone,
            expression: recurring.expression,
            next,
            job: Job {
                dedupe_key: Some(name.to_owned()),
                ..job
            },
        };
        let fired = self.deps.store.schedules.fire(&firing, now).await?;
        if fired {
            self.wake(Queue::Maintenance);
        }
        Ok(fired)
    }
}
