//! `ScheduleStore`: what recurs fires once, whoever looks.

use std::sync::Arc;

use booking_domain::ids::JobId;
use booking_domain::ports::{Firing, Job, Queue};
use booking_domain::time::{Instant, Span};
use serde_json::json;
use uuid::Uuid;

use super::StoreUnderTest;
use crate::builders::now;

fn hours(n: i64) -> Instant {
    now() + Span::hours(n)
}

/// The next time after `at` of something that happens every full hour after [`now`].
fn firing(at: Instant, expression: &'static str) -> Firing {
    let hour = at.since(now()).as_micros().div_euclid(3_600_000_000);
    let id = JobId::new(Uuid::from_u64_pair(9, hour.unsigned_abs()));
    Firing {
        name: "sweep",
        time_zone: "UTC",
        expression,
        next: hours(hour + 1),
        job: Job::new(id, (Queue::Maintenance, "sweep"), json!({}), at),
    }
}

async fn fires(store: &StoreUnderTest, at: Instant) -> bool {
    let fired = store.schedules.fire(&firing(at, "hourly"), at).await;
    fired.expect("the store answers")
}

async fn filed(store: &StoreUnderTest) -> usize {
    let leased = store
        .jobs
        .lease(Queue::Maintenance, 100, (hours(99), hours(100)));
    leased.await.expect("the queue answers").len()
}

/// A schedule waits for its first time, fires once for each, and files its job; times that were
/// missed are made up for once.
pub async fn a_schedule_fires_once_for_each_time(store: StoreUnderTest) {
    assert!(!fires(&store, now()).await, "it is new");
    assert!(!fires(&store, hours(1) - Span::seconds(1)).await);
    assert!(fires(&store, hours(1)).await);
    assert!(!fires(&store, hours(1)).await);
    assert!(fires(&store, hours(7)).await, "six times late");
    assert!(!fires(&store, hours(7) + Span::minutes(59)).await);
    assert_eq!(filed(&store).await, 2);
}

/// Many instances look at the same moment: one fires.
pub async fn one_of_many_instances_fires(store: StoreUnderTest) {
    let store = Arc::new(store);
    assert!(!fires(&store, now()).await);
    let looking: Vec<_> = (0..10)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { fires(&store, hours(1)).await })
        })
        .collect();
    let mut fired = 0;
    for one in looking {
        fired += u32::from(one.await.expect("nobody fails"));
    }
    assert_eq!((fired, filed(&store).await), (1, 1));
}

/// A schedule that was changed forgets the old times.
pub async fn a_changed_schedule_waits_for_its_new_time(store: StoreUnderTest) {
    assert!(!fires(&store, now()).await);
    let changed = firing(hours(1), "every full hour");
    let fired = store.schedules.fire(&changed, hours(1)).await;
    assert!(!fired.expect("answers"));
    let changed = firing(hours(2), "every full hour");
    let fired = store.schedules.fire(&changed, hours(2)).await;
    assert!(fired.expect("answers"));
}
