//! What each kind of job does.

use std::sync::Arc;

use booking_domain::events::DomainEvent;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{Job, Queue, StoreError};
use serde::de::DeserializeOwned;

use super::choose_recipients::CAMPAIGN;
use super::messages::MESSAGE;
use super::upkeep::{COMPLETE_PAST, PRUNE};
use super::work::{JobError, WorkOutcome};
use crate::Application;
use crate::listeners::READ_BOOKING;
use crate::use_cases::MOVE;

/// What a pass over a queue did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct JobReport {
    /// Done, or waiting as they should.
    pub done: u32,
    /// Failed: they come again.
    pub failed: u32,
    /// Given up.
    pub dead: u32,
}

/// As many as one pass takes.
const BATCH: u32 = 100;

impl Application {
    /// One pass over what is due of a queue, one after the other: what the pools do side by side.
    pub async fn run_due(self: &Arc<Self>, queue: Queue) -> Result<JobReport, StoreError> {
        let mut report = JobReport::default();
        for work in self.take_work(queue, BATCH).await? {
            match self.do_work(work).await {
                WorkOutcome::Done => report.done += 1,
                WorkOutcome::Failed => report.failed += 1,
                WorkOutcome::Dead => report.dead += 1,
            }
        }
        Ok(report)
    }

    pub(crate) async fn run_job(self: &Arc<Self>, job: &Job) -> Result<(), JobError> {
        match (job.queue, job.kind.as_str()) {
            (Queue::Listeners, _) => self.tell_one(job).await,
            (Queue::CalcomSync, READ_BOOKING) => self.read_booking(job).await,
            (Queue::CalcomSync, MOVE) => self.move_when_booked(job).await,
            (Queue::Notifications, MESSAGE) => self.send_message(job).await,
            (Queue::Notifications, CAMPAIGN) => self.choose_recipients(job).await,
            (Queue::Maintenance, PRUNE) => self.prune().await,
            (Queue::Maintenance, COMPLETE_PAST) => self.complete_past().await,
            _ => Err(unknown(job)),
        }
    }

    /// Reads the booking of an appointment at Cal.com, and believes what stands there.
    async fn read_booking(&self, job: &Job) -> Result<(), JobError> {
        let (company, appointment) = (company(job)?, part(job, "appointment")?);
        if self.converge_appointment(company, appointment).await? {
            return Ok(());
        }
        Err(JobError::Failed("Cal.com could not be asked".into()))
    }

    /// Tells one listener what the relay could not tell it.
    async fn tell_one(&self, job: &Job) -> Result<(), JobError> {
        let event: DomainEvent = part(job, "event")?;
        let Some(listener) = self.listeners.named(&job.kind) else {
            return Err(unknown(job));
        };
        if !self.listeners.is_on(listener) {
            return Ok(());
        }
        listener.hear(&[&event]).await.map_err(JobError::Failed)
    }
}

/// A part of the payload.
pub(crate) fn part<T: DeserializeOwned>(job: &Job, name: &str) -> Result<T, JobError> {
    let value = job.payload.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value)
        .map_err(|error| JobError::Hopeless(format!("its payload cannot be read: {name}: {error}")))
}

pub(crate) fn company(job: &Job) -> Result<CompanyId, JobError> {
    job.company
        .ok_or_else(|| JobError::Hopeless("it belongs to no company".to_owned()))
}

fn unknown(job: &Job) -> JobError {
    JobError::Hopeless(format!("this version knows no job `{}`", job.kind))
}
