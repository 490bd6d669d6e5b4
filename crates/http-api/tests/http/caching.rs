//! What the answers about free slots say to the caches on their way.

use axum::body::Body;
use booking_domain::time::Span;
use booking_http_api::Api;
use booking_test_support::builders::DEMO_KEY;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{Gateway, Mode, Reply, bearing};

const MONDAY: &str = "/api/v1/availability?service_id=1&start=2025-10-13&end=2025-10-13";
const NEAR: &str =
    "/api/v1/availability/alternatives?service_id=1&start=2025-10-13T12:00:00%2B02:00";
/// The local Monday in Berlin begins on Sunday, UTC.
const MONDAY_KEYS: &str =
    "company-15 event-type-2563193 day-2563193-2025-10-12 day-2563193-2025-10-13";

/// Age, how it was come by, and what it is filed under.
fn labels(reply: &Reply) -> [&str; 3] {
    ["age", "cache-status", "surrogate-key"].map(|name| reply.header(name).unwrap_or("absent"))
}

/// Asks one and the same API, which keeps answers as they were written.
async fn ask_on(api: &Api, path: &str) -> Reply {
    let request = bearing(DEMO_KEY, "GET", path).body(Body::empty());
    let answer = api.clone().oneshot(request.expect("a request")).await;
    Reply::read(answer.expect("infallible")).await
}

async fn ask_again(gateway: &Gateway, path: &str, etag: &str) -> Reply {
    let request = bearing(DEMO_KEY, "GET", path).header("if-none-match", etag);
    let request = request.body(Body::empty()).expect("a request");
    gateway.send(request).await
}

/// The second and the third answer are of both kinds: kept as written, and made anew.
///
/// Red when a kind of answer lacks a label, when `Age` is not the age of the slots, or when `ttl`
/// is not what is left of the minute.
#[tokio::test]
async fn answers_say_how_old_they_are_and_where_from() {
    let gateway = Gateway::new().await;
    let api = gateway.api();
    let first = ask_on(&api, MONDAY).await;
    let fetched = "booking-gateway; fwd=miss; stored";
    assert_eq!(labels(&first), ["0", fetched, MONDAY_KEYS]);
    gateway.clock.advance(Span::millis(7_500));
    let hit = ["7", "booking-gateway; hit; ttl=52", MONDAY_KEYS];
    let kept = ask_on(&api, MONDAY).await;
    assert_eq!((labels(&kept), &kept.json["age_seconds"]), (hit, &json!(7)));
    let anew = ask_on(&api, &format!("{MONDAY}&time_zone=Europe/Berlin")).await;
    assert_eq!((labels(&anew), &anew.json["age_seconds"]), (hit, &json!(7)));

    gateway.clock.advance(Span::seconds(60));
    let again = ask_on(&api, MONDAY).await;
    assert_eq!(labels(&again), ["0", fetched, MONDAY_KEYS]);
}

/// Red when 304 lacks one of the labels, or says something else than 200.
#[tokio::test]
async fn not_modified_says_the_same() {
    let gateway = Gateway::new().await;
    for path in [MONDAY, NEAR] {
        let etag = gateway.get(path).await;
        let etag = etag.header("etag").expect("a validator").to_owned();
        gateway.clock.advance(Span::seconds(7));
        let (full, empty) = (
            gateway.get(path).await,
            ask_again(&gateway, path, &etag).await,
        );
        assert_eq!((full.status, empty.status), (200, 304), "{path}");
        assert_eq!(
            (empty.text.as_str(), empty.header("etag")),
            ("", Some(&*etag))
        );
        assert_eq!(labels(&empty), labels(&full));
        assert_eq!(labels(&empty)[0], "7", "{path}");
        for name in ["cache-control", "vary"] {
            let expected = [Some("private, no-cache"), Some("authorization")];
            assert!(expected.contains(&empty.header(name)), "{path} {name}");
            assert_eq!(empty.header(name), full.header(name), "{path} {name}");
        }
        gateway.clock.advance(Span::seconds(60));
    }
}

/// Red when a booking leaves the validator of its day as it was, or changes that of another day.
#[tokio::test]
async fn a_changed_day_has_another_validator() {
    let gateway = Gateway::new().await;
    let wednesday = MONDAY.replace("10-13", "10-15");
    let mut known = Vec::new();
    for path in [MONDAY, NEAR, &wednesday] {
        let etag = gateway.get(path).await;
        known.push((path, etag.header("etag").expect("a validator").to_owned()));
    }
    for staff in [1, 2] {
        let body = json!({"service_id": 1, "start": "2025-10-13T11:00:00+02:00", "staff_id": staff,
            "customer": {"name": "A", "phone": "+491713920042"}});
        assert_eq!(gateway.post("/api/v1/bookings", &body).await.status, 201);
    }
    let mut statuses = Vec::new();
    for (path, etag) in &known {
        statuses.push(ask_again(&gateway, path, etag).await.status);
    }
    assert_eq!(statuses, [200, 200, 304]);
}

/// Red when the days further away are left out although they were looked at, or named although
/// they were not.
#[tokio::test]
async fn alternatives_are_filed_under_the_days_that_were_looked_at() {
    let gateway = Gateway::new().await;
    let near = gateway.get(NEAR).await;
    // 12:00 in Berlin: from 23:00 UTC the day before, for 24 hours.
    let fetched = "booking-gateway; fwd=miss; stored";
    assert_eq!(labels(&near), ["0", fetched, MONDAY_KEYS]);
    let far = gateway.get(&format!("{NEAR}&limit=50")).await;
    let keys = labels(&far)[2].to_owned();
    assert!(keys.starts_with(MONDAY_KEYS), "{keys}");
    assert!(keys.ends_with(" day-2563193-2025-10-27"), "{keys}");
    assert_eq!(keys.split(' ').count(), 2 + 16, "{keys}");
}

/// Red when an old answer looks like a hit.
#[tokio::test]
async fn an_old_answer_says_that_it_is_stale() {
    let gateway = Gateway::new().await;
    gateway.get(MONDAY).await;
    gateway.clock.advance(Span::seconds(90));
    gateway.calendar_is(Mode::Down { retry_at: None });
    let stale = gateway.get(&format!("{MONDAY}&allow_stale=true")).await;
    let how = "booking-gateway; fwd=stale; fwd-status=503; detail=stale-fallback";
    assert_eq!(labels(&stale), ["90", how, MONDAY_KEYS]);
}

/// Red when a service that Cal.com does not know is said to be cached, or has no key of its own.
#[tokio::test]
async fn a_service_of_our_own_passes_the_cache_by() {
    let gateway = Gateway::new().await;
    let own = MONDAY.replace("service_id=1", "service_id=3");
    let near = NEAR.replace("service_id=1", "service_id=3");
    for path in [own, near] {
        let expected = ["0", "booking-gateway; fwd=bypass", "company-15 service-3"];
        assert_eq!(labels(&gateway.get(&path).await), expected, "{path}");
    }
}

/// Proxies read 4 KiB of headers by default.
///
/// Red when the longest answer is named by more keys than that, or by fewer than it has days.
#[tokio::test]
async fn the_longest_answer_has_a_header_that_proxies_read() {
    let gateway = Gateway::new().await;
    let path = "/api/v1/availability?service_id=1&start=2025-10-01&end=2025-12-01";
    let longest = gateway.get(path).await;
    let keys = labels(&longest)[2].to_owned();
    assert_eq!(keys.split(' ').count(), 2 + 63, "{keys}");
    assert!(keys.len() < 1_600, "{} bytes", keys.len());
    let part = path.replace("2025-10-01", "2025-10-01T23:30:00Z");
    let part = part.replace("2025-12-01", "2025-12-02T23:30:00Z");
    let keys = labels(&gateway.get(&part).await)[2].to_owned();
    assert_eq!(keys.split(' ').count(), 2 + 63, "{keys}");
}

/// Red when a header for caches is sent and not described, or described and not sent.
#[tokio::test]
async fn the_headers_are_described() {
    let gateway = Gateway::new().await;
    let api = serde_json::to_value(booking_http_api::openapi()).expect("JSON");
    let described = |path: &str, status: &str| -> Vec<String> {
        let responses = &api["paths"][path]["get"]["responses"];
        let headers: &Value = &responses[status]["headers"];
        headers
            .as_object()
            .expect("headers")
            .keys()
            .cloned()
            .collect()
    };
    for path in [MONDAY, NEAR] {
        let reply = gateway.get(path).await;
        let etag = reply.header("etag").expect("a validator").to_owned();
        let route = path.split('?').next().expect("a path");
        for reply in [reply, ask_again(&gateway, path, &etag).await] {
            let names = described(route, &reply.status.to_string());
            assert_eq!(names.len(), 6, "{names:?}");
            for name in &names {
                assert!(
                    reply.header(name).is_some(),
                    "{route} {} {name}",
                    reply.status
                );
            }
            for name in ["Age", "Cache-Status", "Surrogate-Key"] {
                assert!(names.iter().any(|it| it == name), "{name}");
            }
        }
    }
}
