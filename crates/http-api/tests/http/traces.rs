//! A request goes on in the trace it brought, and so does everything that is left to others.

use booking_domain::ports::{JobQueue, Outbox, Queue, SagaQueue};
use booking_domain::time::Span;
use booking_domain::trace::TraceParent;
use serde_json::json;

use crate::observed::{Caught, run};
use crate::support::{Gateway, Mode};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A booking that waits for Cal.com, and a move that waits for the booking.
async fn left_to_others(gateway: &Gateway, traceparent: &str) {
    gateway.calendar_is(Mode::Down { retry_at: None });
    let headers = [("traceparent", traceparent)];
    let body = json!({"service_id": 1, "start": "2025-10-13T08:00:00+02:00",
        "customer": {"name": "Tom", "email": "tom@mail.example"}});
    let booked = gateway.post_with("/api/v1/bookings", &body, &headers);
    let booked = booked.await;
    assert_eq!(booked.status, 202, "{}", booked.text);
    let path = format!(
        "/api/v1/bookings/{}/reschedule",
        booked.json["id"].as_str().expect("an id")
    );
    let body = json!({"start": "2025-10-13T10:00:00+02:00"});
    let moved = gateway.post_with(&path, &body, &headers).await;
    assert_eq!(moved.status, 202, "{}", moved.text);
}

/// The traces of the job, the wish and the events.
async fn stored(gateway: &Gateway) -> Vec<TraceParent> {
    let now = booking_domain::ports::Clock::now(&*gateway.clock) + Span::seconds(5);
    let times = (now, now + Span::MINUTE);
    let jobs: &dyn JobQueue = &*gateway.store;
    let jobs = jobs.lease(Queue::CalcomSync, 9, times).await.expect("jobs");
    let sagas: &dyn SagaQueue = &*gateway.store;
    let sagas = sagas.lease_due(now, times.1, 9).await.expect("sagas");
    let outbox: &dyn Outbox = &*gateway.store;
    let events = outbox.lease_due(now, times.1, 9).await.expect("events");
    assert_eq!((jobs.len(), sagas.len(), events.len()), (1, 1, 2));
    let jobs = jobs.into_iter().map(|it| it.job.trace_parent);
    let sagas = sagas.into_iter().map(|it| it.saga.trace_parent);
    let events = events.into_iter().map(|it| it.event.trace_parent);
    let all = jobs.chain(sagas).chain(events);
    all.map(|it| it.expect("a trace")).collect()
}

/// Red when a job, a wish to Cal.com or an event is stored without the trace, or with the caller's
/// own span for its parent; or when a header that is none is believed.
#[tokio::test]
async fn what_is_left_to_others_bears_the_trace() {
    let gateway = Gateway::new().await;
    left_to_others(&gateway, GIVEN).await;
    for parent in stored(&gateway).await {
        assert_eq!(parent.trace_id().to_string(), TRACE);
        assert_ne!(parent.to_string(), GIVEN, "a span of its own");
    }
    let gateway = Gateway::new().await;
    left_to_others(&gateway, "00-made-up-01").await;
    let traces = stored(&gateway).await;
    assert!(traces.iter().all(|it| it.trace_id().to_string() != TRACE));
    assert_eq!(
        traces[1].trace_id().to_string(),
        traces[2].trace_id().to_string()
    );
}

/// Red when the request's line has no trace, or what a worker logs later is not in it.
#[test]
fn log_lines_bear_the_trace_and_those_of_the_worker_too() {
    let caught = Caught::default();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_writer(caught.clone())
        .json()
        .finish();
    let _guard = tracing::subscriber::set_default(log);
    let mut before = 0;
    run(async {
        let gateway = Gateway::new().await;
        left_to_others(&gateway, GIVEN).await;
        before = caught.lines().len();
        gateway.clock.advance(Span::seconds(2));
        let report = gateway
            .app
            .run_due(Queue::CalcomSync)
            .await
            .expect("stored");
        assert_eq!((report.done, report.failed), (1, 1), "the wish, the move");
    });
    let lines = caught.lines();
    let is_request = |line: &&serde_json::Value| line["fields"]["message"] == "request";
    let requests: Vec<_> = lines.iter().filter(is_request).collect();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|it| it["fields"]["trace_id"] == TRACE));
    for (message, span) in [
        ("Cal.com was not reached", "saga"),
        ("a job failed: later again", "job"),
    ] {
        let of_worker = lines[before..].iter();
        let found = of_worker.filter(|it| it["fields"]["message"] == message);
        let spans: Vec<_> = found.map(|it| it["spans"].to_string()).collect();
        assert_eq!(spans.len(), 1, "{message}");
        assert!(
            spans[0].contains(TRACE) && spans[0].contains(span),
            "{spans:?}"
        );
    }
}
