//! One pass over the windows that somebody wished to be warm: fetch what is due, as far as the
//! budget of its Cal.com account goes. What it does not allow now waits until it does.

use booking_domain::breaker::BreakerState;
use booking_domain::cache_key::DayRangeKey;
use booking_domain::ports::StoreError;
use booking_domain::tenant::{CalcomAccount, CompanySetup, Service};
use booking_domain::time::Instant;

use crate::Application;
use crate::availability::{WantedBy, Window};
use crate::use_cases::{AvailabilityError, calcom_side};

/// What a pass of warming did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WarmReport {
    /// Windows that are warm now.
    pub warmed: u32,
    /// Those that could not be fetched: they are left to whoever asks for them.
    pub failed: u32,
    /// Those that wait for their time.
    pub waiting: u32,
}

impl Application {
    /// One pass of warming: fetches what is due, as far as the budget goes.
    pub async fn warm_caches(&self) -> Result<WarmReport, StoreError> {
        let mut report = WarmReport::default();
        for (company, window) in self.warming.due(self.now()) {
            let setup = self.company(company).await?;
            let found = setup.as_deref().and_then(|setup| {
                let service = setup.service_of_event_type(window.event_type)?;
                Some((setup, service, calcom_side(setup, service).ok()??))
            });
            let Some((setup, service, side)) = found else {
                self.warming.done(&(company, window));
                continue;
            };
            if !self.warming.may_ask(&side.1.api_key, self.now()) {
                continue;
            }
            self.warming.done(&(company, window));
            let warmed = self.warm(setup, service, window).await;
            if let Some(until) = self.held_back(side.1, &warmed) {
                let now = self.now();
                self.warming.held_back(&side.1.api_key, now, until);
                self.warming.wish((company, window), now);
                continue;
            }
            let result = if warmed.is_ok() { "ok" } else { "failed" };
            metrics::counter!("booking_cache_warmed_total", "result" => result).increment(1);
            match warmed {
                Ok(()) => report.warmed += 1,
                Err(error) => {
                    report.failed += 1;
                    tracing::info!(%error, event_type = %window.event_type, "not warmed");
                }
            }
        }
        report.waiting = self.warming.waiting() as u32;
        Ok(report)
    }

    /// Until when the account's budget is for others. While nobody answers there, what could not
    /// be fetched is not waited with.
    fn held_back(
        &self,
        account: &CalcomAccount,
        warmed: &Result<(), AvailabilityError>,
    ) -> Option<Instant> {
        let Err(AvailabilityError::CalendarUnavailable { retry_at }) = warmed else {
            return None;
        };
        let breaker = self.deps.health.breaker(account, self.now());
        retry_at.filter(|_| breaker.state != BreakerState::Open)
    }

    async fn warm(
        &self,
        setup: &CompanySetup,
        service: &Service,
        window: DayRangeKey,
    ) -> Result<(), AvailabilityError> {
        let Some(side) = calcom_side(setup, service)? else {
            return Ok(());
        };
        self.deps.store.versions.refresh().await?;
        let window = Window::days(setup, service, side, &window.window());
        // The rest of the block comes with it, and one entry is enough.
        let window = window.block(self.now().utc_day()).unwrap_or(window);
        let answer = self.day_window(&window, WantedBy::Nobody).await;
        self.share(&window, &answer?.entry).await;
        Ok(())
    }
}
