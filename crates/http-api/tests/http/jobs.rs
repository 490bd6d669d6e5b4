//! The queues over HTTP: what waits is shown to its company, retried, thrown away.

use axum::body::Body;
use booking_domain::ids::{CompanyId, JobId};
use booking_domain::ports::{Job, JobQueue, Queue};
use booking_domain::time::Span;
use booking_test_support::builders::{COMPANY, OTHER_COMPANY, now};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ADMIN_KEY, Gateway, Reply, bearing};

const JOBS: &str = "/api/v1/ops/jobs";

fn id(n: u64) -> JobId {
    JobId::new(Uuid::from_u64_pair(5, n))
}

async fn file(gateway: &Gateway, n: u64, company: CompanyId) {
    let job = Job::new(id(n), (Queue::Listeners, "purge_edge"), json!({}), now());
    let job = Job {
        company: Some(company),
        ..job
    };
    let store: &dyn JobQueue = &*gateway.store;
    assert!(store.enqueue(&job).await.expect("the queue answers"));
}

async fn ask(gateway: &Gateway, method: &str, path: &str) -> Reply {
    let request = bearing(ADMIN_KEY, method, path).body(Body::empty());
    gateway.send(request.expect("a request")).await
}

async fn steer(gateway: &Gateway, n: u64, what: &str) -> Reply {
    ask(gateway, "POST", &format!("{JOBS}/{}/{what}", id(n))).await
}

async fn list(gateway: &Gateway, query: &str) -> Value {
    let reply = ask(gateway, "GET", &format!("{JOBS}{query}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json
}

fn ids(page: &Value) -> Vec<String> {
    let jobs = page["data"].as_array().expect("a list");
    jobs.iter()
        .map(|job| job["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Red when another company's jobs are shown, a filter or a cursor is not heeded, or a page says
/// that there is another when there is none.
#[tokio::test]
async fn a_company_sees_its_own_jobs_page_by_page() {
    let gateway = Gateway::new().await;
    for n in 1..=3 {
        file(&gateway, n, COMPANY).await;
    }
    file(&gateway, 4, OTHER_COMPANY).await;
    let first = list(&gateway, "?limit=2").await;
    assert_eq!(ids(&first), [id(1).to_string(), id(2).to_string()]);
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let second = list(&gateway, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!(ids(&second), [id(3).to_string()]);
    assert_eq!(second["next_cursor"], Value::Null);
    let job = &second["data"][0];
    assert_eq!(
        (&job["queue"], &job["state"], &job["attempts"]),
        (&json!("listeners"), &json!("waiting"), &json!(0))
    );
    assert!(ids(&list(&gateway, "?state=dead").await).is_empty());
    assert!(ids(&list(&gateway, "?queue=maintenance").await).is_empty());
    for bad in ["?state=lost", "?queue=mine", "?cursor=1", "?x=1"] {
        let reply = ask(&gateway, "GET", &format!("{JOBS}{bad}")).await;
        reply.assert_problem(422, "validation_failed");
    }
}

/// Red when a job that runs, is another company's, or does not exist is steered, or one that waits
/// is not.
#[tokio::test]
async fn jobs_are_retried_and_thrown_away() {
    let gateway = Gateway::new().await;
    for n in 1..=2 {
        file(&gateway, n, COMPANY).await;
    }
    file(&gateway, 3, OTHER_COMPANY).await;
    let retried = steer(&gateway, 1, "retry").await;
    assert_eq!(
        (retried.status, &retried.json["state"]),
        (200, &json!("waiting"))
    );
    let discarded = steer(&gateway, 2, "discard").await;
    let seen = (discarded.status, &discarded.json["state"]);
    assert_eq!(seen, (200, &json!("discarded")));
    for (n, what) in [(2, "discard"), (3, "discard"), (3, "retry"), (9, "retry")] {
        let refused = steer(&gateway, n, what).await;
        refused.assert_problem(404, "job_not_found");
    }
    let store: &dyn JobQueue = &*gateway.store;
    let lease = (now(), now() + Span::MINUTE);
    let leased = store.lease(Queue::Listeners, 1, lease).await;
    assert_eq!(leased.expect("leased").len(), 1);
    for what in ["retry", "discard"] {
        let refused = steer(&gateway, 1, what).await;
        refused.assert_problem(409, "job_running");
    }
}
