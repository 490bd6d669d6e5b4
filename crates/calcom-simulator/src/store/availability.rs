//! Who is free when: opening hours, other bookings with their buffers, and holds.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{Booking, Span, Status, Store};
use crate::world::{EventType, Scheduling, World};

/// From which point of view the books are read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct View<'a> {
    /// A booking whose time counts as free (the one that is being moved).
    pub(crate) ignore: Option<&'a str>,
    /// See only what was true at that instant (a lagging read).
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// Also respect holds that are still valid at that instant.
    pub(crate) holds_at: Option<DateTime<Utc>>,
}

/// Busy times per host within a window.
#[derive(Debug)]
pub(crate) struct Busy(HashMap<u64, Vec<Span>>);

impl Busy {
    pub(crate) fn is_free(&self, host: u64, span: Span) -> bool {
        self.0
            .get(&host)
            .is_none_or(|spans| !spans.iter().any(|busy| busy.overlaps(span)))
    }

    /// The hosts of an event type that could take `span`; empty when the type as a whole cannot.
    pub(crate) fn free_hosts(&self, event_type: &EventType, span: Span) -> Vec<u64> {
        let padded = span.padded(
            event_type.before_event_buffer,
            event_type.after_event_buffer,
        );
        let free: Vec<u64> = event_type
            .host_ids
            .iter()
            .copied()
            .filter(|host| self.is_free(*host, padded))
            .collect();
        match event_type.scheduling {
            Scheduling::Collective if free.len() < event_type.host_ids.len() => Vec::new(),
            _ => free,
        }
    }
}

impl Store {
    /// Everything that keeps a host from taking a booking within `window`.
    pub(crate) fn busy(&self, world: &World, window: Span, view: View<'_>) -> Busy {
        let mut busy: HashMap<u64, Vec<Span>> = HashMap::new();
        let reach = window.padded(24 * 60, 24 * 60);
        for booking in &self.bookings {
            if reach.overlaps(booking.span) && blocks(booking, view) {
                let (before, after) = buffers(world, booking.event_type_id);
                for host in &booking.host_ids {
                    busy.entry(*host)
                        .or_default()
                        .push(booking.span.padded(before, after));
                }
            }
        }
        if let Some(now) = view.holds_at {
            for hold in self.active_reservations(now) {
                for host in &hold.host_ids {
                    busy.entry(*host).or_default().push(hold.span);
                }
            }
        }
        Busy(busy)
    }
}

/// Pending bookings do not block: Cal.com lets several wait for one slot.
fn blocks(booking: &Booking, view: View<'_>) -> bool {
    if view.ignore == Some(booking.uid.as_str()) {
        return false;
    }
    match view.as_of {
        None => booking.status == Status::Accepted,
        Some(instant) => {
            booking.created_at <= instant
                && (booking.status == Status::Accepted
                    || booking
                        .released_at
                        .is_some_and(|released| released > instant))
        }
    }
}

fn buffers(world: &World, event_type_id: u64) -> (u32, u32) {
    world
        .event_type(event_type_id)
        .map_or((0, 0), |(_, event_type)| {
            (
                event_type.before_event_buffer,
                event_type.after_event_buffer,
            )
        })
}

/// The opening windows of an event type that touch `window`, as instants.
pub(crate) fn open_windows(event_type: &EventType, window: Span) -> Vec<Span> {
    let zone = event_type.time_zone;
    let mut day = window.start.with_timezone(&zone).date_naive() - TimeDelta::days(1);
    let last = window.end.with_timezone(&zone).date_naive() + TimeDelta::days(1);
    let mut spans = Vec::new();
    while day <= last {
        let hours = event_type.opening_hours.get(&day.weekday().into());
        for hours in hours.into_iter().flatten() {
            let span = Span {
                start: local_instant(zone, day, hours.first_minute()),
                end: local_instant(zone, day, hours.end_minute()),
            };
            if span.overlaps(window) {
                spans.push(span);
            }
        }
        day += TimeDelta::days(1);
    }
    spans
}

/// Wall-clock minute of a local day as an instant. A time that the clock skips becomes the first
/// instant after the gap; a time that comes twice is the first of the two.
pub(crate) fn local_instant(zone: Tz, day: NaiveDate, minute: u32) -> DateTime<Utc> {
    let mut local = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute));
    // No zone skips more than a day; the loop ends long before.
    for _ in 0..=(24 * 60) {
        if let Some(instant) = zone.from_local_datetime(&local).earliest() {
            return instant.with_timezone(&Utc);
        }
        local += TimeDelta::minutes(1);
    }
    Utc.from_utc_datetime(&local)
}

/// Whether the whole of `span` lies within one opening window.
pub(crate) fn is_open(event_type: &EventType, span: Span) -> bool {
    open_windows(event_type, span)
        .iter()
        .any(|open| open.start <= span.start && span.end <= open.end)
}
