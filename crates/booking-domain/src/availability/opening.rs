//! Opening hours and slots: those of a service that Cal.com does not know are cut from its hours,
//! and of those that Cal.com lists only what lies within them is offered.

use crate::tenant::{OpeningHours, Service};
use crate::time::{Instant, Span, TimeRange, ZoneName};

/// Slots of the service's length inside `window`, none beginning before `now`: back to back from the
/// beginning of each of its opening hours, and from midnight where no hours are set.
pub fn slots_from_hours(
    service: &Service,
    zone: ZoneName,
    window: &TimeRange,
    now: Instant,
) -> Vec<TimeRange> {
    let length = Span::minutes(i64::from(service.duration_minutes.max(1)));
    let (first, last) = (zone.local(window.start()).day, zone.local(window.end()).day);
    let mut slots = Vec::new();
    for ahead in 0..=last.days_since(first) {
        for open in service.opening_hours.on(first.plus_days(ahead), zone) {
            let mut start = open.start();
            while start < open.end() {
                let slot = TimeRange::lasting(start, service.duration_minutes);
                if window.contains(&slot) && start >= now {
                    slots.push(slot);
                }
                start = start + length;
            }
        }
    }
    within_hours(slots, &service.opening_hours, zone)
}

/// Drops the slots that do not lie wholly within opening hours of `zone`: nobody could book them.
///
/// The hours of all the days are looked up once, whatever the number of slots, and not at all where
/// none are set.
///
/// ```
/// # use booking_domain::{availability::within_hours, tenant::OpeningHours, time::TimeRange};
/// let hours: OpeningHours = serde_json::from_str(r#"{"mon":[["08:00","18:00"]]}"#)?;
/// let slot = |start: &str| TimeRange::lasting(start.parse().unwrap(), 30);
/// let (seven, eight) = (slot("2025-10-13T07:00:00+01:00"), slot("2025-10-13T08:00:00+01:00"));
/// let offered = within_hours(vec![seven, eight], &hours, "Europe/London".parse()?);
/// assert_eq!(offered, [eight]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn within_hours(
    mut slots: Vec<TimeRange>,
    hours: &OpeningHours,
    zone: ZoneName,
) -> Vec<TimeRange> {
    let first = slots.iter().map(TimeRange::start).min();
    let last = slots.iter().map(TimeRange::end).max();
    let Some((first, last)) = first.zip(last).filter(|_| !hours.is_unrestricted()) else {
        return slots;
    };
    let Ok(reach) = TimeRange::new(first, last) else {
        return slots;
    };
    let open = hours.open_ranges(&reach, zone);
    slots.retain(|slot| {
        let at = open.partition_point(|open| open.end() < slot.end());
        open.get(at).is_some_and(|open| open.contains(slot))
    });
    slots
}

#[cfg(test)]
#[path = "opening_tests.rs"]
mod tests;
