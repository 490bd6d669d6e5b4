//! `GET /api/v1/availability` and `/alternatives`.

use axum::body::Body;
use booking_domain::time::Span;
use booking_test_support::builders::{DEMO_KEY, now};
use serde_json::json;

use crate::support::{Broken, Gateway, Mode, bearing};

const MONDAY: &str = "/api/v1/availability?service_id=1&start=2025-10-13&end=2025-10-13";

#[tokio::test]
async fn slots_are_told_in_the_offset_of_the_asked_zone() {
    let gateway = Gateway::new().await;
    let answer = gateway.get(MONDAY).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let json = &answer.json;
    assert_eq!(
        (&json["service_id"], &json["event_type_id"]),
        (&json!(1), &json!(2_563_193))
    );
    assert_eq!(
        (&json["time_zone"], &json["source"]),
        (&json!("Europe/Berlin"), &json!("upstream"))
    );
    assert_eq!(json["age_seconds"], 0);
    assert_eq!(json["as_of"], "2025-10-10T10:00:00+02:00");
    let first = json!({"start": "2025-10-13T08:00:00+02:00", "end": "2025-10-13T09:00:00+02:00"});
    assert_eq!(json["slots"][0], first);
    // Ten are listed, and at noon the company is closed.
    assert_eq!(json["slots"].as_array().map(Vec::len), Some(9));

    gateway.clock.advance(Span::seconds(7));
    let again = gateway.get(MONDAY).await;
    assert_eq!(
        (&again.json["source"], &again.json["age_seconds"]),
        (&json!("cache"), &json!(7))
    );
    assert_eq!(again.json["slots"], json["slots"]);
    let elsewhere = gateway
        .get(&format!("{MONDAY}&time_zone=America/New_York"))
        .await;
    assert_eq!(
        elsewhere.json["slots"][0]["start"],
        "2025-10-13T02:00:00-04:00"
    );
}

/// Dates are local: the same calendar day is another stretch of time elsewhere.
#[tokio::test]
async fn dates_are_inclusive_and_local_and_instants_are_exact() {
    let gateway = Gateway::new().await;
    let count = async |query: &str| {
        let answer = gateway
            .get(&format!("/api/v1/availability?service_id=1&{query}"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["slots"].as_array().expect("slots").len()
    };
    assert_eq!(count("start=2025-10-13&end=2025-10-14").await, 19);
    // Monday in Auckland is Sunday 11:00 to Monday 11:00 UTC.
    assert_eq!(
        count("start=2025-10-13&end=2025-10-13&time_zone=Pacific/Auckland").await,
        4
    );
    let part = "start=2025-10-13T08:00:00%2B02:00&end=2025-10-13T10:30:00%2B02:00";
    assert_eq!(count(part).await, 2);
    let unencoded = "start=2025-10-13T08:00:00+02:00&end=2025-10-13T10:30:00+02:00";
    assert_eq!(count(unencoded).await, 2);
    assert_eq!(
        count("start=2025-10-13T08:00:00%2B02:00&end=2025-10-13").await,
        9
    );
}

#[tokio::test]
async fn an_event_type_names_the_service_and_the_branch_must_fit() {
    let gateway = Gateway::new().await;
    let ask = async |query: &str| {
        let dates = "start=2025-10-13&end=2025-10-13";
        gateway
            .get(&format!("/api/v1/availability?{query}&{dates}"))
            .await
    };
    let by_event_type = ask("event_type_id=2563194&branch_id=9").await;
    assert_eq!(
        by_event_type.json["service_id"], 2,
        "{}",
        by_event_type.text
    );
    let local = ask("service_id=3").await;
    assert_eq!(
        (local.status, &local.json["event_type_id"]),
        (200, &json!(null))
    );
    for foreign in ["service_id=21", "service_id=999", "event_type_id=2563299"] {
        ask(foreign).await.assert_problem(404, "service_not_found");
    }
    ask("service_id=1&branch_id=2")
        .await
        .assert_problem(404, "branch_not_found");
    ask("service_id=1&staff_id=21")
        .await
        .assert_problem(404, "staff_not_found");
    ask("service_id=1&event_type_id=2563194")
        .await
        .assert_problem(422, "validation_failed");
}

#[tokio::test]
async fn bad_questions_name_what_is_wrong() {
    let gateway = Gateway::new().await;
    let dates = "start=2025-10-13&end=2025-10-13";
    for (query, fields) in [
        (format!("service_id=1&{dates}&colour=red"), &["colour"][..]),
        (format!("service_id=x&{dates}"), &["service_id"]),
        (dates.to_owned(), &["service_id"]),
        ("service_id=1".to_owned(), &["start", "end"]),
        (
            "service_id=1&start=2025-10-13T08:00:00&end=2025-10-13".to_owned(),
            &["start"],
        ),
        (
            "service_id=1&start=2025-02-30&end=2025-10-13".to_owned(),
            &["start"],
        ),
        (
            format!("service_id=1&{dates}&time_zone=Mars/Base"),
            &["time_zone"],
        ),
        (
            format!("service_id=1&{dates}&allow_stale=perhaps"),
            &["allow_stale"],
        ),
        (
            format!("service_id=1&service_id=2&{dates}"),
            &["service_id"],
        ),
        (
            format!("service_id=1&{dates}&staff_id=-1&branch_id=x"),
            &["branch_id", "staff_id"],
        ),
        (
            "service_id=1&start=9999-12-31&end=9999-12-31".to_owned(),
            &["start", "end"],
        ),
    ] {
        let answer = gateway.get(&format!("/api/v1/availability?{query}")).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), fields, "{query}");
    }
}

#[tokio::test]
async fn periods_lie_forward_and_have_62_days_at_most() {
    let gateway = Gateway::new().await;
    let ask = async |start: &str, end: &str| {
        let path = format!("/api/v1/availability?service_id=1&start={start}&end={end}");
        gateway.get(&path).await
    };
    for (start, end) in [
        ("2025-10-14", "2025-10-13"),
        ("2025-10-13T08:00:00Z", "2025-10-13T08:00:00Z"),
        ("2025-10-01", "2025-12-02"),
        ("2025-10-01T00:00:00Z", "2025-12-02T00:00:01Z"),
    ] {
        ask(start, end).await.assert_problem(422, "invalid_range");
    }
    for (start, end) in [
        ("2025-10-01", "2025-12-01"),
        ("2025-10-01T00:00:00Z", "2025-12-02T00:00:00Z"),
    ] {
        assert_eq!(ask(start, end).await.status, 200, "{start} {end}");
    }
}

/// Turns red when the slots are left out of the validator: no version of ours changes here.
#[tokio::test]
async fn a_validator_notices_what_changed_at_cal_com_alone() {
    let gateway = Gateway::new().await;
    let first = gateway.get(MONDAY).await;
    let etag = first.header("etag").expect("a validator").to_owned();
    gateway.calendar_is(Mode::Full);
    gateway.clock.advance(Span::seconds(90));
    let request = bearing(DEMO_KEY, "GET", MONDAY).header("if-none-match", etag);
    let changed = gateway
        .send(request.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!(
        (changed.status, &changed.json["slots"]),
        (200, &json!([])),
        "{}",
        changed.text
    );
}

#[tokio::test]
async fn a_validator_stands_for_the_answer() {
    let gateway = Gateway::new().await;
    let ask = async |path: &str, known: &str| {
        let request = bearing(DEMO_KEY, "GET", path).header("if-none-match", known);
        gateway
            .send(request.body(Body::empty()).expect("a request"))
            .await
    };
    let first = gateway.get(MONDAY).await;
    let etag = first.header("etag").expect("a validator").to_owned();
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let same = ask(MONDAY, &etag).await;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(same.header("etag"), Some(etag.as_str()));
    assert_eq!(same.header("cache-control"), Some("private, no-cache"));
    assert!(same.header("x-request-id").is_some());
    let elsewhere = ask(&format!("{MONDAY}&time_zone=UTC"), &etag).await;
    assert_eq!(elsewhere.status, 200, "another zone is another answer");

    let start = "2025-10-13T08:00:00+02:00";
    for staff in [1, 2] {
        let body = json!({"service_id": 1, "start": start, "staff_id": staff,
            "customer": {"name": "A", "phone": "+491713920042"}});
        assert_eq!(gateway.post("/api/v1/bookings", &body).await.status, 201);
    }
    let changed = ask(MONDAY, &etag).await;
    assert_eq!(changed.status, 200, "a slot less");
    assert_eq!(changed.json["slots"].as_array().map(Vec::len), Some(8));
}

#[tokio::test]
async fn without_cal_com_there_is_no_answer_but_an_old_one_for_those_who_take_it() {
    let gateway = Gateway::new().await;
    assert_eq!(gateway.get(MONDAY).await.status, 200);
    gateway.clock.advance(Span::seconds(90));
    gateway.calendar_is(Mode::Down { retry_at: None });
    let none = gateway.get(MONDAY).await;
    none.assert_problem(503, "availability_unavailable");
    assert_eq!(
        (none.header("retry-after"), &none.json["retry_after"]),
        (Some("5"), &json!(5))
    );

    let retry_at = Some(now() + Span::seconds(120));
    gateway.calendar_is(Mode::Down { retry_at });
    let later = gateway.get(MONDAY).await;
    assert_eq!(
        (later.header("retry-after"), &later.json["retry_after"]),
        (Some("31"), &json!(31))
    );

    let stale = gateway.get(&format!("{MONDAY}&allow_stale=true")).await;
    assert_eq!(
        (stale.status, &stale.json["source"]),
        (200, &json!("stale_fallback"))
    );
    assert_eq!(stale.json["age_seconds"], 90);
    let caching = stale.header("cache-control").expect("says how to cache");
    assert!(caching.contains("stale-while-revalidate"), "{caching}");
}

#[tokio::test]
async fn a_store_that_cannot_tell_its_versions_gives_no_answer() {
    let gateway = Gateway::broken(Broken::Versions).await;
    let answer = gateway.get(MONDAY).await;
    answer.assert_problem(503, "availability_unavailable");
    assert!(!answer.text.contains("password"), "{}", answer.text);
}

#[tokio::test]
async fn alternatives_lie_around_the_wish() {
    let gateway = Gateway::new().await;
    let path = "/api/v1/availability/alternatives?service_id=1&start=2025-10-13T14:00:00%2B02:00";
    let answer = gateway.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let requested = json!({"start": "2025-10-13T14:00:00+02:00",
        "end": "2025-10-13T15:00:00+02:00", "available": true});
    assert_eq!(answer.json["requested"], requested);
    let near = answer.json["alternatives"].as_array().expect("a list");
    let told: Vec<_> = near
        .iter()
        .map(|it| {
            (
                it["start"].as_str().unwrap_or_default(),
                it["distance_minutes"].as_i64(),
            )
        })
        .collect();
    let expected = [
        ("2025-10-13T13:00:00+02:00", Some(60)),
        ("2025-10-13T15:00:00+02:00", Some(60)),
        // Noon is as near, is listed, and lies outside the opening hours.
        ("2025-10-13T16:00:00+02:00", Some(120)),
    ];
    assert_eq!(told, expected);
    let one = gateway.get(&format!("{path}&limit=1")).await;
    assert_eq!(one.json["alternatives"].as_array().map(Vec::len), Some(1));
    for (query, field) in [("&limit=0", "limit"), ("&limit=51", "limit"), ("&x=1", "x")] {
        let answer = gateway.get(&format!("{path}{query}")).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
    let base = "/api/v1/availability/alternatives";
    let day = gateway
        .get(&format!("{base}?service_id=1&start=2025-10-13"))
        .await;
    assert_eq!((day.status, day.wrong_fields()), (422, vec!["start"]));
    let start = "start=2025-10-13T12:00:00Z";
    let foreign = gateway.get(&format!("{base}?service_id=21&{start}")).await;
    foreign.assert_problem(404, "service_not_found");
    gateway.calendar_is(Mode::Down { retry_at: None });
    gateway.clock.advance(Span::seconds(90));
    gateway
        .get(path)
        .await
        .assert_problem(503, "availability_unavailable");
}
