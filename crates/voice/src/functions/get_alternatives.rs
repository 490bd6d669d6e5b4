//! "What else is there?"

use booking_application::Alternatives;
use booking_domain::ids::StaffId;
use booking_domain::tenant::Service;
use booking_domain::time::{Instant, LocalTime};

use super::args::{AFTER, LIMIT, PERIOD, SEARCH_DAYS};
use super::session::MOST_OPTIONS;
use super::slots::{
    Choose, Wanted, alternatives_json, availability_json, free, near, not_free, spread,
};
use super::wish::{Names, Period, Wish, heard, meant};
use super::{Code, Line, NextStep, Outcome, Session, catalogue};
use crate::language::{DateReading, DayWindow, Field, TimeReading, hear};

pub(super) async fn run(s: &Session<'_>) -> Outcome {
    if let Some(offered) = s.offered()?
        && let Some(service) = s.setup.service(offered.service)
    {
        return around(s, service, offered.staff, offered.start).await;
    }
    let service = catalogue::service(s)?;
    let staff = catalogue::staff(s, service)?;
    let (date, time) = heard(s, Names::WISH);
    let date = match date {
        DateReading::Missing => coming_days(s),
        date => date,
    };
    match meant(s, service, date, time)? {
        Wish::At(start) => around(s, service, staff, start).await,
        Wish::Within(period) => inside_or_near(s, service, staff, period).await,
    }
}

/// So many days are looked through where nobody says how many.
pub(super) const SEARCHED: i32 = 14;

/// No more than a store is asked for at once.
const MOST_SEARCHED: i64 = 60;

const FROM: Names = Names {
    date: AFTER,
    time: &[],
    period: &[],
};

/// "The next free one", from a day on, where no day is wished for.
fn coming_days(s: &Session<'_>) -> DateReading {
    let days = s.args.number(SEARCH_DAYS);
    let first = match heard(s, FROM).0 {
        DateReading::Missing if days.is_none() => return DateReading::Missing,
        DateReading::Missing | DateReading::Past(_) => s.today(),
        DateReading::Exact(day) => day,
        unclear => return unclear,
    };
    let days = days.unwrap_or(SEARCHED.into()).clamp(1, MOST_SEARCHED);
    DateReading::Days {
        first,
        last: first.plus_days(days as i32 - 1),
    }
}

/// "After ten on Tuesday": nothing before it.
fn earliest(s: &Session<'_>) -> Option<Instant> {
    match heard(s, FROM) {
        (DateReading::Exact(day), TimeReading::Exact(time)) => {
            Some(s.zone().resolve(day, time).lenient())
        }
        _ => None,
    }
}

/// At most three: more are not remembered.
fn limit(s: &Session<'_>) -> usize {
    let wanted = s.args.number(LIMIT).and_then(|it| usize::try_from(it).ok());
    wanted.unwrap_or(MOST_OPTIONS).clamp(1, MOST_OPTIONS)
}

/// Near a moment; in the wished part of the day, if there is anything.
async fn around(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    start: Instant,
) -> Outcome {
    let wanted = Wanted {
        service,
        staff,
        start,
    };
    let found = near(s, &wanted, choose(s)).await?;
    Ok(present(s, service, staff, &found))
}

fn choose(s: &Session<'_>) -> Choose {
    Choose {
        limit: limit(s),
        part: part_of_day(s),
        refused: s.refused(),
        beside: true,
    }
}

fn part_of_day(s: &Session<'_>) -> Option<DayWindow> {
    let text = s.args.text(PERIOD)?;
    match hear(&text, Field::Time, s.zone(), s.now).time {
        TimeReading::Window(window) => Some(window),
        _ => None,
    }
}

fn present(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    found: &Alternatives,
) -> super::Answer {
    let others: Vec<_> = found
        .alternatives
        .iter()
        .map(|it| it.slot.start())
        .collect();
    let open = service.opening_hours.covers(&found.requested, s.zone());
    let (code, next_step) = if others.is_empty() {
        (Code::Unavailable, NextStep::AskDate)
    } else {
        (Code::Alternatives, NextStep::AskChoice)
    };
    let line = match (found.available, open) {
        (true, true) if !others.is_empty() => Line::Free(others.clone()),
        (true, true) => Line::NothingNear,
        (_, false) => Line::Closed(others.clone()),
        (false, true) => not_free(found),
    };
    let data = alternatives_json(found, service, s.zone());
    let mut answer = s.answer(code, next_step, &line, data);
    answer.as_of = s.zone().rfc3339(found.as_of);
    s.with_options(answer, service.id, staff, &others)
}

/// What is free in the period; if nothing is, what is nearest to its middle.
async fn inside_or_near(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    period: Period,
) -> Outcome {
    let mut found = free(s, service, staff, period).await?;
    let (refused, earliest) = (s.refused(), earliest(s));
    let is_wanted = |start| !refused.contains(&start) && earliest.is_none_or(|it| start >= it);
    found.slots.retain(|it| is_wanted(it.start()));
    let options = spread(&found.slots, s.zone(), limit(s));
    if options.is_empty() {
        let middle = (period.window.from + period.window.until) / 2;
        let time = LocalTime::new((middle / 60) as u8, (middle % 60) as u8);
        let time = time.unwrap_or(LocalTime::MIDNIGHT);
        let start = s.zone().resolve(period.first, time).lenient().max(s.now);
        return nearest(s, service, staff, start).await;
    }
    let data = availability_json(&found, period, s.now);
    let line = Line::Free(options.clone());
    let mut answer = s.answer(Code::Alternatives, NextStep::AskChoice, &line, data);
    answer.as_of = s.zone().rfc3339(found.as_of);
    Ok(s.with_options(answer, service.id, staff, &options))
}

async fn nearest(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    start: Instant,
) -> Outcome {
    let wanted = Wanted {
        service,
        staff,
        start,
    };
    let found = near(s, &wanted, choose(s)).await?;
    let others: Vec<_> = found
        .alternatives
        .iter()
        .map(|it| it.slot.start())
        .collect();
    let (code, next_step, line) = if others.is_empty() {
        (Code::Unavailable, NextStep::AskDate, Line::NothingNear)
    } else {
        (
            Code::Alternatives,
            NextStep::AskChoice,
            Line::Free(others.clone()),
        )
    };
    let data = alternatives_json(&found, service, s.zone());
    let answer = s.answer(code, next_step, &line, data);
    Ok(s.with_options(answer, service.id, staff, &others))
}
