//! The loop around the decisions.

use std::sync::Arc;
use std::time::Duration;

use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::ports::{LeasedSaga, StoreError};
use booking_domain::saga::{Decision, Observation, Phase, Refusal, Saga, SagaKind};
use booking_domain::time::Span;

use super::apply::finish_key;
use crate::Application;
use crate::trace::{self, carried};

/// Where driving a saga stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    /// It is over; if Cal.com refused, why.
    Over(Option<Refusal>),
    /// It waits for a later moment: a worker goes on.
    Waiting,
}

impl Application {
    /// A wish of the caller's: its first call begins now, and the intent is part of the commit that
    /// makes the hold. While nothing is said to Cal.com it is left to whoever speaks again.
    pub(crate) fn begun_wish(
        &self,
        whose: (CompanyId, AppointmentId),
        kind: SagaKind,
        uid: Option<BookingUid>,
    ) -> Saga {
        let begin = match self.speaks_to_calcom() {
            true => Saga::calling,
            false => Saga::ready,
        };
        let saga = begin(self.new_saga_id(), whose, kind, uid, self.now());
        saga.traced(trace::current())
    }

    /// Drives a saga on a task of its own and waits for it until the deadline. The refusal, if it
    /// ended with one by then.
    pub(crate) async fn drive_until(
        self: &Arc<Self>,
        deadline: Span,
        leased: LeasedSaga,
    ) -> Option<Refusal> {
        if !self.speaks_to_calcom() {
            return None;
        }
        let app = self.clone();
        let drive = self
            .tasks
            .spawn(carried(async move { app.drive_started(leased).await }));
        let limit = Duration::from_micros(deadline.as_micros().unsigned_abs());
        match tokio::time::timeout(limit, drive).await {
            Ok(Ok(Ok(Progress::Over(refusal)))) => refusal,
            Ok(Ok(Ok(Progress::Waiting))) | Err(_) => None,
            Ok(Ok(Err(error))) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a saga stopped");
                None
            }
            Ok(Err(panic)) => {
                tracing::error!(%panic, "a saga's task ended");
                None
            }
        }
    }

    /// Goes on with a saga whose first intent is committed: the call begins now.
    async fn drive_started(&self, mut leased: LeasedSaga) -> Result<Progress, StoreError> {
        self.reached("before_call");
        let Some(observation) = self.call(&leased.saga).await? else {
            return self.end(leased).await;
        };
        self.reached("after_call");
        if let Some(over) = self.take_in_observation(&mut leased, observation).await? {
            return Ok(Progress::Over(over));
        }
        self.drive(leased).await
    }

    /// Drives a saga until it is over or has to wait.
    pub(crate) async fn drive(&self, mut leased: LeasedSaga) -> Result<Progress, StoreError> {
        loop {
            let observation = match leased.saga.next(&self.settings.saga, self.now()) {
                Decision::Call => {
                    self.record_intent_to_call(&mut leased).await?;
                    self.reached("before_call");
                    let Some(observation) = self.call(&leased.saga).await? else {
                        return self.end(leased).await;
                    };
                    self.reached("after_call");
                    observation
                }
                Decision::LookUp => {
                    self.reached("before_look_up");
                    let observation = self.look_up(&leased.saga).await?;
                    self.reached("after_look_up");
                    observation
                }
                Decision::Wait(_) => return Ok(Progress::Waiting),
                Decision::Rest => return Ok(Progress::Over(None)),
            };
            if let Some(over) = self.take_in_observation(&mut leased, observation).await? {
                return Ok(Progress::Over(over));
            }
        }
    }

    /// Intent before effect: whoever takes over knows that a call may have been made.
    async fn record_intent_to_call(&self, leased: &mut LeasedSaga) -> Result<(), StoreError> {
        leased.saga.begin_call(self.now());
        let mut unit = self.deps.store.units.begin(leased.saga.company).await?;
        unit.update_saga(leased, leased.saga.due_at(&self.settings.saga))
            .await?;
        unit.commit().await.map(drop)
    }

    /// Nothing is left to ask for, unless to cancel what news has told of.
    async fn end(&self, mut leased: LeasedSaga) -> Result<Progress, StoreError> {
        leased.saga.phase = Phase::Done;
        let mut unit = self.deps.store.units.begin(leased.saga.company).await?;
        if let Some(appointment) = unit.find(leased.saga.appointment).await? {
            self.cancel_if_wished(&mut *unit, &leased.saga, &appointment)
                .await?;
            finish_key(&mut *unit, &leased.saga, &appointment, None).await?;
        }
        unit.update_saga(&leased, None).await?;
        unit.commit().await?;
        Ok(Progress::Over(None))
    }

    /// Commits what came back; `Some` when the saga is over.
    async fn take_in_observation(
        &self,
        leased: &mut LeasedSaga,
        observation: Observation,
    ) -> Result<Option<Option<Refusal>>, StoreError> {
        let before = leased.saga.clone();
        for attempt in 1.. {
            leased.saga = before.clone();
            match self.apply_observation(leased, observation.clone()).await {
                // The appointment was changed by news from Cal.com in between: decide anew.
                Err(StoreError::Changed) if attempt < 5 => {}
                result => return result,
            }
        }
        Ok(None)
    }
}
