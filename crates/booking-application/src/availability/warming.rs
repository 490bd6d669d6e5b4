//! Warming: windows that will be asked for are fetched before somebody waits for them. At the
//! start all services' next days; after a change, the windows that were in use. Nothing is less
//! urgent, so that Cal.com's budget is left to people.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use booking_domain::cache_key::{CacheKey, DayRangeKey};
use booking_domain::ids::CompanyId;
use booking_domain::time::Instant;

/// More wishes than this are not kept: what is not warmed is fetched when it is asked for.
const MOST_WISHES: usize = 1_000;

/// A window of a company.
pub(crate) type Wish = (CompanyId, DayRangeKey);

/// What is to be warmed, and when.
#[derive(Default)]
pub(crate) struct Warming {
    wishes: Mutex<BTreeMap<Wish, Instant>>,
    /// When a Cal.com account that was to be left alone may be asked again to warm.
    held_back: Mutex<HashMap<String, Instant>>,
}

impl Warming {
    /// Wishes for a window; one that is wished for already waits again. `false` when there are
    /// too many.
    pub(crate) fn wish(&self, wish: Wish, due_at: Instant) -> bool {
        let mut wishes = locked(&self.wishes);
        let room = wishes.len() < MOST_WISHES || wishes.contains_key(&wish);
        if room {
            wishes.insert(wish, due_at);
        }
        room
    }

    /// The wishes that are due.
    pub(crate) fn due(&self, now: Instant) -> Vec<Wish> {
        let wishes = locked(&self.wishes);
        let due = wishes.iter().filter(|(_, due_at)| **due_at <= now);
        due.map(|(wish, _)| *wish).collect()
    }

    /// Takes a wish off the list.
    pub(crate) fn done(&self, wish: &Wish) {
        locked(&self.wishes).remove(wish);
    }

    pub(crate) fn waiting(&self) -> usize {
        locked(&self.wishes).len()
    }

    /// Whether the account may be asked now.
    pub(crate) fn may_ask(&self, account: &str, now: Instant) -> bool {
        locked(&self.held_back)
            .get(account)
            .is_none_or(|next| *next <= now)
    }

    /// The account is not to be asked to warm before.
    pub(crate) fn held_back(&self, account: &str, now: Instant, until: Instant) {
        let mut held_back = locked(&self.held_back);
        held_back.retain(|_, next| *next > now);
        held_back.insert(account.to_owned(), until);
    }
}

/// The windows among these names that are worth warming: day ranges, and none inside another.
pub(crate) fn worth_warming(names: &[CacheKey]) -> Vec<DayRangeKey> {
    let days = |key: &CacheKey| match key {
        CacheKey::Layer1(key) => Some(*key),
        CacheKey::Layer2(_) => None,
    };
    let days: Vec<DayRangeKey> = names.iter().filter_map(days).collect();
    let covered = |key: &DayRangeKey| {
        days.iter().any(|wider| {
            wider != key
                && wider.event_type == key.event_type
                && wider.window().contains(&key.window())
        })
    };
    let outer = days.iter().filter(|key| !covered(key));
    outer.copied().collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::cache_key::HourWindowKey;
    use booking_domain::ids::EventTypeId;
    use booking_domain::time::{Span, TimeRange};

    fn noon() -> Instant {
        "2025-10-13T12:00:00Z".parse().unwrap()
    }

    fn days(event_type: i64, day: i64, days: i64) -> DayRangeKey {
        let start = noon() - Span::hours(12) + Span::days(day);
        let window = TimeRange::new(start, start + Span::days(days)).unwrap();
        DayRangeKey::covering(EventTypeId::new(event_type), &window)
    }

    /// Red when a day inside a wished-for week is fetched too, or an hour window.
    #[test]
    fn what_lies_inside_another_is_not_fetched_twice() {
        let hours = HourWindowKey::covering(
            CompanyId::new(15),
            None,
            EventTypeId::new(1),
            &TimeRange::lasting(noon(), 60),
        );
        let names = [
            CacheKey::Layer1(days(1, 0, 7)),
            CacheKey::Layer1(days(1, 2, 1)),
            CacheKey::Layer1(days(1, 6, 2)),
            CacheKey::Layer1(days(2, 2, 1)),
            CacheKey::Layer2(hours),
        ];
        let worth = worth_warming(&names);
        assert_eq!(worth, [days(1, 0, 7), days(1, 6, 2), days(2, 2, 1)]);
    }

    /// Red when a change in quick succession fetches twice, or the list grows without end.
    #[test]
    fn a_wish_waits_for_quiet_and_the_list_is_bounded() {
        let warming = Warming::default();
        let wish = (CompanyId::new(15), days(1, 0, 1));
        assert!(warming.wish(wish, noon()));
        assert!(warming.wish(wish, noon() + Span::seconds(5)));
        assert_eq!(warming.due(noon()), []);
        assert_eq!(warming.due(noon() + Span::seconds(5)), [wish]);
        for day in 1..2_000 {
            warming.wish((CompanyId::new(15), days(1, day, 1)), noon());
        }
        assert_eq!(warming.waiting(), MOST_WISHES);
        assert!(warming.wish(wish, noon()), "an old wish may be put off");
        warming.done(&wish);
        assert_eq!(warming.waiting(), MOST_WISHES - 1);
    }

    /// Red when one account that is left alone holds up another.
    #[test]
    fn each_account_is_held_back_by_itself() {
        let warming = Warming::default();
        warming.held_back("one", noon(), noon() + Span::seconds(3));
        assert!(!warming.may_ask("one", noon() + Span::seconds(2)));
        assert!(warming.may_ask("one", noon() + Span::seconds(3)));
        assert!(warming.may_ask("two", noon()));
    }
}
