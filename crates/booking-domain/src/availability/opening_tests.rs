//! Slots and opening hours: the days clocks change, hours that meet, and everything offered is open.

use proptest::prelude::*;

use super::*;
use crate::ids::{GroupId, ServiceId};
use crate::time::{Day, LocalTime, Resolved};

fn service(hours: &str, duration_minutes: u32) -> Service {
    Service {
        id: ServiceId::new(1),
        branch: None,
        name: "x".into(),
        aliases: vec![],
        duration_minutes,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        event_type: None,
        staff: vec![],
        capacity: 1,
        opening_hours: serde_json::from_str(hours).expect("hours"),
        reminder_minutes: vec![],
        requires: vec![],
        group: GroupId::new(1),
    }
}

fn zone(name: &str) -> ZoneName {
    name.parse().expect("known")
}

fn day(zone: ZoneName, day: &str) -> TimeRange {
    zone.day_range(day.parse().expect("a day"))
}

/// Red when a service without hours has no slots, when its grid does not begin at local midnight, or
/// when what is longer than a day is never offered.
#[test]
fn without_hours_there_is_a_slot_at_any_time() {
    let berlin = zone("Europe/Berlin");
    for (date, minutes, days, slots) in [
        ("2025-10-13", 60, 1, 24),
        ("2025-10-13", 45, 1, 32),
        ("2025-10-26", 60, 1, 25),
        ("2025-03-30", 60, 1, 23),
        // The last of the first day goes on into the second.
        ("2025-10-13", 50, 1, 28),
        ("2025-10-13", 50, 2, 57),
        ("2025-10-13", 2 * 24 * 60, 3, 2),
    ] {
        let first = day(berlin, date);
        let window = first.padded(Span::ZERO, Span::days(days - 1));
        let found = slots_from_hours(&service("{}", minutes), berlin, &window, first.start());
        assert_eq!(found.len(), slots, "{date} {minutes}");
        assert_eq!(found[0].start(), first.start());
    }
}

/// Red when an hour that comes twice is left out, or the past is offered.
#[test]
fn cut_from_hours_on_a_day_with_25_hours() {
    let (berlin, sundays) = (zone("Europe/Berlin"), r#"{"sun":[["00:00","24:00"]]}"#);
    let service = service(sundays, 60);
    let day = day(berlin, "2025-10-26");
    let from = |now| slots_from_hours(&service, berlin, &day, now).len();
    assert_eq!(from(day.start()), 25);
    assert_eq!(from(day.start() + Span::minutes(90)), 23);
}

/// Red when hours are read in UTC, with the offset of another day, or when a slot may begin in
/// hours and end after them.
#[test]
fn of_what_the_calendar_lists_only_what_lies_within_the_hours_is_kept() {
    const DAYTIME: &str = r#"{"mon":[["08:00","12:00"],["13:00","18:00"]]}"#;
    const NIGHT: &str = r#"{"sun":[["20:00","24:00"]],"mon":[["00:00","04:00"]]}"#;
    for (name, hours, listed, kept) in [
        // Summer, then winter: the same UTC hour is open in one and closed in the other.
        ("Europe/London", DAYTIME, "2025-10-13T07:00:00Z", true),
        ("Europe/London", DAYTIME, "2025-10-27T07:00:00Z", false),
        ("Europe/London", DAYTIME, "2025-10-27T08:00:00Z", true),
        ("America/New_York", DAYTIME, "2025-10-13T11:59:00Z", false),
        ("America/New_York", DAYTIME, "2025-10-13T12:00:00Z", true),
        // The lunch break, the last slot, one that would end too late, another day.
        ("Europe/London", DAYTIME, "2025-10-13T11:00:00+01:00", true),
        ("Europe/London", DAYTIME, "2025-10-13T11:30:00+01:00", false),
        ("Europe/London", DAYTIME, "2025-10-13T17:00:00+01:00", true),
        ("Europe/London", DAYTIME, "2025-10-13T17:01:00+01:00", false),
        ("Europe/London", DAYTIME, "2025-10-14T09:00:00+01:00", false),
        // Across midnight in the night after the clocks changed.
        ("Europe/Berlin", NIGHT, "2025-10-26T23:30:00+01:00", true),
        ("Europe/Berlin", NIGHT, "2025-10-27T03:00:00+01:00", true),
        ("Europe/Berlin", NIGHT, "2025-10-27T03:30:00+01:00", false),
        ("Europe/Berlin", NIGHT, "2025-10-26T19:30:00+01:00", false),
        ("Europe/Berlin", "{}", "2025-10-26T19:30:00+01:00", true),
        (
            "Europe/Berlin",
            r#"{"mon":[]}"#,
            "2025-10-26T19:30:00+01:00",
            true,
        ),
    ] {
        let slot = TimeRange::lasting(listed.parse().expect("an instant"), 60);
        let hours = service(hours, 60).opening_hours;
        let found = within_hours(vec![slot], &hours, zone(name));
        assert_eq!(found == [slot], kept, "{name} {listed}");
    }
}

/// Zones whose clocks change by an hour, by half an hour, at midnight; and one that has lost a day.
const ZONES: [&str; 7] = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "UTC",
];
/// Some of whose days these are: around their changes of 2025, and an ordinary week.
const DAYS: [&str; 6] = [
    "2025-03-08",
    "2025-03-29",
    "2025-04-04",
    "2025-04-24",
    "2025-10-25",
    "2025-07-14",
];

fn hours() -> impl Strategy<Value = OpeningHours> {
    let quarter = 0u16..=96;
    let day = proptest::collection::btree_set(quarter, 0..6).prop_map(|bounds| {
        let text = |quarter: &u16| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
        let bounds: Vec<_> = bounds.iter().map(text).collect();
        let pairs = bounds.chunks_exact(2);
        pairs.map(<[String]>::to_vec).collect::<Vec<_>>()
    });
    proptest::collection::vec(day, 7).prop_map(|days| {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let week: serde_json::Map<_, _> = names
            .into_iter()
            .zip(days)
            .map(|(name, day)| (name.to_owned(), serde_json::json!(day)))
            .collect();
        serde_json::from_value(week.into()).expect("hours")
    })
}

/// Whether every minute of the slot is shown as open by a wall clock; `None` where that clock shows
/// a time twice or leaves one out.
fn open_by_the_clock(slot: &TimeRange, hours: &OpeningHours, zone: ZoneName) -> Option<bool> {
    let open: Vec<_> = serde_json::to_value(hours)
        .expect("hours")
        .as_object()
        .expect("a week")
        .iter()
        .flat_map(|(day, hours)| {
            let hours = hours.as_array().expect("a list").clone();
            hours.into_iter().map(move |pair| (day.clone(), pair))
        })
        .collect();
    let is_open = |day: Day, time: LocalTime| {
        let (name, time) = (serde_json::json!(day.weekday()), time.to_string());
        open.iter().any(|(day, pair)| {
            let bound = |at: usize| pair[at].as_str().expect("a time");
            name == *day && *bound(0) <= *time && *time < *bound(1)
        })
    };
    let mut at = slot.start();
    let mut answer = true;
    while at < slot.end() {
        let local = zone.local(at);
        let Resolved::One(_) = zone.resolve(local.day, local.time) else {
            return None;
        };
        answer &= is_open(local.day, local.time);
        at = at + Span::MINUTE;
    }
    let shown = |at: Instant| zone.local(at).time.minute_of_day();
    let same_offset =
        (i64::from(shown(slot.end())) - i64::from(shown(slot.start())) - slot.span().as_minutes())
            .rem_euclid(24 * 60)
            == 0;
    same_offset.then_some(answer)
}

proptest! {
    /// Red when a slot is judged by the company it is listed in (by another day's offset, by hours
    /// that were not looked up), or not as the wall clock shows it.
    #[test]
    fn what_is_kept_is_what_is_open(
        (name, date) in (0..ZONES.len(), 0..DAYS.len()), hours in hours(),
        listed in proptest::collection::vec((0i64..4 * 96, 1u32..20), 0..24),
    ) {
        let (zone, date) = (zone(ZONES[name]), day(zone(ZONES[name]), DAYS[date]));
        let slots: Vec<_> = listed
            .iter()
            .map(|(at, quarters)| TimeRange::lasting(date.start() + Span::minutes(15 * at), 15 * quarters))
            .collect();
        let kept = within_hours(slots.clone(), &hours, zone);
        let covered: Vec<_> = slots.iter().copied().filter(|it| hours.covers(it, zone)).collect();
        prop_assert_eq!(&kept, &covered);
        for slot in slots.iter().filter(|_| !hours.is_unrestricted()) {
            if let Some(open) = open_by_the_clock(slot, &hours, zone) {
                prop_assert_eq!(kept.contains(slot), open, "{:?}", slot);
            }
        }
    }

    /// Red when a slot is cut that could not be booked, out of order, or outside the window.
    #[test]
    fn what_is_cut_from_hours_is_open_and_in_order(
        (name, date) in (0..ZONES.len(), 0..DAYS.len()), hours in hours(), minutes in 5u32..400,
    ) {
        let (zone, mut service) = (zone(ZONES[name]), service("{}", minutes));
        let window = day(zone, DAYS[date]).padded(Span::ZERO, Span::days(2));
        service.opening_hours = hours;
        let slots = slots_from_hours(&service, zone, &window, window.start());
        prop_assert!(slots.is_sorted());
        for slot in &slots {
            prop_assert!(service.opening_hours.covers(slot, zone) && window.contains(slot));
        }
    }
}
