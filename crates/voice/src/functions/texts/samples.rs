//! What answers may hold: long dates, three options, odd names. A text is judged by all of it.

use booking_domain::time::{Day, Instant, LocalTime, ZoneName};

use super::super::line::{Line, Question};
use super::super::plain::Plain;
use crate::language::PartOfDay;

/// From here the samples are seen.
const TODAY: (i32, u32, u32) = (2025, 10, 10);
/// Starts that are told together, as seconds: near, on three days, far and in another year, one.
const STARTS: [&[i64]; 4] = [
    &[1_760_337_900, 1_760_341_500, 1_760_348_700],
    &[1_760_337_900, 1_760_471_940, 1_760_495_820],
    &[1_764_225_900, 1_769_111_940, 1_769_654_220],
    &[1_760_090_400],
];
const NAMES: [&str; 2] = [
    "Beratung",
    "Check-up 24 (lang) * mit allem / und sehr vielen Worten darin",
];
const PARTS: [PartOfDay; 5] = [
    PartOfDay::Morning,
    PartOfDay::Noon,
    PartOfDay::Afternoon,
    PartOfDay::Evening,
    PartOfDay::Night,
];

/// Every line there is, with all of it, and the day on which it is told.
pub(crate) fn samples(zone: ZoneName) -> impl Iterator<Item = (Line, Day)> {
    let (year, month, day) = TODAY;
    let today = Day::from_ymd(year, month, day).unwrap_or(Day::from_epoch_days(0));
    let sets = STARTS.iter().map(|set| {
        let starts = set
            .iter()
            .filter_map(|it| Instant::from_unix_seconds(*it).ok());
        starts.collect::<Vec<_>>()
    });
    sets.flat_map(move |starts| {
        NAMES.into_iter().flat_map(move |name| {
            let day = zone.local(starts[0]).day;
            every_line(&starts, name, day)
        })
    })
    .map(move |line| (line, today))
}

fn every_line(starts: &[Instant], name: &str, day: Day) -> Vec<Line> {
    let (all, first) = (starts.to_vec(), starts[0]);
    let mut lines = vec![
        Line::SlotFree(first),
        Line::SlotTaken(first, all.clone()),
        Line::SlotTaken(first, vec![]),
        Line::NotOffered(first, all.clone()),
        Line::NotOffered(first, vec![]),
        Line::Closed(all.clone()),
        Line::Closed(vec![]),
        Line::Free(all.clone()),
        Line::ClosedOn(day),
        Line::NothingOn(day, None),
        Line::NothingNear,
        Line::Booked(name.into(), first),
        Line::Booked("**".into(), first),
        Line::Pending(first),
        Line::Rescheduled(first),
        Line::Cancelled(first),
        Line::Found(name.into(), first),
        Line::FoundMany(12, all),
    ];
    lines.extend(PARTS.map(|part| Line::NothingOn(day, Some(part))));
    lines.extend(questions(starts, name, day).into_iter().map(Line::Ask));
    lines.extend(Plain::ALL.map(Line::Plain));
    lines
}

fn questions(starts: &[Instant], name: &str, day: Day) -> Vec<Question> {
    let (all, first) = (starts.to_vec(), starts[0]);
    let half_past = |hour| LocalTime::new(hour, 30).unwrap_or(LocalTime::MIDNIGHT);
    let names = vec![
        name.to_owned(),
        "Kurztermin".to_owned(),
        "Erstgespräch lang".to_owned(),
    ];
    let days = vec![day, day.plus_days(1), day.plus_days(400)];
    vec![
        Question::WhichOne(all.clone()),
        Question::NoneThere(all),
        Question::NoneThere(vec![first]),
        Question::ConfirmCancel(first),
        Question::ConfirmMove(first),
        Question::WhichDay(days),
        Question::WhichTime(vec![half_past(3), half_past(15)]),
        Question::DayPast(day),
        Question::ClockGap(half_past(2)),
        Question::ClockTwice(half_past(2)),
        Question::AskService(names.clone()),
        Question::AskService(vec![]),
        Question::WhichService(names.clone()),
        Question::UnknownService(names.clone()),
        Question::WhichStaff(names),
    ]
}
