//! `JobQueue`, `JobLog` and `JobAdmin`: every job is done, put off or given up by exactly one who
//! has it, and nothing is lost or held up.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{
    Job, JobChange, JobFilter, JobOrder, JobState, JobView, LeasedJob, Queue, StoreError,
};
use booking_domain::time::{Instant, Span};
use serde_json::json;
use uuid::Uuid;

use super::StoreUnderTest;
use crate::builders::{COMPANY, OTHER_COMPANY, now};

const HERE: Queue = Queue::Notifications;

fn seconds(n: i64) -> Instant {
    now() + Span::seconds(n)
}

/// The installation's own job number `n`, due at once.
fn job(n: u64) -> Job {
    let id = JobId::new(Uuid::from_u64_pair(7, n));
    Job::new(id, (HERE, "greet"), json!({ "n": n }), now())
}

fn ordered(n: u64, key: &str, sequence: i64) -> Job {
    let key = key.to_owned();
    let order = Some(JobOrder { key, sequence });
    Job { order, ..job(n) }
}

async fn file(store: &StoreUnderTest, job: &Job) -> bool {
    store.jobs.enqueue(job).await.expect("the queue answers")
}

/// Leases for a minute what is due at `at`.
async fn lease(store: &StoreUnderTest, at: Instant, limit: u32) -> Vec<LeasedJob> {
    let leased = store.jobs.lease(HERE, limit, (at, at + Span::MINUTE)).await;
    leased.expect("the queue answers")
}

async fn lease_one(store: &StoreUnderTest, at: Instant) -> LeasedJob {
    let mut leased = lease(store, at, 10).await;
    assert_eq!(leased.len(), 1, "one is due");
    leased.remove(0)
}

fn ids(leased: &[LeasedJob]) -> Vec<u64> {
    let number = |it: &LeasedJob| it.job.id.get().as_u64_pair().1;
    leased.iter().map(number).collect()
}

async fn seen(store: &StoreUnderTest, filter: JobFilter) -> Vec<JobView> {
    let jobs = store.job_admin.jobs(&filter, (seconds(1), 100)).await;
    jobs.expect("the queue answers")
}

async fn states(store: &StoreUnderTest) -> Vec<JobState> {
    let all = seen(store, JobFilter::default()).await;
    all.iter().map(|job| job.state).collect()
}

/// What was filed comes back as it was, and is nobody else's until the lease is over.
pub async fn a_job_is_leased_once(store: StoreUnderTest) {
    store.import_demo().await;
    let filed = Job {
        company: Some(COMPANY),
        trace_parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            .parse()
            .ok(),
        ..ordered(1, "row", 3)
    };
    assert!(file(&store, &filed).await);
    let leased = lease_one(&store, now()).await;
    assert_eq!((&leased.job, leased.attempt), (&filed, 1));
    assert_eq!(leased.due_since, now());
    assert_eq!(lease(&store, seconds(59), 10).await, []);
    let again = lease_one(&store, seconds(60)).await;
    assert_eq!((again.attempt, again.fence > leased.fence), (2, true));
    assert_eq!((leased.was_cut_off, again.was_cut_off), (false, true));
}

/// Longest due first, no more than asked for, of this queue, and nothing before its time.
pub async fn the_longest_due_come_first(store: StoreUnderTest) {
    for (n, at) in [(1, 30), (2, 10), (3, 20), (4, 99)] {
        let late = Job {
            run_at: seconds(at),
            ..job(n)
        };
        file(&store, &late).await;
    }
    let elsewhere = Job {
        queue: Queue::Maintenance,
        ..job(5)
    };
    file(&store, &elsewhere).await;
    assert_eq!(ids(&lease(&store, seconds(40), 2).await), [2, 3]);
    assert_eq!(ids(&lease(&store, seconds(40), 2).await), [1]);
}

/// Whoever has lost the lease changes nothing any more.
pub async fn an_old_fence_is_refused(store: StoreUnderTest) {
    file(&store, &job(1)).await;
    let old = lease_one(&store, now()).await;
    let new = lease_one(&store, seconds(60)).await;
    let jobs = &store.jobs;
    let at = seconds(61);
    for refused in [
        jobs.done(&old).await,
        jobs.fail(&old, at, "late").await,
        jobs.bury(&old, at, "late").await,
        jobs.extend(&old, at).await,
        jobs.give_back(&old).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    }
    jobs.done(&new).await.expect("it is its to report");
    assert_eq!(states(&store).await, []);
}

/// Whoever takes longer keeps it.
pub async fn a_lease_can_be_extended(store: StoreUnderTest) {
    file(&store, &job(1)).await;
    let leased = lease_one(&store, now()).await;
    let extended = store.jobs.extend(&leased, seconds(200)).await;
    extended.expect("it is still its");
    assert_eq!(lease(&store, seconds(199), 10).await, []);
    assert_eq!(ids(&lease(&store, seconds(200), 10).await), [1]);
}

/// What failed comes back when it is due, with its tries counted and the first due time kept.
pub async fn what_failed_comes_back(store: StoreUnderTest) {
    file(&store, &job(1)).await;
    for attempt in 1..=4 {
        let at = seconds(i64::from(attempt) * 100);
        let leased = lease_one(&store, at).await;
        assert_eq!((leased.attempt, leased.due_since), (attempt, now()));
        let next = at + Span::seconds(100);
        let noted = store.jobs.fail(&leased, next, "no connection").await;
        noted.expect("noted");
        assert_eq!(lease(&store, next - Span::seconds(1), 10).await, []);
        let view = seen(&store, JobFilter::default()).await.remove(0);
        assert_eq!(view.error.as_deref(), Some("no connection"));
        assert_eq!(view.attempt, attempt);
    }
}

/// What was handed back is free at once, and nobody holds the try against it.
pub async fn what_is_given_back_is_free_and_not_counted(store: StoreUnderTest) {
    file(&store, &job(1)).await;
    let leased = lease_one(&store, now()).await;
    store.jobs.give_back(&leased).await.expect("given back");
    let again = lease_one(&store, now()).await;
    assert_eq!(again.attempt, 1);
    assert!(again.fence > leased.fence, "the first has lost it");
}

/// Jobs of one row run one after the other, whatever becomes of each; other rows do not wait.
pub async fn a_row_keeps_its_order(store: StoreUnderTest) {
    for (n, key, sequence) in [(1, "a", 5), (2, "a", 6), (3, "b", 1), (4, "a", 7)] {
        file(&store, &ordered(n, key, sequence)).await;
    }
    let first = lease(&store, now(), 10).await;
    assert_eq!(ids(&first), [1, 3]);
    let later = seconds(50);
    let put_off = store.jobs.fail(&first[0], later, "deaf").await;
    put_off.expect("put off");
    assert_eq!(lease(&store, seconds(49), 10).await, []);
    let first = lease_one(&store, later).await;
    store.jobs.done(&first).await.expect("done");
    let second = lease_one(&store, later).await;
    assert_eq!(ids(std::slice::from_ref(&second)), [2]);
    let buried = store.jobs.bury(&second, later, "hopeless").await;
    buried.expect("buried");
    assert_eq!(ids(&lease(&store, later, 10).await), [4]);
    let rows = ["a", "b", "c"].map(str::to_owned);
    let busy = store.jobs.busy_orders(HERE, &rows).await.expect("answers");
    let busy: BTreeSet<_> = busy.iter().map(String::as_str).collect();
    assert_eq!(busy, BTreeSet::from(["a", "b"]));
}

/// A second wish for the same is not filed while the first waits, and is once that has begun.
pub async fn a_wish_waits_once(store: StoreUnderTest) {
    store.import_demo().await;
    let wish = |n, company: Option<CompanyId>| Job {
        dedupe_key: Some("the same".to_owned()),
        company,
        ..job(n)
    };
    assert!(file(&store, &wish(1, None)).await);
    assert!(!file(&store, &wish(2, None)).await);
    assert!(file(&store, &wish(3, Some(COMPANY))).await);
    assert!(file(&store, &wish(4, Some(OTHER_COMPANY))).await);
    assert!(!file(&store, &wish(5, Some(COMPANY))).await);
    let elsewhere = Job {
        queue: Queue::Maintenance,
        ..wish(6, None)
    };
    assert!(file(&store, &elsewhere).await);
    let begun = lease(&store, now(), 1).await;
    assert_eq!(ids(&begun), [1]);
    assert!(file(&store, &wish(7, None)).await, "the first has begun");
    let failed = store.jobs.fail(&begun[0], seconds(9), "no").await;
    failed.expect("both wait now");
    assert_eq!(ids(&lease(&store, seconds(9), 10).await), [3, 4, 7, 1]);
}

/// Many workers at once: every job goes to exactly one of them.
pub async fn workers_share_no_jobs(store: StoreUnderTest) {
    let store = Arc::new(store);
    for n in 0..40 {
        file(&store, &job(n)).await;
    }
    let workers: Vec<_> = (0..10)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { ids(&lease(&store, now(), 3).await) })
        })
        .collect();
    let mut given = Vec::new();
    for worker in workers {
        given.extend(worker.await.expect("no worker fails"));
    }
    given.extend(ids(&lease(&store, now(), 100).await));
    let distinct: BTreeSet<_> = given.iter().collect();
    assert_eq!((given.len(), distinct.len()), (40, 40));
}

/// A job is there when what made it necessary is: it is undone with its unit of work, and belongs
/// to the unit's company.
pub async fn a_job_is_undone_with_the_unit(store: StoreUnderTest) {
    store.import_demo().await;
    let ours = Job {
        company: Some(COMPANY),
        ..job(1)
    };
    let mut unit = store.begin().await;
    assert!(unit.enqueue(&ours).await.expect("filed"));
    let foreign = unit
        .enqueue(&Job {
            company: None,
            ..job(2)
        })
        .await;
    assert!(
        matches!(foreign, Err(StoreError::Conflict(_))),
        "{foreign:?}"
    );
    drop(unit);
    assert_eq!(lease(&store, now(), 10).await, []);
    let mut unit = store.begin().await;
    assert!(unit.enqueue(&ours).await.expect("filed"));
    unit.commit().await.expect("committed");
    assert_eq!(lease_one(&store, now()).await.job, ours);
}

/// A row that cannot be read is given up, says so, and holds nobody up.
pub async fn an_unreadable_job_is_buried(store: StoreUnderTest) {
    let broken = Job {
        payload: json!("no object"),
        ..job(1)
    };
    file(&store, &broken).await;
    file(&store, &job(2)).await;
    assert_eq!(ids(&lease(&store, now(), 10).await), [2]);
    let dead = JobFilter {
        state: Some(JobState::Dead),
        ..JobFilter::default()
    };
    let dead = seen(&store, dead).await;
    assert_eq!(dead.len(), 1);
    assert!(dead[0].error.is_some());
}

/// What was given up stays until a person decides; then it has all its tries before it.
pub async fn the_dead_are_retried_or_discarded(store: StoreUnderTest) {
    for n in 1..=2 {
        file(&store, &job(n)).await;
    }
    for leased in lease(&store, now(), 10).await {
        let buried = store
            .jobs
            .bury(&leased, seconds(1), "a day of nothing")
            .await;
        buried.expect("buried");
    }
    assert_eq!(states(&store).await, [JobState::Dead; 2]);
    assert_eq!(lease(&store, seconds(9_999), 10).await, []);
    let counts = store.job_admin.counts().await.expect("counted");
    let here = counts.iter().find(|count| count.queue == HERE);
    assert_eq!(here.map(|it| (it.open, it.dead)), Some((0, 2)));
    let admin = &store.job_admin;
    let retried = admin.retry(None, job(1).id, seconds(100)).await;
    assert_eq!(retried.expect("answers"), JobChange::Done);
    let discarded = admin.discard(None, (job(2).id, seconds(100))).await;
    assert_eq!(discarded.expect("answers"), JobChange::Done);
    let risen = lease_one(&store, seconds(100)).await;
    assert_eq!((risen.attempt, risen.due_since), (1, seconds(100)));
    assert_eq!(risen.job.payload, job(1).payload);
}

/// Waiting ones can be hastened and thrown away; one that runs is left alone; unknown ones are
/// told so.
pub async fn waiting_jobs_can_be_steered(store: StoreUnderTest) {
    file(&store, &job(1)).await;
    for n in 2..=3 {
        let late = Job {
            run_at: seconds(1_000),
            ..job(n)
        };
        file(&store, &late).await;
    }
    let admin = &store.job_admin;
    let (retry, discard) = (
        |n: u64| admin.retry(None, job(n).id, now()),
        |n: u64| admin.discard(None, (job(n).id, now())),
    );
    assert_eq!(ids(&lease(&store, now(), 10).await), [1]);
    assert_eq!(retry(1).await.expect("answers"), JobChange::Running);
    assert_eq!(discard(1).await.expect("answers"), JobChange::Running);
    assert_eq!(retry(2).await.expect("answers"), JobChange::Done);
    assert_eq!(discard(3).await.expect("answers"), JobChange::Done);
    assert_eq!(retry(9).await.expect("answers"), JobChange::NotFound);
    assert_eq!(discard(3).await.expect("answers"), JobChange::NotFound);
    assert_eq!(ids(&lease(&store, now(), 10).await), [2]);
}

/// People of one company see and steer its own jobs only.
pub async fn companies_do_not_share_jobs(store: StoreUnderTest) {
    store.import_demo().await;
    for (n, company) in [(1, Some(COMPANY)), (2, Some(OTHER_COMPANY)), (3, None)] {
        file(&store, &Job { company, ..job(n) }).await;
    }
    let ours = JobFilter {
        company: Some(COMPANY),
        ..JobFilter::default()
    };
    let ours = seen(&store, ours).await;
    let companies: Vec<_> = ours.iter().map(|it| it.company).collect();
    assert_eq!(companies, [Some(COMPANY)]);
    assert_eq!(seen(&store, JobFilter::default()).await.len(), 3);
    let admin = &store.job_admin;
    for n in 2..=3 {
        let retried = admin.retry(Some(COMPANY), job(n).id, now()).await;
        assert_eq!(retried.expect("answers"), JobChange::NotFound);
        let discarded = admin.discard(Some(COMPANY), (job(n).id, now())).await;
        assert_eq!(discarded.expect("answers"), JobChange::NotFound);
    }
    assert_eq!(lease(&store, now(), 10).await.len(), 3);
}

/// Filters narrow the list, and pages go on where the last one ended.
pub async fn lists_are_filtered_and_paged(store: StoreUnderTest) {
    for n in 1..=5 {
        file(&store, &job(n)).await;
    }
    let running = lease(&store, now(), 2).await;
    assert_eq!(ids(&running), [1, 2]);
    let of = |state| JobFilter {
        state: Some(state),
        queue: Some(HERE),
        ..JobFilter::default()
    };
    assert_eq!(seen(&store, of(JobState::Running)).await.len(), 2);
    assert_eq!(seen(&store, of(JobState::Waiting)).await.len(), 3);
    let elsewhere = JobFilter {
        queue: Some(Queue::Listeners),
        ..JobFilter::default()
    };
    assert_eq!(seen(&store, elsewhere).await, []);
    let mut filter = JobFilter::default();
    let mut found = Vec::new();
    loop {
        let page = store.job_admin.jobs(&filter, (now(), 2)).await;
        let page = page.expect("answers");
        let Some(last) = page.last() else { break };
        filter.after = Some(last.id);
        found.extend(page.iter().map(|job| job.id));
    }
    assert_eq!(found, [1, 2, 3, 4, 5].map(|n| job(n).id));
}
