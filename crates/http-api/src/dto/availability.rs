//! What is free, and what lies near a wish.

use booking_application::Alternatives;
use booking_application::availability::Availability;
use booking_domain::time::{Instant, TimeRange, ZoneName};
use serde::Serialize;
use utoipa::ToSchema;

/// A slot, in the offset of the zone that was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = Slot)]
pub(crate) struct SlotJson {
    /// When it begins.
    #[schema(format = DateTime, example = "2025-10-13T08:00:00+02:00")]
    pub(crate) start: String,
    /// When it is over.
    #[schema(format = DateTime, example = "2025-10-13T09:00:00+02:00")]
    pub(crate) end: String,
}

impl SlotJson {
    pub(crate) fn new(slot: &TimeRange, zone: ZoneName) -> Self {
        Self {
            start: zone.rfc3339(slot.start()),
            end: zone.rfc3339(slot.end()),
        }
    }
}

/// The free slots of a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Availability)]
pub(crate) struct AvailabilityJson {
    /// The service.
    pub(crate) service_id: i64,
    /// Cal.com's number for it; null for a service that Cal.com does not know.
    pub(crate) event_type_id: Option<i64>,
    /// The zone whose offsets the times carry.
    #[schema(example = "Europe/Berlin")]
    pub(crate) time_zone: &'static str,
    /// What is free, in order.
    pub(crate) slots: Vec<SlotJson>,
    /// `upstream`: fetched for this request. `cache`: provably as fresh. `stale_fallback`: may be
    /// out of date, as `allow_stale` allowed.
    #[schema(value_type = SourceWord)]
    pub(crate) source: &'static str,
    /// When the slots were fetched.
    #[schema(format = DateTime)]
    pub(crate) as_of: String,
    /// Whole seconds since then.
    pub(crate) age_seconds: i64,
}

/// Where the slots came from.
#[derive(ToSchema)]
#[schema(as = AvailabilitySource, rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes a member of the answer in the API's description"
)]
pub(crate) enum SourceWord {
    Upstream,
    Cache,
    StaleFallback,
}

impl AvailabilityJson {
    pub(crate) fn new(found: &Availability, zone: ZoneName, now: Instant) -> Self {
        Self {
            service_id: found.service.id.get(),
            event_type_id: found.service.event_type.map(|id| id.get()),
            time_zone: zone.name(),
            slots: found
                .slots
                .iter()
                .map(|slot| SlotJson::new(slot, zone))
                .collect(),
            source: found.source.as_str(),
            as_of: zone.rfc3339(found.as_of),
            age_seconds: now.since(found.as_of).as_seconds().max(0),
        }
    }
}

/// The last member: what stands before it stays the same while the answer grows older.
const AGE: &str = "\"age_seconds\":";

impl AvailabilityJson {
    /// The JSON up to the value of `age_seconds`.
    pub(crate) fn up_to_the_age(&self) -> Option<String> {
        let mut text = serde_json::to_string(self).ok()?;
        text.truncate(text.rfind(AGE)? + AGE.len());
        Some(text)
    }
}

/// Whether a wish can be fulfilled, and what lies near.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alternatives)]
pub(crate) struct AlternativesJson {
    /// The wish.
    pub(crate) requested: RequestedJson,
    /// Free slots, nearest first; the wish itself is not among them.
    pub(crate) alternatives: Vec<AlternativeJson>,
}

/// The wish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RequestedSlot)]
pub(crate) struct RequestedJson {
    #[schema(format = DateTime)]
    pub(crate) start: String,
    #[schema(format = DateTime)]
    pub(crate) end: String,
    /// Whether it is among the slots that are offered. A time at which no slot begins is not; whether it can be
    /// booked all the same is found out by booking it.
    pub(crate) available: bool,
}

/// A free slot near the wish.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlternativeSlot)]
pub(crate) struct AlternativeJson {
    #[schema(format = DateTime)]
    pub(crate) start: String,
    #[schema(format = DateTime)]
    pub(crate) end: String,
    /// Minutes between its beginning and the wish, earlier or later.
    pub(crate) distance_minutes: i64,
}

impl AlternativesJson {
    pub(crate) fn new(found: &Alternatives, zone: ZoneName) -> Self {
        let requested = RequestedJson {
            start: zone.rfc3339(found.requested.start()),
            end: zone.rfc3339(found.requested.end()),
            available: found.available,
        };
        let alternatives = found.alternatives.iter().map(|near| AlternativeJson {
            start: zone.rfc3339(near.slot.start()),
            end: zone.rfc3339(near.slot.end()),
            distance_minutes: near.distance.as_minutes(),
        });
        Self {
            requested,
            alternatives: alternatives.collect(),
        }
    }
}
