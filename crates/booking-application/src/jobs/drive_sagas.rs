//! One pass over the sagas that are due: calls to be repeated, outcomes to be looked up, and what
//! a process that died has left behind.

use booking_domain::ports::{LeasedSaga, StoreError};
use booking_domain::time::Span;
use futures_util::future::join_all;
use tracing::field;

use crate::Application;
use crate::sagas::Progress;

/// What a pass did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SagaReport {
    /// Sagas that were taken up.
    pub driven: u32,
    /// Those that could not be driven on: they come again.
    pub failed: u32,
}

/// As many as are driven side by side.
const BATCH: u32 = 5;

impl Application {
    /// Drives a saga in the trace in which it was begun.
    pub(crate) async fn resume_saga(&self, leased: LeasedSaga) -> Result<Progress, StoreError> {
        let saga = &leased.saga;
        let parent = saga.trace_parent;
        let span = tracing::info_span!(
            "saga",
            saga = %saga.id,
            kind = saga.kind.as_str(),
            trace_id = parent.map(|it| field::display(it.trace_id())),
        );
        self.resumed(parent, span, self.drive(leased)).await
    }

    /// Drives up to a batch of sagas. Call again at once while it reports anything.
    pub async fn drive_sagas(&self) -> Result<SagaReport, StoreError> {
        if !self.speaks_to_calcom() {
            return Ok(SagaReport::default());
        }
        let now = self.now();
        // A lease outlives the longest call, so that nobody else makes the same call meanwhile.
        let leased_until = now + self.settings.saga.call_limit + Span::seconds(10);
        let leased = self
            .deps
            .store
            .sagas
            .lease_due(now, leased_until, BATCH)
            .await?;
        let driven = leased.len() as u32;
        let results = join_all(leased.into_iter().map(|saga| self.resume_saga(saga))).await;
        let mut failed = 0;
        for error in results.into_iter().filter_map(Result::err) {
            failed += 1;
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a saga could not be driven"
            );
        }
        Ok(SagaReport { driven, failed })
    }
}
