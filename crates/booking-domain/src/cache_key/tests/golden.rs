//! The vectors for other languages: the code must agree with each.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::super::*;
use crate::availability::predictive_window;
use crate::ids::{BranchId, CompanyId, EventTypeId, GroupId, ServiceId};
use crate::tenant::{OpeningHours, Service};
use crate::time::TimeRange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    windows: Vec<Window>,
    changes: Vec<Change>,
    predictive: Vec<Predictive>,
    invalid: Vec<Invalid>,
}

#[derive(Deserialize)]
struct Window {
    name: String,
    company: CompanyId,
    branch: Option<BranchId>,
    event_type: EventTypeId,
    #[serde(flatten)]
    range: TimeRange,
    layer1: DayRangeKey,
    layer1_tags: Vec<Tag>,
    layer2: HourWindowKey,
    layer2_tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Change {
    name: String,
    company: CompanyId,
    branch: Option<BranchId>,
    event_types: Vec<EventTypeId>,
    affected: Vec<TimeRange>,
    tags: Vec<Tag>,
    two_hour_windows: Vec<HourWindowKey>,
}

#[derive(Deserialize)]
struct Predictive {
    name: String,
    services: Vec<Lengths>,
    appointment: TimeRange,
    window: TimeRange,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "as in the set-up file")]
struct Lengths {
    duration_minutes: u32,
    buffer_before_minutes: u32,
    buffer_after_minutes: u32,
}

#[derive(Deserialize)]
struct Invalid {
    text: String,
    problem: String,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden_vectors.json")).expect("well formed")
}

fn text<T: ToString>(names: &[T]) -> Vec<String> {
    names.iter().map(T::to_string).collect()
}

/// Red when any vector is lost: they are added, never taken away.
#[test]
fn none_is_lost() {
    let it = golden();
    let counts = [
        it.windows.len(),
        it.changes.len(),
        it.predictive.len(),
        it.invalid.len(),
    ];
    let least = [28, 15, 4, 34];
    assert!(
        counts
            .iter()
            .zip(least)
            .all(|(there, least)| *there >= least),
        "{counts:?}"
    );
}

/// Red when a name or a tag changes its spelling, a window is rounded otherwise, or an end at
/// midnight counts as the next day (`utc_days` without taking off the end).
#[test]
fn windows_have_their_names_and_tags() {
    for it in golden().windows {
        let (event_type, name) = (it.event_type, &it.name);
        let days = DayRangeKey::covering(event_type, &it.range);
        let hours = HourWindowKey::covering(it.company, it.branch, event_type, &it.range);
        assert_eq!(days.to_string(), it.layer1.to_string(), "{name}");
        assert_eq!(hours.to_string(), it.layer2.to_string(), "{name}");
        let of = |window| text(&Tag::of_window(event_type, &window));
        assert_eq!(of(days.window()), text(&it.layer1_tags), "{name}");
        assert_eq!(of(hours.window()), text(&it.layer2_tags), "{name}");
    }
}

/// Red when an hour before or after is left out (`reach` without its padding), one event type of
/// several, or one side of a move.
#[test]
fn changes_touch_their_tags_and_windows() {
    for it in golden().changes {
        let tags = tags_touched(&it.event_types, &it.affected);
        assert_eq!(text(&tags), text(&it.tags), "{}", it.name);
        let mut touched = BTreeSet::new();
        for event_type in &it.event_types {
            for range in &it.affected {
                let keys = HourWindowKey::touched_by(it.company, it.branch, *event_type, range, 2);
                let two = |key: &HourWindowKey| key.end() == key.start().plus(2);
                touched.extend(keys.filter(two).map(|key| key.to_string()));
            }
        }
        let expected: BTreeSet<_> = text(&it.two_hour_windows).into_iter().collect();
        assert_eq!(touched, expected, "{}", it.name);
    }
}

/// Red when the longest of the group, or the buffer of another service, is left out.
#[test]
fn slots_come_and_go_in_the_predictive_window() {
    let service = |it: &Lengths| Service {
        id: ServiceId::new(1),
        branch: None,
        name: String::new(),
        aliases: vec![],
        duration_minutes: it.duration_minutes,
        buffer_before_minutes: it.buffer_before_minutes,
        buffer_after_minutes: it.buffer_after_minutes,
        event_type: None,
        staff: vec![],
        capacity: 1,
        opening_hours: OpeningHours::default(),
        reminder_minutes: vec![],
        requires: vec![],
        group: GroupId::new(1),
    };
    for it in golden().predictive {
        let group: Vec<_> = it.services.iter().map(service).collect();
        assert_eq!(
            predictive_window(&group, &it.appointment),
            it.window,
            "{}",
            it.name
        );
    }
}

/// Red when a text is accepted that another language would refuse, or refused for another reason.
#[test]
fn invalid_texts_are_refused_for_their_reason() {
    for Invalid { text, problem } in golden().invalid {
        let error = text.parse::<CacheKey>().expect_err(&text);
        assert_eq!(error.problem.as_str(), problem, "{error}");
    }
}
