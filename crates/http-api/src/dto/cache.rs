//! The caches, for whoever runs them: figures, what is to be done, what was done.

use booking_application::availability::{AgeFigures, LayerFigures};
use booking_application::{CacheAlert, CacheHealth};
use booking_domain::ports::Deleted;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

/// How well the caches of the company do, as seen by the process that answers, since it started.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheHealth)]
pub(crate) struct CacheHealthJson {
    /// Hits among all questions of both layers; null before the first question.
    #[schema(example = 0.87)]
    pub(crate) hit_ratio: Option<f64>,
    /// Each layer.
    pub(crate) layers: LayersJson<LayerJson>,
    /// Slots that an entry offered and Cal.com refused, within 24 hours.
    pub(crate) stale_detections_24h: u64,
    /// How old what people were offered was when they booked it; of the last 1,000 bookings.
    pub(crate) age_at_booking_seconds: AgeJson,
    /// Double bookings that did not happen, by what prevented them.
    pub(crate) double_bookings_prevented: PreventedJson,
    /// What is wrong, and what to do about it.
    pub(crate) alerts: Vec<AlertJson>,
}

/// Something about each of the two layers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheLayers)]
pub(crate) struct LayersJson<T> {
    /// Day ranges, as Cal.com answered.
    pub(crate) calcom_slots: T,
    /// Hour windows, cut from them for alternatives.
    pub(crate) alternative_slots: T,
}

/// What is counted of a layer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheLayer)]
pub(crate) struct LayerJson {
    /// Answers that were provably fresh.
    hits: u64,
    /// Questions without such an answer.
    misses: u64,
    /// Entries that were filed.
    fills: u64,
    /// Entries that were not, because something had changed since they were asked for.
    fills_rejected: u64,
    /// Entries there are now.
    entries: u64,
    /// Invalidations within the last hour.
    invalidations_last_hour: u64,
    /// Entries they removed.
    keys_deleted_last_hour: u64,
}

impl LayerJson {
    const fn new(figures: &LayerFigures, entries: u64) -> Self {
        Self {
            hits: figures.hits,
            misses: figures.misses,
            fills: figures.fills,
            fills_rejected: figures.fills_rejected,
            entries,
            invalidations_last_hour: figures.invalidations_last_hour,
            keys_deleted_last_hour: figures.keys_deleted_last_hour,
        }
    }
}

/// Seconds; all 0 before the first booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheAge)]
pub(crate) struct AgeJson {
    avg: f64,
    max: f64,
    /// 95 of 100 were not older.
    p95: f64,
}

impl From<AgeFigures> for AgeJson {
    fn from(AgeFigures { avg, max, p95 }: AgeFigures) -> Self {
        Self { avg, max, p95 }
    }
}

/// By what prevented them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DoubleBookingsPrevented)]
pub(crate) struct PreventedJson {
    /// The slot was held or sold here.
    database: u64,
    /// An entry that still offered it was not believed.
    cache_validation: u64,
    /// Cal.com refused.
    calcom: u64,
}

/// Something that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheAlert)]
pub(crate) struct AlertJson {
    /// Its name.
    #[schema(example = "low_hit_ratio")]
    name: &'static str,
    /// What it means and what to do.
    detail: &'static str,
}

impl From<CacheAlert> for AlertJson {
    fn from(alert: CacheAlert) -> Self {
        Self {
            name: alert.as_str(),
            detail: alert.advice(),
        }
    }
}

impl From<&CacheHealth> for CacheHealthJson {
    fn from(health: &CacheHealth) -> Self {
        let figures = &health.figures;
        let [days, hours] = &figures.layers;
        let [database, cache_validation, calcom] = figures.double_bookings_prevented;
        Self {
            hit_ratio: health.hit_ratio(),
            layers: LayersJson {
                calcom_slots: LayerJson::new(days, health.entries.layer1_entries),
                alternative_slots: LayerJson::new(hours, health.entries.layer2_entries),
            },
            stale_detections_24h: figures.stale_detections_24h,
            age_at_booking_seconds: figures.age_at_booking.into(),
            double_bookings_prevented: PreventedJson {
                database,
                cache_validation,
                calcom,
            },
            alerts: health.alerts.iter().copied().map(AlertJson::from).collect(),
        }
    }
}

/// What is to be forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = InvalidateCache)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvalidateBody {
    /// Cal.com's number for it.
    #[schema(example = 2_563_193)]
    pub(crate) event_type_id: i64,
}

/// Entries that were removed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RemovedEntries)]
pub(crate) struct RemovedJson {
    /// Of each layer.
    layers: LayersJson<u64>,
}

impl From<Deleted> for RemovedJson {
    fn from(deleted: Deleted) -> Self {
        let layers = LayersJson {
            calcom_slots: deleted.layer1,
            alternative_slots: deleted.layer2,
        };
        Self { layers }
    }
}

const DAYS: std::ops::RangeInclusive<u32> = 1..=62;
const USUAL_DAYS: u32 = 30;

/// What is to be warmed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = WarmCache)]
#[serde(deny_unknown_fields)]
pub(crate) struct WarmBody {
    /// So many days, today included; 30 if absent.
    #[schema(minimum = 1, maximum = 62, example = 30)]
    days: Option<u32>,
}

impl WarmBody {
    pub(crate) fn days(&self) -> Result<u32, Problem> {
        let days = self.days.unwrap_or(USUAL_DAYS);
        let known = DAYS.contains(&days).then_some(days);
        known.ok_or_else(|| Problem::field("days", "is no whole number from 1 to 62"))
    }
}

/// What waits to be warmed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WarmingWindows)]
pub(crate) struct WishedJson {
    /// Windows of the company that were put on the list.
    pub(crate) windows: u32,
}
