//! What operators see of the caches, and do to them: figures, invalidation, warming.

use booking_domain::cache_key::DayRangeKey;
use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::{CompanyId, EventTypeId};
use booking_domain::ports::{CacheOverview, Deleted, StoreError};
use booking_domain::time::{Span, TimeRange};

use super::availability::calcom_side;
use crate::availability::CompanyFigures;
use crate::{Application, Failure};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CacheOperationError {
    /// The company has no service with this event type.
    #[error("no service of the company has this event type")]
    EventTypeNotFound,
    /// The store failed.
    #[error("the caches could not be steered")]
    Failed(#[from] Failure),
}

impl From<StoreError> for CacheOperationError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Classified for CacheOperationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::EventTypeNotFound => ErrorKind::NotFound,
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::EventTypeNotFound => "event_type_not_found",
            Self::Failed(failure) => failure.code(),
        }
    }
}

/// What is wrong with the caches, if anything is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CacheAlert {
    /// Cal.com refused what was offered, within the last day.
    StaleDetected,
    /// Fewer than 60 of 100 questions were answered from the cache in the last 15 minutes.
    LowHitRatio,
    /// More than one of 100 invalidations failed in the last hour.
    InvalidationsFail,
    /// The shared cache does not answer.
    SharedCacheDown,
}

impl CacheAlert {
    /// Its name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StaleDetected => "stale_detected",
            Self::LowHitRatio => "low_hit_ratio",
            Self::InvalidationsFail => "invalidations_fail",
            Self::SharedCacheDown => "shared_cache_down",
        }
    }

    /// What it means, and what to do.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::StaleDetected => {
                "Cal.com refused a slot that our cache offered: somebody took it there and we were \
                 not told. See whether Cal.com's webhooks for the company arrive."
            }
            Self::LowHitRatio => {
                "Fewer than 60 of 100 questions of the last 15 minutes were answered from the \
                 cache. After a start this passes; else see booking_cache_misses_total by reason: \
                 for `expired` raise BOOKING__CACHE__TTL_SECONDS, for `absent` see to Redis and \
                 its memory, `stamp` comes of many changes."
            }
            Self::InvalidationsFail => {
                "More than one of 100 invalidations of the last hour failed. Answers stay right, \
                 because what is outdated is not believed. See whether Redis answers within 50 ms."
            }
            Self::SharedCacheDown => {
                "The shared cache does not answer. Answers stay right and cost more questions to \
                 Cal.com. See whether Redis runs and BOOKING__REDIS_URL is right."
            }
        }
    }
}

/// How well the caches of a company do, as this process sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct CacheHealth {
    /// What was counted since the process started.
    pub figures: CompanyFigures,
    /// The company's entries: in the shared cache where there is one, else in this process.
    pub entries: CacheOverview,
    /// What is wrong.
    pub alerts: Vec<CacheAlert>,
}

impl CacheHealth {
    /// Hits among all questions of both layers; `None` before the first question.
    pub fn hit_ratio(&self) -> Option<f64> {
        let [days, hours] = &self.figures.layers;
        ratio(days.hits + hours.hits, days.misses + hours.misses)
    }
}

fn ratio(good: u64, bad: u64) -> Option<f64> {
    let all = good + bad;
    (all > 0).then(|| good as f64 / all as f64)
}

/// Fewer questions than this in 15 minutes say nothing about the ratio.
const FEWEST_READS: u64 = 20;
const LOW_HIT_RATIO: f64 = 0.6;
const INVALIDATIONS_OK: f64 = 0.99;

fn alerts(figures: &CompanyFigures) -> Vec<CacheAlert> {
    let (hits, misses) = figures.recent_reads;
    let failed = figures.invalidations_failed_last_hour;
    let done = figures.layers[0].invalidations_last_hour;
    let is_low = |ratio: Option<f64>, limit| ratio.is_some_and(|ratio| ratio < limit);
    let found = [
        (figures.stale_detections_24h > 0, CacheAlert::StaleDetected),
        (
            hits + misses >= FEWEST_READS && is_low(ratio(hits, misses), LOW_HIT_RATIO),
            CacheAlert::LowHitRatio,
        ),
        (
            is_low(ratio(done, failed), INVALIDATIONS_OK),
            CacheAlert::InvalidationsFail,
        ),
    ];
    let raised = found.into_iter().filter(|(is_raised, _)| *is_raised);
    raised.map(|(_, alert)| alert).collect()
}

impl Application {
    /// How well the caches of a company do.
    pub async fn cache_health(&self, company: CompanyId) -> Result<CacheHealth, StoreError> {
        let setup = self.company(company).await?;
        let event_types: Vec<EventTypeId> = setup
            .iter()
            .flat_map(|setup| &setup.services)
            .filter_map(|service| service.event_type)
            .collect();
        let figures = self.figures.read(company, self.now());
        let mut alerts = alerts(&figures);
        let counted = self.authority().overview(&event_types).await;
        let entries = counted.unwrap_or_else(|error| {
            tracing::warn!(%error, "the entries could not be counted");
            alerts.push(CacheAlert::SharedCacheDown);
            CacheOverview::default()
        });
        Ok(CacheHealth {
            figures,
            entries,
            alerts,
        })
    }

    /// Makes every entry of an event type outdated, for every instance, and removes those that can
    /// be reached.
    pub async fn invalidate_event_type(
        &self,
        company: CompanyId,
        event_type: EventTypeId,
    ) -> Result<Deleted, CacheOperationError> {
        let setup = self.company(company).await?;
        let service = setup
            .as_ref()
            .and_then(|setup| setup.service_of_event_type(event_type))
            .ok_or(CacheOperationError::EventTypeNotFound)?;
        let mut unit = self.deps.store.units.begin(company).await?;
        unit.outdate(service.id, None, Span::ZERO).await?;
        unit.commit().await?;
        let deleted = self.invalidation.clear(company, event_type).await;
        Ok(deleted.unwrap_or_default())
    }

    /// Wishes for the next `days` of a company's services, from now on as fast as the budget
    /// allows. Says how many windows that are.
    pub async fn wish_for_days(&self, company: CompanyId, days: u32) -> Result<u32, StoreError> {
        let Some(setup) = self.company(company).await? else {
            return Ok(0);
        };
        let now = self.now();
        let span = Span::days(i64::from(days.clamp(1, DayRangeKey::MAX_DAYS) - 1));
        let Ok(wanted) = TimeRange::new(now, now + span.max(Span::MINUTE)) else {
            return Ok(0);
        };
        let sides = setup
            .services
            .iter()
            .filter_map(|service| calcom_side(&setup, service).ok().flatten());
        let wished = sides
            .map(|(event_type, _)| DayRangeKey::covering(event_type, &wanted))
            .filter(|window| self.warming.wish((company, *window), now));
        Ok(wished.count() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when a limit of the alert rules changes, or too few questions raise an alert.
    #[test]
    fn alerts_follow_the_rules() {
        let mut figures = CompanyFigures::default();
        assert_eq!(alerts(&figures), []);
        figures.recent_reads = (0, 19);
        assert_eq!(alerts(&figures), []);
        figures.recent_reads = (12, 8);
        assert_eq!(alerts(&figures), []);
        figures.recent_reads = (11, 9);
        assert_eq!(alerts(&figures), [CacheAlert::LowHitRatio]);
        figures.recent_reads = (0, 0);
        figures.layers[0].invalidations_last_hour = 99;
        figures.invalidations_failed_last_hour = 1;
        assert_eq!(alerts(&figures), []);
        figures.invalidations_failed_last_hour = 2;
        assert_eq!(alerts(&figures), [CacheAlert::InvalidationsFail]);
        figures.stale_detections_24h = 1;
        assert_eq!(
            alerts(&figures),
            [CacheAlert::StaleDetected, CacheAlert::InvalidationsFail]
        );
    }
}
