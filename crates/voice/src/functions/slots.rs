//! Looking for free slots, within the time a caller waits.

use std::future::Future;
use std::time::Duration;

use booking_application::availability::Availability;
use booking_application::{
    Alternatives, AlternativesQuestion, AvailabilityError, AvailabilityQuestion,
};
use booking_domain::ids::StaffId;
use booking_domain::tenant::Service;
use booking_domain::time::{Instant, TimeRange, ZoneName};
use serde_json::{Value, json};

use super::rank::rank;
use super::session::MOST_OPTIONS;
use super::wish::Period;
use super::{Answer, Code, Line, NextStep, Plain, Session};
use crate::language::DayWindow;

/// After 1.2 seconds a caller thinks the line is dead: an honest sentence is better than silence.
/// All looks into the calendar that an invocation takes share this wait; the rest is for what is
/// around it.
pub(crate) const PATIENCE: Duration = Duration::from_millis(1_100);
/// Slots told in `data`; the whole answer must stay far below what a model is shown.
const MOST_SLOTS: usize = 12;

/// So many free slots are looked at, to choose a few from.
const LOOKED_AT: usize = 200;

/// What somebody wishes for.
pub(crate) struct Wanted<'a> {
    pub service: &'a Service,
    pub staff: Option<StaffId>,
    pub start: Instant,
}

/// Which of the slots near a wish will do.
#[derive(Default)]
pub(crate) struct Choose {
    pub limit: usize,
    /// In this part of the day, if there is anything.
    pub part: Option<DayWindow>,
    /// None of these.
    pub refused: Vec<Instant>,
    /// Even where the wish itself is free.
    pub beside: bool,
}

impl Choose {
    /// As many as an answer may hold.
    pub(crate) fn most() -> Self {
        Self {
            limit: MOST_OPTIONS,
            ..Self::default()
        }
    }
}

/// Whether the wish is free, and the best of what is near.
pub(crate) async fn near(
    s: &Session<'_>,
    wanted: &Wanted<'_>,
    choose: Choose,
) -> Result<Alternatives, Box<Answer>> {
    let ask = |limit| AlternativesQuestion {
        service: wanted.service.id,
        start: wanted.start,
        limit,
        staff: wanted.staff,
    };
    let narrow = ask(MOST_OPTIONS);
    let mut found = patiently(s, s.desk.alternatives(s.company(), &narrow)).await?;
    // Only who needs a choice waits for other days; without them the choice is poorer.
    if !found.available || choose.beside {
        let wide = ask(LOOKED_AT);
        let more = s.desk.alternatives(s.company(), &wide);
        if let Ok(more) = patiently(s, more).await {
            found = more;
        }
    }
    best(s, &mut found, &choose);
    Ok(found)
}

fn best(s: &Session<'_>, found: &mut Alternatives, choose: &Choose) {
    let zone = s.zone();
    let near = found.alternatives.iter().map(|it| it.slot.start());
    let holds = |start: &Instant| {
        choose
            .part
            .is_some_and(|it| it.holds(zone.local(*start).time))
    };
    let inside: Vec<_> = near.clone().filter(holds).collect();
    let open = if inside.is_empty() {
        near.collect()
    } else {
        inside
    };
    let wish = found.requested.start();
    let chosen = rank(wish, open, &choose.refused, (zone, choose.limit));
    let slot = |start| {
        found
            .alternatives
            .iter()
            .find(|it| it.slot.start() == start)
    };
    found.alternatives = chosen.into_iter().filter_map(slot).copied().collect();
}

/// Why a wish within the opening hours is not to be had: somebody has it, or nobody offers it.
pub(crate) fn not_free(found: &Alternatives) -> Line {
    let start = found.requested.start();
    let near = found.alternatives.iter().map(|it| it.slot.start());
    if found.taken {
        Line::SlotTaken(start, near.collect())
    } else {
        Line::NotOffered(start, near.collect())
    }
}

/// What is free in a part of each of several days.
pub(crate) async fn free(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    period: Period,
) -> Result<Availability, Box<Answer>> {
    let zone = s.zone();
    let whole = TimeRange::new(
        zone.day_range(period.first).start(),
        zone.day_range(period.last).end(),
    );
    let Ok(window) = whole else {
        return Err(unavailable(s));
    };
    let question = AvailabilityQuestion {
        service: service.id,
        window,
        staff,
        allow_stale: false,
    };
    let mut found = patiently(s, s.desk.availability(s.company(), &question)).await?;
    let days = 0..=period.last.days_since(period.first);
    let parts: Vec<_> = days
        .filter_map(|ahead| period.window.on(period.first.plus_days(ahead), zone))
        .collect();
    let ahead = |slot: &TimeRange| slot.start() > s.now;
    found
        .slots
        .retain(|slot| ahead(slot) && parts.iter().any(|part| part.contains(slot)));
    Ok(found)
}

async fn patiently<T>(
    s: &Session<'_>,
    answer: impl Future<Output = Result<T, AvailabilityError>>,
) -> Result<T, Box<Answer>> {
    match tokio::time::timeout_at(s.patient_until, answer).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(AvailabilityError::StaffNotFound)) => Err(Box::new(s.plain(
            Code::InvalidParameter,
            NextStep::AskStaff,
            Plain::UnknownStaff,
        ))),
        Ok(Err(error)) => {
            tracing::warn!(%error, "free slots could not be told to a caller");
            Err(unavailable(s))
        }
        Err(_) => {
            tracing::warn!("free slots took longer than a caller waits");
            Err(unavailable(s))
        }
    }
}

fn unavailable(s: &Session<'_>) -> Box<Answer> {
    Box::new(s.plain(
        Code::CalendarUnavailable,
        NextStep::TryAgain,
        Plain::CalendarDown,
    ))
}

/// Up to `limit` of the slots, spread: of one day early, in the middle and late, so that there is
/// a real choice; of several days the first of each.
pub(crate) fn spread(slots: &[TimeRange], zone: ZoneName, limit: usize) -> Vec<Instant> {
    let starts: Vec<_> = slots.iter().map(TimeRange::start).collect();
    let mut first_of_day = starts.clone();
    first_of_day.dedup_by_key(|start| zone.local(*start).day);
    if first_of_day.len() >= limit {
        first_of_day.truncate(limit);
        return first_of_day;
    }
    if starts.len() <= limit || limit < 2 {
        return starts.into_iter().take(limit).collect();
    }
    (0..limit)
        .filter_map(|at| starts.get(at * (starts.len() - 1) / (limit - 1)).copied())
        .collect()
}

pub(crate) fn slot_json(slot: &TimeRange, zone: ZoneName) -> Value {
    json!({"start": zone.rfc3339(slot.start()), "end": zone.rfc3339(slot.end())})
}

/// What the REST API says about a wish and what is near.
pub(crate) fn alternatives_json(found: &Alternatives, service: &Service, zone: ZoneName) -> Value {
    let near = found.alternatives.iter().map(|it| {
        json!({
            "start": zone.rfc3339(it.slot.start()),
            "end": zone.rfc3339(it.slot.end()),
            "distance_minutes": it.distance.as_minutes(),
        })
    });
    json!({
        "service_id": service.id.get(),
        "event_type_id": service.event_type.map(|id| id.get()),
        "time_zone": zone.name(),
        "requested": {
            "start": zone.rfc3339(found.requested.start()),
            "end": zone.rfc3339(found.requested.end()),
            "available": found.available,
        },
        "alternatives": near.collect::<Vec<_>>(),
    })
}

/// What the REST API says about a window, its first slots.
pub(crate) fn availability_json(found: &Availability, period: Period, now: Instant) -> Value {
    let zone = found.setup.company.time_zone;
    let first = period.window.on(period.first, zone);
    let last = period.window.on(period.last, zone);
    let slots = found.slots.iter().take(MOST_SLOTS);
    json!({
        "service_id": found.service.id.get(),
        "event_type_id": found.service.event_type.map(|id| id.get()),
        "time_zone": zone.name(),
        "requested": {
            "start": first.map(|it| zone.rfc3339(it.start())),
            "end": last.map(|it| zone.rfc3339(it.end())),
        },
        "slot_count": found.slots.len(),
        "slots": slots.map(|slot| slot_json(slot, zone)).collect::<Vec<_>>(),
        "source": found.source.as_str(),
        "as_of": zone.rfc3339(found.as_of),
        "age_seconds": now.since(found.as_of).as_seconds().max(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::time::Span;

    #[test]
    fn options_are_spread_over_the_day_or_the_days() {
        let zone = ZoneName::UTC;
        let morning: Instant = "2025-10-13T08:00:00Z".parse().expect("valid");
        let slot = |hours| TimeRange::lasting(morning + Span::hours(hours), 60);
        let day: Vec<_> = (0..9).map(slot).collect();
        assert_eq!(
            spread(&day, zone, 3),
            [slot(0).start(), slot(4).start(), slot(8).start()]
        );
        assert_eq!(spread(&day[..2], zone, 3).len(), 2);
        assert_eq!(spread(&day, zone, 1), [slot(0).start()]);
        let week: Vec<_> = [0, 1, 24, 25, 48, 72].map(slot).to_vec();
        assert_eq!(
            spread(&week, zone, 3),
            [slot(0).start(), slot(24).start(), slot(48).start()]
        );
        assert_eq!(spread(&[], zone, 3), []);
    }
}
