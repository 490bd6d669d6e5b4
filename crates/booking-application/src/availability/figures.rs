//! How well the caches do, per company: what this process has seen since it started.
//!
//! Metrics carry no company in their labels, and a company must not see another's figures; so what
//! one of them is shown is counted here, beside the metrics.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use booking_domain::cache_key::CacheKey;
use booking_domain::ids::CompanyId;
use booking_domain::ports::Deleted;
use booking_domain::time::{Instant, Span};

use super::minutes::{PerMinute, Recent, add, get, locked};
use super::offers::{PROCESS, SHARED};

/// One of the two layers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layer {
    Days,
    Hours,
}

impl Layer {
    pub(crate) const ALL: [Self; 2] = [Self::Days, Self::Hours];

    pub(crate) const fn of(key: &CacheKey) -> Self {
        match key {
            CacheKey::Layer1(_) => Self::Days,
            CacheKey::Layer2(_) => Self::Hours,
        }
    }

    /// Its name in metrics and in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Days => "calcom_slots",
            Self::Hours => "alternative_slots",
        }
    }

    pub(crate) const fn deleted(self, deleted: &Deleted) -> u64 {
        match self {
            Self::Days => deleted.layer1,
            Self::Hours => deleted.layer2,
        }
    }
}

/// What refused a double booking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Guard {
    /// The exclusion constraint: the slot is held or sold here.
    Database,
    /// The stamp: an entry that offered what is gone was not believed.
    CacheValidation,
    /// Cal.com refused.
    Calcom,
}

impl Guard {
    const ALL: [Self; 3] = [Self::Database, Self::CacheValidation, Self::Calcom];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::CacheValidation => "cache_validation",
            Self::Calcom => "calcom",
        }
    }
}

/// What is counted of a layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LayerFigures {
    /// Answers that were provably fresh.
    pub hits: u64,
    /// Questions without such an answer.
    pub misses: u64,
    /// Entries that were filed.
    pub fills: u64,
    /// Entries that were not, because something had changed since they were asked for.
    pub fills_rejected: u64,
    /// Invalidations within the last hour.
    pub invalidations_last_hour: u64,
    /// Entries they removed.
    pub keys_deleted_last_hour: u64,
}

/// How old what people were offered was when they booked it, in seconds; of the last 1,000.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct AgeFigures {
    pub avg: f64,
    pub max: f64,
    pub p95: f64,
}

/// The figures of one company.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct CompanyFigures {
    /// Day ranges, then hour windows.
    pub layers: [LayerFigures; 2],
    /// Hits and misses of the last 15 minutes, both layers.
    pub recent_reads: (u64, u64),
    /// Invalidations that failed within the last hour.
    pub invalidations_failed_last_hour: u64,
    /// Slots that were offered and that Cal.com refused.
    pub stale_detections_24h: u64,
    /// How old an offer was when it was booked.
    pub age_at_booking: AgeFigures,
    /// Double bookings refused, by the database, by the validation of entries, by Cal.com.
    pub double_bookings_prevented: [u64; 3],
}

const HOUR: Span = Span::HOUR;
const DAY: Span = Span::DAY;
const MOST_AGES: usize = 1_000;

#[derive(Default)]
struct LayerCounts {
    hits: AtomicU64,
    misses: AtomicU64,
    fills: AtomicU64,
    fills_rejected: AtomicU64,
    invalidations: Recent,
    keys_deleted: Recent,
}

#[derive(Default)]
struct Counts {
    layers: [LayerCounts; 2],
    reads: PerMinute,
    invalidations_failed: Recent,
    stale: Recent,
    ages: Mutex<VecDeque<f64>>,
    prevented: [AtomicU64; 3],
}

/// The counters of all companies.
#[derive(Clone, Default)]
pub(crate) struct Figures(Arc<RwLock<HashMap<CompanyId, Arc<Counts>>>>);

impl Figures {
    /// Shows what is hoped to stay 0 as 0 from the start: an alert cannot see what is not there.
    pub(crate) fn announce() {
        for layer in Layer::ALL {
            let name = layer.as_str();
            for result in ["hit", "miss"] {
                metrics::counter!("booking_cache_requests_total", "layer" => name, "result" => result)
                    .increment(0);
            }
            for result in ["ok", "failed"] {
                metrics::counter!("booking_cache_invalidations_total", "layer" => name, "result" => result)
                    .increment(0);
            }
            metrics::counter!("booking_cache_fills_rejected_total", "layer" => name).increment(0);
            metrics::counter!("booking_cache_keys_deleted_total", "layer" => name).increment(0);
        }
        for source in [PROCESS, SHARED] {
            metrics::counter!("booking_cache_stale_detected_total", "source" => source)
                .increment(0);
        }
        for guard in Guard::ALL {
            metrics::counter!("booking_double_bookings_prevented_total", "by" => guard.as_str())
                .increment(0);
        }
        metrics::counter!("booking_cache_entries_updated_total").increment(0);
        for result in ["ok", "failed"] {
            metrics::counter!("booking_cache_warmed_total", "result" => result).increment(0);
        }
        metrics::counter!("booking_event_type_missing_total").increment(0);
    }

    fn of(&self, company: CompanyId) -> Arc<Counts> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = known.get(&company) {
            return counts.clone();
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(company).or_default().clone()
    }

    /// An answer from a layer that is provably fresh.
    pub(crate) fn hit(&self, company: CompanyId, layer: Layer, now: Instant) {
        count_read(layer, "hit");
        let counts = self.of(company);
        add(&counts.layers[layer as usize].hits);
        counts.reads.add(now, true);
    }

    /// A question without one, and why.
    pub(crate) fn miss(&self, company: CompanyId, layer: Layer, why: &'static str, now: Instant) {
        count_read(layer, "miss");
        metrics::counter!("booking_cache_misses_total", "layer" => layer.as_str(), "reason" => why)
            .increment(1);
        let counts = self.of(company);
        add(&counts.layers[layer as usize].misses);
        counts.reads.add(now, false);
    }

    pub(crate) fn filled(&self, company: CompanyId, layer: Layer, accepted: bool) {
        let counts = self.of(company);
        let layer_counts = &counts.layers[layer as usize];
        if accepted {
            add(&layer_counts.fills);
        } else {
            metrics::counter!("booking_cache_fills_rejected_total", "layer" => layer.as_str())
                .increment(1);
            add(&layer_counts.fills_rejected);
        }
    }

    /// An invalidation; `None` if it failed.
    pub(crate) fn invalidated(&self, company: CompanyId, deleted: Option<&Deleted>, now: Instant) {
        let counts = self.of(company);
        let result = if deleted.is_some() { "ok" } else { "failed" };
        for layer in Layer::ALL {
            let name = layer.as_str();
            metrics::counter!("booking_cache_invalidations_total", "layer" => name, "result" => result)
                .increment(1);
            let Some(deleted) = deleted else { continue };
            let keys = layer.deleted(deleted);
            metrics::counter!("booking_cache_keys_deleted_total", "layer" => name).increment(keys);
            let layer_counts = &counts.layers[layer as usize];
            layer_counts.invalidations.add(now, 1);
            layer_counts.keys_deleted.add(now, keys);
        }
        if deleted.is_none() {
            counts.invalidations_failed.add(now, 1);
        }
    }

    /// A booking was made of what had been offered so long ago.
    pub(crate) fn booked(&self, company: CompanyId, age: Span) {
        let seconds = age.as_seconds_f64().max(0.0);
        metrics::histogram!("booking_cache_age_at_booking_seconds").record(seconds);
        let counts = self.of(company);
        let mut ages = locked(&counts.ages);
        if ages.len() == MOST_AGES {
            ages.pop_front();
        }
        ages.push_back(seconds);
    }

    pub(crate) fn stale_detected(&self, company: CompanyId, source: &'static str, now: Instant) {
        metrics::counter!("booking_cache_stale_detected_total", "source" => source).increment(1);
        self.of(company).stale.add(now, 1);
    }

    pub(crate) fn prevented(&self, company: CompanyId, by: Guard) {
        metrics::counter!("booking_double_bookings_prevented_total", "by" => by.as_str())
            .increment(1);
        add(&self.of(company).prevented[by as usize]);
    }

    pub(crate) fn read(&self, company: CompanyId, now: Instant) -> CompanyFigures {
        let counts = self.of(company);
        let layer = |layer: Layer| {
            let counts = &counts.layers[layer as usize];
            LayerFigures {
                hits: get(&counts.hits),
                misses: get(&counts.misses),
                fills: get(&counts.fills),
                fills_rejected: get(&counts.fills_rejected),
                invalidations_last_hour: counts.invalidations.since(now - HOUR),
                keys_deleted_last_hour: counts.keys_deleted.since(now - HOUR),
            }
        };
        CompanyFigures {
            layers: Layer::ALL.map(layer),
            recent_reads: counts.reads.sum(now),
            invalidations_failed_last_hour: counts.invalidations_failed.since(now - HOUR),
            stale_detections_24h: counts.stale.since(now - DAY),
            age_at_booking: ages(&locked(&counts.ages)),
            double_bookings_prevented: std::array::from_fn(|by| get(&counts.prevented[by])),
        }
    }
}

fn count_read(layer: Layer, result: &'static str) {
    metrics::counter!("booking_cache_requests_total", "layer" => layer.as_str(), "result" => result)
        .increment(1);
}

fn ages(ages: &VecDeque<f64>) -> AgeFigures {
    let mut sorted: Vec<f64> = ages.iter().copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let Some(max) = sorted.last().copied() else {
        return AgeFigures::default();
    };
    // The smallest that 95 of 100 do not exceed.
    let rank = (sorted.len() * 95).div_ceil(100) - 1;
    AgeFigures {
        avg: sorted.iter().sum::<f64>() / sorted.len() as f64,
        max,
        p95: sorted[rank],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: CompanyId = CompanyId::new(15);

    fn noon() -> Instant {
        "2025-10-13T12:00:00Z".parse().unwrap()
    }

    /// Red when companies share counters, or a count never ages.
    #[test]
    fn a_company_sees_its_own_and_what_is_recent() {
        let figures = Figures::default();
        let deleted = Deleted {
            layer1: 2,
            layer2: 3,
            total_keys: 9,
        };
        figures.invalidated(ONE, Some(&deleted), noon());
        figures.invalidated(ONE, None, noon());
        figures.stale_detected(ONE, "cache", noon());
        figures.hit(ONE, Layer::Days, noon());
        figures.miss(ONE, Layer::Days, "absent", noon() + Span::MINUTE);
        figures.prevented(ONE, Guard::Calcom);
        let now = figures.read(ONE, noon() + Span::MINUTE);
        let [days, hours] = now.layers;
        assert_eq!((days.hits, days.misses), (1, 1));
        assert_eq!(
            (days.invalidations_last_hour, days.keys_deleted_last_hour),
            (1, 2)
        );
        assert_eq!(
            (hours.invalidations_last_hour, hours.keys_deleted_last_hour),
            (1, 3)
        );
        assert_eq!(now.invalidations_failed_last_hour, 1);
        assert_eq!((now.recent_reads, now.stale_detections_24h), ((1, 1), 1));
        assert_eq!(now.double_bookings_prevented, [0, 0, 1]);
        let later = figures.read(ONE, noon() + Span::hours(2));
        assert_eq!(later.layers[0].invalidations_last_hour, 0);
        assert_eq!(
            (later.recent_reads, later.stale_detections_24h),
            ((0, 0), 1)
        );
        let next_day = figures.read(ONE, noon() + Span::hours(25));
        assert_eq!(next_day.stale_detections_24h, 0);
        let other = figures.read(CompanyId::new(20), noon());
        assert_eq!(other, CompanyFigures::default());
    }

    /// Red when p95 is off by one, or more than the last 1,000 count.
    #[test]
    fn ages_of_the_last_thousand_bookings() {
        let figures = Figures::default();
        figures.booked(ONE, Span::hours(1));
        for seconds in 1..=1_000 {
            figures.booked(ONE, Span::seconds(seconds));
        }
        let ages = figures.read(ONE, noon()).age_at_booking;
        assert_eq!((ages.max, ages.p95, ages.avg), (1_000.0, 950.0, 500.5));
    }
}
