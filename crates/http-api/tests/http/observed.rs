//! What operators see: one log line and one measurement per request, without anybody's data.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use booking_test_support::builders::DEMO_KEY;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Gateway, SECRET};

/// Runs on this thread alone, because logs and metrics are caught per thread.
pub(crate) fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work);
}

/// Log lines.
#[derive(Clone, Default)]
pub(crate) struct Caught(Arc<Mutex<Vec<u8>>>);

impl Caught {
    /// The lines so far.
    pub(crate) fn lines(&self) -> Vec<serde_json::Value> {
        let log = String::from_utf8(self.0.lock().expect("alone").clone()).expect("text");
        log.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }
}

impl Write for Caught {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("alone").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Caught {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Turns red when the log line shows the path or the query instead of the route's pattern.
#[test]
fn a_request_leaves_one_line_without_anybodys_data() {
    let caught = Caught::default();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(caught.clone())
        .json()
        .finish();
    let _guard = tracing::subscriber::set_default(log);
    let mut appointment = String::new();
    run(async {
        let gateway = Gateway::new().await;
        let body = json!({"service_id": 1, "start": "2025-10-13T08:00:00+02:00",
            "notes": "canary-note",
            "customer": {"name": "Canary Name", "email": "canary@mail.example", "phone": "0171 3920042"}});
        let made = gateway
            .post_with("/api/v1/bookings", &body, &[("x-request-id", "req-7")])
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
        appointment = made.json["id"].as_str().expect("an id").to_owned();
        gateway
            .get("/api/v1/bookings?customer_email=canary@mail.example")
            .await;
        gateway
            .get(&format!("/api/v1/bookings/{appointment}"))
            .await;
        gateway
            .get("/api/v1/availability?service_id=1&start=2025-10-13&end=2025-10-13")
            .await;
        gateway.get("/nowhere/canary-path").await;
        gateway
            .webhook(
                "/api/calcom/webhook/15",
                SECRET,
                &json!({"triggerEvent": "PING"}),
            )
            .await;
    });
    let log = String::from_utf8(caught.0.lock().expect("alone").clone()).expect("text");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|line: &serde_json::Value| line["fields"]["message"] == "request")
        .collect();
    assert_eq!(lines.len(), 6, "{log}");
    let first = &lines[0]["fields"];
    assert_eq!(
        (&first["route"], &first["method"]),
        (&json!("/api/v1/bookings"), &json!("POST"))
    );
    assert_eq!(
        (&first["status"], &first["request_id"]),
        (&json!(201), &json!("req-7"))
    );
    assert!(first["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{first}");
    assert_eq!(lines[2]["fields"]["route"], "/api/v1/bookings/{id}");
    assert_eq!(lines[3]["fields"]["cache"], "upstream");
    assert_eq!(lines[4]["fields"]["route"], "unmatched");
    let requests: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let secrets = ["canary", "Canary", "3920042", DEMO_KEY, SECRET];
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert!(
        requests.iter().all(|line| !line.contains(&appointment)),
        "{requests:?}"
    );
}

#[derive(Default)]
struct Names(Mutex<BTreeSet<String>>);

impl Recorder for Names {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let labels: Vec<_> = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()))
            .collect();
        let name = format!("{}{{{}}}", key.name(), labels.join(","));
        self.0.lock().expect("alone").insert(name);
        Histogram::noop()
    }
}

#[test]
fn measurements_have_labels_that_cannot_grow() {
    let names = Names::default();
    metrics::with_local_recorder(&names, || {
        run(async {
            let gateway = Gateway::new().await;
            gateway
                .get("/api/v1/bookings/0199cd00-0000-7000-8000-000000000009")
                .await;
            gateway.get("/nowhere").await;
            for trigger in ["PING", "SOMETHING_NEW", "BOOKING.CREATED"] {
                let body = json!({"triggerEvent": trigger});
                gateway
                    .webhook("/api/calcom/webhook/15", SECRET, &body)
                    .await;
            }
        });
    });
    let names = names.0.into_inner().expect("alone");
    for expected in [
        "booking_http_request_seconds{route=/api/v1/bookings/{id},method=GET,status=404}",
        "booking_http_request_seconds{route=unmatched,method=GET,status=404}",
        "booking_http_request_seconds{route=/api/calcom/webhook/{company_id},method=POST,status=200}",
        "booking_webhook_seconds{trigger=PING}",
        "booking_webhook_seconds{trigger=other}",
        "booking_webhook_seconds{trigger=BOOKING_CREATED}",
    ] {
        assert!(names.contains(expected), "{expected}: {names:#?}");
    }
}
