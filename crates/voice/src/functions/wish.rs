//! From words to a wish: when.

use booking_domain::tenant::Service;
use booking_domain::time::{Day, Instant, LocalTime, Resolved};
use serde_json::json;

use super::args::{DATE, PERIOD, TIME};
use super::{Answer, Code, Line, NextStep, Plain, Question, Session};
use crate::language::{DateProblem, DateReading, DayWindow, Field, TimeReading, hear};

/// When it should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wish {
    /// At this moment.
    At(Instant),
    /// Some time in there.
    Within(Period),
}

/// A part of each of several days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Period {
    pub first: Day,
    pub last: Day,
    pub window: DayWindow,
}

/// Under which names day, time and part of the day are given.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    pub date: &'static [&'static str],
    pub time: &'static [&'static str],
    pub period: &'static [&'static str],
}

impl Names {
    /// Of the wish itself.
    pub(crate) const WISH: Self = Self {
        date: DATE,
        time: TIME,
        period: PERIOD,
    };
}

/// What was said about day and time, each wherever it was said.
pub(crate) fn heard(s: &Session<'_>, names: Names) -> (DateReading, TimeReading) {
    let listen = |names: &[&str], field| {
        let text = s.args.text(names).unwrap_or_default();
        hear(&text, field, s.zone(), s.now)
    };
    let said = [
        listen(names.date, Field::Date),
        listen(names.time, Field::Time),
        listen(names.period, Field::Time),
    ];
    let date = said
        .iter()
        .map(|it| &it.date)
        .find(|it| **it != DateReading::Missing);
    // The time is looked for where it belongs first.
    let order = [&said[1].time, &said[0].time, &said[2].time];
    let time = order.into_iter().find(|it| **it != TimeReading::Missing);
    let time = together(s, names).or_else(|| time.cloned());
    (
        date.cloned().unwrap_or(DateReading::Missing),
        time.unwrap_or(TimeReading::Missing),
    )
}

/// "Drei Uhr" in one argument and "nachmittags" in another are one time.
fn together(s: &Session<'_>, names: Names) -> Option<TimeReading> {
    let (time, period) = (s.args.text(names.time)?, s.args.text(names.period)?);
    let both = format!("{time} {period}");
    match hear(&both, Field::Time, s.zone(), s.now).time {
        exact @ TimeReading::Exact(_) => Some(exact),
        _ => None,
    }
}

/// When it should be, or the question that must be asked first.
pub(crate) fn wish(s: &Session<'_>, service: &Service, names: Names) -> Result<Wish, Box<Answer>> {
    // With its offset a moment is clear also in the hour that comes twice.
    let moment = s.args.text(names.date).and_then(|it| it.parse().ok());
    if let Some(start) = moment.filter(|it: &Instant| *it > s.now)
        && s.args.text(names.time).is_none()
    {
        return Ok(Wish::At(start));
    }
    let (date, time) = heard(s, names);
    meant(s, service, date, time)
}

/// The same, from what was understood.
pub(crate) fn meant(
    s: &Session<'_>,
    service: &Service,
    date: DateReading,
    time: TimeReading,
) -> Result<Wish, Box<Answer>> {
    if time == TimeReading::Invalid {
        return Err(Box::new(s.plain(
            Code::InvalidParameter,
            NextStep::AskTime,
            Plain::TimeNotUnderstood,
        )));
    }
    match date {
        DateReading::Exact(day) => on_day(s, service, day, &time),
        DateReading::Days { first, last } => Ok(Wish::Within(Period {
            first,
            last,
            window: window_of(&time, service),
        })),
        DateReading::Missing => Err(s.missing("date", NextStep::AskDate, Plain::AskDate)),
        DateReading::Ambiguous { options } => which_day(s, service, options, &time),
        DateReading::Past(day) => Err(Box::new(s.answer(
            Code::AmbiguousDate,
            NextStep::AskDate,
            &Line::Ask(Question::DayPast(day)),
            json!({"past": day.to_string()}),
        ))),
        DateReading::Invalid(problem) => {
            let sentence = match problem {
                DateProblem::NoSuchDay => Plain::NoSuchDay,
                DateProblem::TooFar => Plain::DayTooFar,
                DateProblem::NotUnderstood => Plain::DayNotUnderstood,
            };
            Err(Box::new(s.plain(
                Code::InvalidParameter,
                NextStep::AskDate,
                sentence,
            )))
        }
    }
}

/// The part of each day that a time means when the day is open.
fn window_of(time: &TimeReading, service: &Service) -> DayWindow {
    let likely = match time {
        TimeReading::Window(window) => return *window,
        TimeReading::Exact(time) => Some(*time),
        TimeReading::Ambiguous { options } => options.last().copied(),
        TimeReading::Missing | TimeReading::Invalid => None,
    };
    likely.map_or(DayWindow::WHOLE_DAY, |time| {
        let from = time.minute_of_day();
        let length = u16::try_from(service.duration_minutes).unwrap_or(u16::MAX);
        DayWindow {
            from,
            until: from.saturating_add(length).min(24 * 60),
            part: None,
        }
    })
}

/// Days that are over by the time that was said fall out; if one is left, it was meant.
fn which_day(
    s: &Session<'_>,
    service: &Service,
    options: Vec<Day>,
    time: &TimeReading,
) -> Result<Wish, Box<Answer>> {
    let ahead = |day: &Day| match time {
        TimeReading::Exact(time) => s.zone().resolve(*day, *time).lenient() > s.now,
        TimeReading::Window(window) => window
            .on(*day, s.zone())
            .is_some_and(|range| range.end() > s.now),
        _ => true,
    };
    let open: Vec<_> = options.iter().copied().filter(ahead).collect();
    match open.as_slice() {
        [day] => on_day(s, service, *day, time),
        _ => {
            let days: Vec<_> = options.iter().map(ToString::to_string).collect();
            Err(Box::new(s.answer(
                Code::AmbiguousDate,
                NextStep::AskDate,
                &Line::Ask(Question::WhichDay(options)),
                json!({"days": days}),
            )))
        }
    }
}

fn on_day(
    s: &Session<'_>,
    service: &Service,
    day: Day,
    time: &TimeReading,
) -> Result<Wish, Box<Answer>> {
    let one_day = |window| {
        Ok(Wish::Within(Period {
            first: day,
            last: day,
            window,
        }))
    };
    match time {
        TimeReading::Missing | TimeReading::Invalid => one_day(DayWindow::WHOLE_DAY),
        TimeReading::Window(window) => one_day(*window),
        TimeReading::Exact(time) => at_time(s, day, *time),
        TimeReading::Ambiguous { options } => {
            let open = |time: &&LocalTime| {
                let start = s.zone().resolve(day, **time).lenient();
                start > s.now
                    && service
                        .opening_hours
                        .covers(&service.range_from(start), s.zone())
            };
            let open: Vec<_> = options.iter().filter(open).collect();
            match (open.as_slice(), options.last()) {
                ([time], _) => at_time(s, day, **time),
                // Closed at both: the later is what people mean, and hear that it is closed.
                ([], Some(last)) => at_time(s, day, *last),
                _ => Err(Box::new(s.answer(
                    Code::AmbiguousDate,
                    NextStep::AskTime,
                    &Line::Ask(Question::WhichTime(options.clone())),
                    json!({"times": options.iter().map(ToString::to_string).collect::<Vec<_>>()}),
                ))),
            }
        }
    }
}

fn at_time(s: &Session<'_>, day: Day, time: LocalTime) -> Result<Wish, Box<Answer>> {
    let refuse = |code, line| {
        Err(Box::new(s.answer(
            code,
            NextStep::AskTime,
            &line,
            json!({}),
        )))
    };
    match s.zone().resolve(day, time) {
        Resolved::One(start) if start <= s.now => {
            refuse(Code::AmbiguousDate, Line::Plain(Plain::TimePast))
        }
        Resolved::One(start) => Ok(Wish::At(start)),
        Resolved::Twice { .. } => {
            refuse(Code::AmbiguousDate, Line::Ask(Question::ClockTwice(time)))
        }
        Resolved::Gap { .. } => refuse(Code::InvalidParameter, Line::Ask(Question::ClockGap(time))),
    }
}
