//! What the booking page knows about days: which have something free, and what.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::sim::Sim;
use crate::slots::{Search, free};
use crate::store::Span;
use crate::store::availability::{View, local_instant};
use crate::world::EventType;

/// How far ahead the page looks for free days.
const DAYS_AHEAD: i64 = 28;
/// How many of them it shows.
const DAYS_SHOWN: usize = 10;

pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) slots: Vec<DateTime<Utc>>,
}

/// The next days with something free, and the day that was asked for.
pub(super) struct Calendar {
    pub(super) days: Vec<Day>,
    pub(super) chosen: Day,
}

/// Looks up the free slots; `moving` is a booking whose own time counts as free.
pub(super) fn look(
    sim: &Sim,
    event_type: &EventType,
    wanted: Option<NaiveDate>,
    moving: Option<&str>,
) -> Calendar {
    let zone = event_type.time_zone;
    let now = sim.now();
    let today = now.with_timezone(&zone).date_naive();
    let mut days: Vec<Day> = Vec::new();
    for start in starts(
        sim,
        event_type,
        (today, today + TimeDelta::days(DAYS_AHEAD)),
        moving,
    ) {
        let date = start.with_timezone(&zone).date_naive();
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.slots.push(start),
            None => days.push(Day {
                date,
                slots: vec![start],
            }),
        }
    }
    days.truncate(DAYS_SHOWN);
    let date = wanted
        .or_else(|| days.first().map(|day| day.date))
        .unwrap_or(today);
    // A day far away is looked up on its own; the year 9999 has no day after the last.
    let next = date.succ_opt().unwrap_or(date);
    let slots = starts(sim, event_type, (date, next), moving);
    Calendar {
        days,
        chosen: Day { date, slots },
    }
}

fn starts(
    sim: &Sim,
    event_type: &EventType,
    (from, to): (NaiveDate, NaiveDate),
    moving: Option<&str>,
) -> Vec<DateTime<Utc>> {
    let zone = event_type.time_zone;
    let window = Span {
        start: local_instant(zone, from, 0),
        end: local_instant(zone, to, 0),
    };
    if window.end <= window.start {
        return Vec::new();
    }
    let state = sim.state();
    let view = View {
        ignore: moving,
        ..View::default()
    };
    let search = Search {
        window,
        minutes: None,
        view,
        now: sim.now(),
    };
    let slots = free(&state.store, &state.world, event_type, search);
    // The search allows a second beyond the window; a slot that begins at its end is not ours.
    slots
        .iter()
        .map(|slot| slot.span.start)
        .filter(|start| *start < window.end)
        .collect()
}

/// `Tue`
pub(super) fn weekday(date: NaiveDate) -> String {
    date.format("%a").to_string()
}

/// `12 Mar`
pub(super) fn short_day(date: NaiveDate) -> String {
    date.format("%-d %b").to_string()
}

/// `Tuesday, 12 March 2030`
pub(super) fn long_day(date: NaiveDate) -> String {
    date.format("%A, %-d %B %Y").to_string()
}

/// `Tuesday, 12 March 2030, 09:00–10:00 (Europe/Berlin)`
pub(super) fn long_span(span: Span, zone: Tz) -> String {
    let start = span.start.with_timezone(&zone);
    let end = span.end.with_timezone(&zone);
    let day = long_day(start.date_naive());
    format!(
        "{day}, {}–{} ({zone})",
        start.format("%H:%M"),
        end.format("%H:%M")
    )
}
