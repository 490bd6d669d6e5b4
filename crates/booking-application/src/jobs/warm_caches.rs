//! One pass over the windows that somebody wished to be warm: fetch what is due, as far as the
//! budget of its Cal.com account goes.

use booking_domain::cache_key::DayRangeKey;
use booking_domain::ports::StoreError;
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::Span;

use crate::Application;
use crate::availability::{Source, WantedBy, Window};
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

    async fn warm(
        &self,
        setup: &CompanySetup,
        service: &Service,
        window: DayRangeKey,
    ) -> Result<(), AvailabilityError> {
        let Some(side) = calcom_side(setup, service)? else {
            return Ok(());
        };
        self.deps.versions.refresh().await?;
        let window = Window::days(setup, service, side, &window.window());
        // The rest of the block comes with it, and one entry is enough.
        let window = window.block(self.now().utc_day()).unwrap_or(window);
        let answer = self.day_window(&window, WantedBy::Nobody).await;
        let asked = !matches!(&answer, Ok(answer) if answer.source == Source::Cache);
        if asked {
            let pause = Span::millis(60_000 / i64::from(self.settings.warm_per_minute.max(1)));
            self.warming.asked(&side.1.api_key, self.now(), pause);
        }
        self.share(&window, &answer?.entry).await;
        Ok(())
    }
}
