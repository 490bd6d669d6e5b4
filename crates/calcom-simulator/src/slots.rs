//! The slots of an event type: a grid over its opening hours minus what is taken.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::availability::{View, open_windows};
use crate::store::{Span, Store};
use crate::world::{EventType, World};

/// A start that can be booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) span: Span,
    /// Seated types only.
    pub(crate) seats: Option<Seats>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seats {
    pub(crate) booked: u32,
    pub(crate) total: u32,
    pub(crate) booking_uid: Option<String>,
}

/// What to look for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) window: Span,
    /// Length in minutes; the event type's own when absent.
    pub(crate) minutes: Option<u32>,
    pub(crate) view: View<'a>,
    pub(crate) now: DateTime<Utc>,
}

/// The free slots within the window, in order.
pub(crate) fn free(
    store: &Store,
    world: &World,
    event_type: &EventType,
    search: Search<'_>,
) -> Vec<Slot> {
    let view = View {
        holds_at: Some(search.now),
        ..search.view
    };
    let busy = store.busy(world, search.window, view);
    grid(event_type, search)
        .into_iter()
        .filter_map(|span| match seats(store, event_type, span) {
            Some(seats) if seats.booking_uid.is_some() => {
                (seats.booked < seats.total).then_some(Slot {
                    span,
                    seats: Some(seats),
                })
            }
            seats => {
                (!busy.free_hosts(event_type, span).is_empty()).then_some(Slot { span, seats })
            }
        })
        .collect()
}

fn seats(store: &Store, event_type: &EventType, span: Span) -> Option<Seats> {
    let total = event_type.seats?;
    let booking = store.seated_booking(event_type.id, span.start);
    Some(Seats {
        booked: booking.map_or(0, |booking| {
            u32::try_from(booking.attendees.len()).unwrap_or(total)
        }),
        total,
        booking_uid: booking.map(|booking| booking.uid.clone()),
    })
}

/// All starts that the opening hours allow within the window, taken or not. A slot belongs to the
/// window when it ends in it too, with a second to spare (day ends are written 23:59:59).
fn grid(event_type: &EventType, search: Search<'_>) -> Vec<Span> {
    let minutes = search.minutes.unwrap_or(event_type.length_in_minutes);
    let step = TimeDelta::minutes(i64::from(event_type.slot_interval.unwrap_or(minutes)));
    let notice = TimeDelta::minutes(i64::from(event_type.minimum_booking_notice));
    let earliest = search.window.start.max(search.now + notice);
    let latest_end = search.window.end + TimeDelta::seconds(1);
    let mut spans = Vec::new();
    for open in open_windows(event_type, search.window) {
        let mut span = Span::new(open.start, minutes);
        while span.end <= open.end && span.end <= latest_end {
            if span.start >= earliest {
                spans.push(span);
            }
            span = Span::new(span.start + step, minutes);
        }
    }
    spans.sort_by_key(|span| span.start);
    spans.dedup();
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Window;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn starts(event_type: &EventType, from: &str, to: &str) -> Vec<String> {
        let search = Search {
            window: Span {
                start: instant(from),
                end: instant(to),
            },
            minutes: None,
            view: View::default(),
            now: instant("2026-01-01T00:00:00Z"),
        };
        let world = World::demo();
        free(&Store::new(1), &world, event_type, search)
            .iter()
            .map(|slot| slot.span.start.format("%d %H:%M").to_string())
            .collect()
    }

    fn hourly() -> EventType {
        World::demo().event_type(2_563_193).unwrap().1.clone()
    }

    #[test]
    fn an_ordinary_day_in_berlin() {
        let slots = starts(&hourly(), "2026-03-24T00:00:00Z", "2026-03-24T23:59:59Z");
        assert_eq!(slots.len(), 10);
        assert_eq!(
            (slots[0].as_str(), slots[9].as_str()),
            ("24 07:00", "24 16:00")
        );
    }

    #[test]
    fn the_utc_hour_moves_with_summer_time() {
        let friday = starts(&hourly(), "2026-03-27T00:00:00Z", "2026-03-27T23:59:59Z");
        let monday = starts(&hourly(), "2026-03-30T00:00:00Z", "2026-03-30T23:59:59Z");
        assert_eq!(
            (friday[0].as_str(), monday[0].as_str()),
            ("27 07:00", "30 06:00")
        );
    }

    #[test]
    fn the_short_and_the_long_night_have_23_and_25_hours() {
        let mut event_type = hourly();
        let day = vec![Window::new("00:00", "24:00").unwrap()];
        event_type.opening_hours = [(crate::world::Weekday::Sun, day)].into();
        let spring = starts(&event_type, "2026-03-28T00:00:00Z", "2026-03-30T23:59:59Z");
        assert_eq!(spring.len(), 23);
        let autumn = starts(&event_type, "2026-10-24T00:00:00Z", "2026-10-26T23:59:59Z");
        assert_eq!(autumn.len(), 25);
    }

    #[test]
    fn hours_that_begin_in_the_gap_begin_after_it() {
        let mut event_type = hourly();
        let night = vec![Window::new("02:30", "05:00").unwrap()];
        event_type.opening_hours = [(crate::world::Weekday::Sun, night)].into();
        let slots = starts(&event_type, "2026-03-29T00:00:00Z", "2026-03-29T23:59:59Z");
        assert_eq!(slots, ["29 01:00", "29 02:00"]);
    }

    #[test]
    fn the_window_cuts_without_moving_the_grid() {
        let slots = starts(&hourly(), "2026-03-24T07:30:00Z", "2026-03-24T09:30:00Z");
        assert_eq!(slots, ["24 08:00"]);
    }

    #[test]
    fn notice_and_the_past_hide_slots() {
        let mut event_type = hourly();
        event_type.minimum_booking_notice = 24 * 60;
        let search = Search {
            window: Span {
                start: instant("2026-03-24T00:00:00Z"),
                end: instant("2026-03-25T23:59:59Z"),
            },
            minutes: None,
            view: View::default(),
            now: instant("2026-03-24T08:30:00Z"),
        };
        let slots = free(&Store::new(1), &World::demo(), &event_type, search);
        assert_eq!(slots[0].span.start, instant("2026-03-25T09:00:00Z"));
    }
}
