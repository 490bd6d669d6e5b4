//! One pass over the bookings that news came about: read each at Cal.com, believe what stands there.

use booking_domain::ports::StoreError;
use booking_domain::time::Span;
use futures_util::future::join_all;

use crate::Application;

/// What a pass did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NewsReport {
    /// Bookings that were taken up.
    pub read: u32,
    /// Those that the store kept from being written down: they come again.
    pub failed: u32,
}

/// As many as are read side by side.
const BATCH: u32 = 5;
/// Longer than the reads of a chain take.
const LEASE: Span = Span::seconds(120);

impl Application {
    /// Reads up to a batch of bookings. Call again at once while it reports anything.
    pub async fn converge_news(&self) -> Result<NewsReport, StoreError> {
        let now = self.now();
        let due = self
            .deps
            .store
            .news
            .lease_due(now, now + LEASE, BATCH)
            .await?;
        let results = join_all(due.iter().map(|booking| self.converge(booking))).await;
        let mut report = NewsReport {
            read: due.len() as u32,
            failed: 0,
        };
        for error in results.into_iter().filter_map(Result::err) {
            report.failed += 1;
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "what Cal.com says of a booking could not be written down"
            );
        }
        Ok(report)
    }
}
