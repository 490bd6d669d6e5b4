//! Surrogate keys: the names under which a cache in front of the gateway (an edge) may file our
//! answers, and by which it is told what to forget.
//!
//! | key | stands for |
//! |---|---|
//! | `company-15` | every answer of the company |
//! | `event-type-2563193` | every answer about what Cal.com knows under this number |
//! | `day-2563193-2025-10-13` | those of them that cover this UTC day |
//! | `service-3` | every answer about a service that Cal.com does not know |
//!
//! Answers are labelled by [`SurrogateKey::of_answer`], changes are told by
//! [`SurrogateKey::of_change`]; whenever a change may alter an answer, the two have a key in common.

use std::fmt;

use crate::cache_key::{Tag, tags_touched};
use crate::ids::{CompanyId, EventTypeId, ServiceId};
use crate::tenant::Service;
use crate::time::{DayRange, TimeRange};

/// The name of a set of answers. Plain letters, digits and `-`: fit for a header.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SurrogateKey {
    /// All of a company.
    Company(CompanyId),
    /// All about an event type.
    EventType(EventTypeId),
    /// All about an event type that cover a UTC day.
    Day(Tag),
    /// All about a service that Cal.com does not know.
    Service(ServiceId),
}

impl SurrogateKey {
    /// The longest answer (62 days) touches so many UTC days; a longer change is told as a change
    /// of the whole event type.
    pub const MOST_DAYS: usize = 64;

    /// What an answer about `days` of a service is filed under.
    pub fn of_answer(company: CompanyId, service: &Service, days: DayRange) -> Vec<Self> {
        let mut keys = vec![Self::Company(company)];
        match service.event_type {
            Some(event_type) => {
                keys.push(Self::EventType(event_type));
                keys.extend(days.iter().map(|day| Self::Day(Tag { event_type, day })));
            }
            None => keys.push(Self::Service(service.id)),
        }
        keys
    }

    /// What a change of these ranges may alter, for the services of one availability group; sorted,
    /// none twice. The ranges must be widened as for the caches.
    pub fn of_change<'a>(
        group: impl IntoIterator<Item = &'a Service>,
        reached: &[TimeRange],
    ) -> Vec<Self> {
        let mut keys = Vec::new();
        for service in group {
            let Some(event_type) = service.event_type else {
                keys.push(Self::Service(service.id));
                continue;
            };
            let tags = tags_touched(&[event_type], reached);
            if tags.len() > Self::MOST_DAYS {
                keys.push(Self::EventType(event_type));
            } else {
                keys.extend(tags.into_iter().map(Self::Day));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl fmt::Display for SurrogateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Company(company) => write!(f, "company-{company}"),
            Self::EventType(event_type) => write!(f, "event-type-{event_type}"),
            Self::Day(Tag { event_type, day }) => write!(f, "day-{event_type}-{day}"),
            Self::Service(service) => write!(f, "service-{service}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cache_key::{reach, strategies::time_range};
    use crate::ids::GroupId;
    use crate::time::Instant;

    const COMPANY: CompanyId = CompanyId::new(15);

    fn service(id: i64, event_type: Option<i64>) -> Service {
        Service {
            id: ServiceId::new(id),
            branch: None,
            name: "Beratung".to_owned(),
            aliases: vec![],
            duration_minutes: 60,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            event_type: event_type.map(EventTypeId::new),
            staff: vec![],
            capacity: 1,
            opening_hours: Default::default(),
            reminder_minutes: vec![],
            requires: vec![],
            group: GroupId::new(1),
        }
    }

    fn lasting(start: &str, minutes: u32) -> TimeRange {
        TimeRange::lasting(start.parse::<Instant>().expect("valid"), minutes)
    }

    fn text(keys: &[SurrogateKey]) -> String {
        keys.iter()
            .map(SurrogateKey::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The forms are a promise: operators write them into the rules of their edge.
    ///
    /// Red when a word of a key, or the order of an answer's keys, is changed.
    #[test]
    fn answers_and_changes_have_these_names() {
        let two_days = lasting("2025-10-13T22:00:00Z", 180).utc_days();
        let known = service(1, Some(2_563_193));
        let expected =
            "company-15 event-type-2563193 day-2563193-2025-10-13 day-2563193-2025-10-14";
        assert_eq!(
            text(&SurrogateKey::of_answer(COMPANY, &known, two_days)),
            expected
        );
        let local = service(3, None);
        let answer = SurrogateKey::of_answer(COMPANY, &local, two_days);
        assert_eq!(text(&answer), "company-15 service-3");

        let group = [service(2, Some(2_563_194)), local, known];
        let nine = lasting("2025-10-13T09:00:00Z", 60);
        let change = SurrogateKey::of_change(&group, &[nine, nine]);
        let expected = "day-2563193-2025-10-13 day-2563194-2025-10-13 service-3";
        assert_eq!(text(&change), expected);
    }

    /// Red when a change of months is told day by day, or not at all.
    #[test]
    fn a_change_of_months_is_told_as_one_of_the_event_type() {
        let group = [service(1, Some(7))];
        let days = |n: u32| SurrogateKey::of_change(&group, &[lasting("2025-01-01T01:00:00Z", n)]);
        assert_eq!(days(64 * 1_440 - 180).len(), 64);
        assert_eq!(text(&days(64 * 1_440)), "event-type-7");
    }

    proptest! {
        /// Red when only the first day of a change is told, when a sibling of the group is left
        /// out, or when a long change loses the event type.
        #[test]
        fn a_change_meets_every_answer_it_may_alter(
            change in time_range(100 * 1_440),
            offset in -5i64..105 * 1_440,
            minutes in 1u32..62 * 1_440,
            sibling in 0usize..3,
        ) {
            let group = [service(1, Some(1)), service(2, Some(2)), service(3, None)];
            let start = change.start() + crate::time::Span::minutes(offset - 2_880);
            let asked = TimeRange::lasting(start, minutes);
            let answer = SurrogateKey::of_answer(COMPANY, &group[sibling], asked.utc_days());
            let told = SurrogateKey::of_change(&group, &[change]);
            if asked.overlaps(&reach(&change)) {
                prop_assert!(answer.iter().any(|key| told.contains(key)), "{answer:?} {told:?}");
            }
        }
    }
}
