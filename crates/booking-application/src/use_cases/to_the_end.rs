//! Reads that go on when whoever asked has stopped waiting: on the telephone nobody waits for a slow
//! calendar, and what it answers at last is filed for the next who asks. Without this, each of them
//! would begin anew and hear nothing.

use std::future::Future;
use std::sync::Arc;

use booking_domain::ids::CompanyId;

use super::{Alternatives, AlternativesQuestion, AvailabilityError, AvailabilityQuestion};
use crate::Application;
use crate::availability::Availability;
use crate::trace::carried;

impl Application {
    /// [`availability`](Self::availability), on a task of its own.
    pub async fn availability_to_the_end(
        self: &Arc<Self>,
        company: CompanyId,
        question: AvailabilityQuestion,
    ) -> Result<Availability, AvailabilityError> {
        let app = self.clone();
        to_the_end(async move { app.availability(company, &question).await }).await
    }

    /// [`alternatives`](Self::alternatives), on a task of its own.
    pub async fn alternatives_to_the_end(
        self: &Arc<Self>,
        company: CompanyId,
        question: AlternativesQuestion,
    ) -> Result<Alternatives, AvailabilityError> {
        let app = self.clone();
        to_the_end(async move { app.alternatives(company, &question).await }).await
    }
}

async fn to_the_end<T: Send + 'static>(
    read: impl Future<Output = Result<T, AvailabilityError>> + Send + 'static,
) -> Result<T, AvailabilityError> {
    tokio::spawn(carried(read))
        .await
        .unwrap_or_else(|gone| Err(AvailabilityError::Interrupted(gone)))
}
