//! The trace that the work at hand belongs to. It follows a request into the tasks it begins, and is
//! stored with what is left to others, who go on in it.

use std::future::Future;

use booking_domain::trace::TraceParent;
use tracing::Instrument;
use tracing::instrument::Instrumented;

use crate::Application;

tokio::task_local! {
    static CURRENT: Option<TraceParent>;
}

/// The trace of the work at hand, with the span that is doing it.
pub fn current() -> Option<TraceParent> {
    CURRENT.try_with(|current| *current).ok().flatten()
}

/// The work belongs to this trace.
pub fn scope<F: Future>(trace: Option<TraceParent>, work: F) -> impl Future<Output = F::Output> {
    CURRENT.scope(trace, work)
}

/// Work for a task of its own that goes on in the same trace.
pub(crate) fn carried<F: Future>(
    work: F,
) -> Instrumented<tokio::task::futures::TaskLocalFuture<Option<TraceParent>, F>> {
    CURRENT.scope(current(), work).in_current_span()
}

impl Application {
    /// Takes up what was stored: a span of its own in the trace in which it was begun.
    pub(crate) async fn resumed<F: Future>(
        &self,
        parent: Option<TraceParent>,
        span: tracing::Span,
        work: F,
    ) -> F::Output {
        let trace = parent.map(|parent| parent.child(self.deps.ids.uuid()));
        scope(trace, work.instrument(span)).await
    }
}
