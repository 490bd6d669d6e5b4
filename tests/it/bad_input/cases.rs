//! The table: each line a request, under the status and the code of its refusal.

use booking_domain::time::Weekday;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Case, Scene, news, signed, wish};
use crate::days::{at, working_day};
use crate::installation::{KEY_15, KEY_20};

type Row = (&'static str, RequestBuilder);

pub(super) fn all_cases(scene: &Scene) -> Vec<Case> {
    let groups = [
        refused(401, "unauthorized", strangers(scene)),
        refused(403, "forbidden", readers(scene)),
        refused(404, "appointment_not_found", unknown_appointments(scene)),
        refused(404, "service_not_found", unknown_services(scene)),
        others(scene),
        refused(422, "outside_opening_hours", closed(scene)),
        refused(422, "slot_in_past", past(scene)),
        refused(422, "invalid_range", periods(scene)),
        refused(415, "unsupported_media_type", kinds(scene)),
        refused(400, "malformed_json", broken(scene)),
        refused(422, "validation_failed", commands(scene)),
        refused(401, "invalid_signature", webhooks(scene)),
        not_valid("body", bodies(scene)),
        not_valid("slots", slots(scene)),
        not_valid("list", lists(scene)),
    ];
    groups.into_iter().flatten().collect()
}

fn refused(status: u16, code: &'static str, rows: Vec<Row>) -> Vec<Case> {
    let case = |(name, request): Row| Case {
        name: name.to_owned(),
        request,
        status,
        code,
        field: None,
    };
    rows.into_iter().map(case).collect()
}

/// Values that are not valid, each named by its field.
fn not_valid(of: &str, rows: Vec<Row>) -> Vec<Case> {
    let case = |(at, (field, request)): (usize, Row)| Case {
        name: format!("{of} {at}: {field}"),
        request,
        status: 422,
        code: "validation_failed",
        field: Some(field),
    };
    rows.into_iter().enumerate().map(case).collect()
}

fn strangers(scene: &Scene) -> Vec<Row> {
    let bare = || scene.request(Method::GET, "/api/v1/bookings");
    let with = |key: &str| bare().bearer_auth(key);
    vec![
        ("no key", bare()),
        ("an unknown key", with("bk_test_15_nobody_0000000")),
        ("a key of another kind", with("sk_15")),
        ("an expired key", with(&scene.expired)),
        ("two keys", with(KEY_15).bearer_auth(KEY_15)),
        (
            "basic authentication",
            bare().basic_auth("bk_15", Some("x")),
        ),
    ]
}

fn readers(scene: &Scene) -> Vec<Row> {
    let as_reader = |path: &str| {
        let request = scene.request(Method::POST, path);
        request.bearer_auth(&scene.reader).json(&wish(json!({})))
    };
    let ours = |what: &str| as_reader(&format!("/api/v1/bookings/{}/{what}", scene.ours));
    vec![
        ("a reader books", as_reader("/api/v1/bookings")),
        ("a reader cancels", ours("cancel")),
        ("a reader moves", ours("reschedule")),
    ]
}

fn unknown_appointments(scene: &Scene) -> Vec<Row> {
    let one = |id: &str| scene.get(&format!("/api/v1/bookings/{id}"));
    let nobody = "0199cd00-0000-7000-8000-000000000001";
    let change = |id: &str, what: &str| {
        let body = match what {
            "cancel" => json!({}),
            _ => json!({"start": at(working_day(5), 10)}),
        };
        scene.post(&format!("/api/v1/bookings/{id}/{what}"), &body)
    };
    vec![
        ("an id that is none", one("1")),
        ("an id without hyphens", one(&nobody.replace('-', ""))),
        ("an unknown id", one(nobody)),
        ("cancel an unknown id", change(nobody, "cancel")),
        ("move an id that is none", change("1", "reschedule")),
        ("another company's id", one(&scene.theirs)),
        ("cancel another company's", change(&scene.theirs, "cancel")),
        (
            "move another company's",
            change(&scene.theirs, "reschedule"),
        ),
    ]
}

fn unknown_services(scene: &Scene) -> Vec<Row> {
    let slots = |of: &str| {
        scene.get(&format!(
            "/api/v1/availability?{of}&start=2030-01-07&end=2030-01-07"
        ))
    };
    let book = |service: i64| scene.book(json!({ "service_id": service }));
    vec![
        ("slots of an unknown service", slots("service_id=99")),
        ("slots of an unknown event type", slots("event_type_id=99")),
        ("slots of another company's service", slots("service_id=3")),
        (
            "slots of another company's event type",
            slots("event_type_id=2563299"),
        ),
        ("book an unknown service", book(99)),
        ("book another company's service", book(3)),
    ]
}

/// One of a kind.
fn others(scene: &Scene) -> Vec<Case> {
    let cancelled = format!("/api/v1/bookings/{}/reschedule", scene.cancelled);
    let again = scene.post(&cancelled, &json!({"start": at(working_day(5), 10)}));
    let put = scene
        .request(Method::PUT, "/api/v1/bookings")
        .bearer_auth(KEY_20);
    let large = scene.book(json!({"notes": "x".repeat(256 * 1024)}));
    [
        (
            404,
            "not_found",
            "no such route",
            scene.get("/api/v1/nothing"),
        ),
        (405, "method_not_allowed", "no such method", put),
        (
            404,
            "branch_not_found",
            "a branch",
            scene.book(json!({"branch_id": 2})),
        ),
        (
            404,
            "staff_not_found",
            "a person",
            scene.book(json!({"staff_id": 3})),
        ),
        (409, "appointment_not_active", "move a cancelled one", again),
        (413, "payload_too_large", "more than 256 KiB", large),
    ]
    .into_iter()
    .flat_map(|(status, code, name, request)| refused(status, code, vec![(name, request)]))
    .collect()
}

fn book_at(scene: &Scene, start: &str) -> RequestBuilder {
    scene.book(json!({ "start": start }))
}

fn move_to(scene: &Scene, start: &str) -> RequestBuilder {
    let path = format!("/api/v1/bookings/{}/reschedule", scene.ours);
    scene.post(&path, &json!({ "start": start }))
}

fn closed(scene: &Scene) -> Vec<Row> {
    let mut saturday = working_day(4);
    while saturday.weekday() != Weekday::Sat {
        saturday = saturday.plus_days(1);
    }
    let late = at(working_day(4), 17).replace("17:00", "17:30");
    vec![
        ("a Saturday", book_at(scene, &at(saturday, 10))),
        ("before opening", book_at(scene, &at(working_day(4), 7))),
        ("over after closing", book_at(scene, &late)),
        ("move to the night", move_to(scene, &at(working_day(5), 3))),
    ]
}

fn past(scene: &Scene) -> Vec<Row> {
    let long_ago = "2020-01-06T08:00:00+01:00";
    let named = book_at(scene, long_ago).header("idempotency-key", "wish-1");
    vec![
        ("a past slot", book_at(scene, long_ago)),
        ("a past slot with a key", named),
        ("move into the past", move_to(scene, long_ago)),
    ]
}

fn periods(scene: &Scene) -> Vec<Row> {
    let slots = |from: &str, to: &str| {
        scene.get(&format!(
            "/api/v1/availability?service_id=1&start={from}&end={to}"
        ))
    };
    let moment = "2030-01-08T08:00:00Z";
    let list = scene.get("/api/v1/bookings?from=2030-01-08&to=2030-01-07");
    vec![
        ("end before start", slots("2030-01-08", "2030-01-07")),
        ("end at the start", slots(moment, moment)),
        ("more than 62 days", slots("2030-01-01", "2030-03-04")),
        ("a list that ends before it begins", list),
    ]
}

fn raw(scene: &Scene, kind: Option<&str>, body: impl Into<reqwest::Body>) -> RequestBuilder {
    let request = scene.request(Method::POST, "/api/v1/bookings");
    let request = request.bearer_auth(KEY_15).body(body);
    kind.into_iter().fold(request, |request, kind| {
        request.header("content-type", kind)
    })
}

fn kinds(scene: &Scene) -> Vec<Row> {
    let good = || wish(json!({})).to_string();
    let form = Some("application/x-www-form-urlencoded");
    vec![
        ("text", raw(scene, Some("text/plain"), good())),
        ("no content type", raw(scene, None, good())),
        ("a form", raw(scene, form, "service_id=1")),
    ]
}

fn broken(scene: &Scene) -> Vec<Row> {
    let sent = |body: &'static str| raw(scene, Some("application/json"), body);
    vec![
        ("broken off", sent("{\"service_id\":")),
        ("a comma too many", sent("{\"service_id\":1,}")),
        ("no body", sent("")),
        ("words", sent("book me something")),
    ]
}

fn commands(scene: &Scene) -> Vec<Row> {
    let change = |what: &str, body: Value| {
        scene.post(&format!("/api/v1/bookings/{}/{what}", scene.ours), &body)
    };
    let start = at(working_day(5), 10);
    let novel = "x".repeat(501);
    vec![
        ("a list", raw(scene, Some("application/json"), "[]")),
        ("move nowhere", change("reschedule", json!({}))),
        (
            "move with a colour",
            change("reschedule", json!({"start": start, "colour": 1})),
        ),
        (
            "move with a novel",
            change("reschedule", json!({"start": start, "reason": novel})),
        ),
        (
            "cancel with a colour",
            change("cancel", json!({"colour": 1})),
        ),
        (
            "cancel with a novel",
            change("cancel", json!({"reason": novel})),
        ),
    ]
}

fn webhooks(scene: &Scene) -> Vec<Row> {
    let to = |path: &str| scene.request(Method::POST, &format!("/api/calcom/webhook{path}"));
    let right = signed("whsec_15");
    let anywhere = to("")
        .header("x-cal-signature-256", signed("whsec_99"))
        .body(news());
    let other_body = scene.webhook(15, &right).body(news() + " ");
    let twice = scene
        .webhook(15, &right)
        .header("x-cal-signature-256", &right);
    vec![
        ("no signature", to("/15").body(news())),
        ("a wrong signature", scene.webhook(15, &"0".repeat(64))),
        ("a cut signature", scene.webhook(15, &right[..63])),
        (
            "no secret at Cal.com",
            scene.webhook(15, "no-secret-provided"),
        ),
        ("upper case", scene.webhook(15, &right.to_uppercase())),
        ("two signatures", twice),
        ("another body", other_body),
        (
            "company 20's news signed by company 15",
            scene.webhook(20, &right),
        ),
        ("an unknown company", scene.webhook(99, &right)),
        ("nobody's secret", anywhere),
    ]
}

fn bodies(scene: &Scene) -> Vec<Row> {
    let customer = |customer: Value| scene.book(json!({ "customer": customer }));
    let named = |email: &str| customer(json!({"name": "Max", "email": email}));
    let key = |key: &str| scene.book(json!({})).header("idempotency-key", key);
    let nameless = json!({"name": " ", "email": "max@mail.example"});
    let aged = json!({"name": "Max", "email": "max@mail.example", "age": 7});
    vec![
        ("customer", customer(json!({"name": "Max"}))),
        (
            "customer",
            customer(json!({"name": "Max", "email": " ", "phone": ""})),
        ),
        ("customer.email", named("max@mail")),
        ("customer.email", named("max")),
        (
            "customer.phone",
            customer(json!({"name": "Max", "phone": "12"})),
        ),
        (
            "customer.phone",
            customer(json!({"name": "Max", "phone": "anonymous"})),
        ),
        ("customer.name", customer(nameless)),
        (
            "customer.name",
            customer(json!({"email": "max@mail.example"})),
        ),
        ("customer.age", customer(aged)),
        ("colour", scene.book(json!({"colour": "red"}))),
        ("service_id", scene.book(json!({"service_id": "1"}))),
        ("start", book_at(scene, "2030-01-07T08:00:00")),
        ("start", book_at(scene, "tomorrow")),
        ("start", move_to(scene, "2030-01-07T08:00:00")),
        ("notes", scene.book(json!({"notes": "x".repeat(2_001)}))),
        ("Idempotency-Key", key("")),
        ("Idempotency-Key", key(&"k".repeat(256))),
    ]
}

fn slots(scene: &Scene) -> Vec<Row> {
    let slots = |query: &str| scene.get(&format!("/api/v1/availability?{query}"));
    let days = "start=2030-01-07&end=2030-01-07";
    let of = |query: &str| slots(&format!("{query}&{days}"));
    let near = |query: &str| scene.get(&format!("/api/v1/availability/alternatives?{query}"));
    vec![
        (
            "start",
            slots("service_id=1&start=2030-01-07T08:00:00&end=2030-01-08"),
        ),
        ("end", slots("service_id=1&start=2030-01-07&end=2030-02-30")),
        ("start", slots("service_id=1&end=2030-01-07")),
        ("service_id", slots(days)),
        ("service_id", of("service_id=x")),
        ("service_id", of("service_id=1&service_id=1")),
        ("time_zone", of("service_id=1&time_zone=Berlin")),
        ("allow_stale", of("service_id=1&allow_stale=maybe")),
        ("colour", of("service_id=1&colour=red")),
        ("start", near("service_id=1&start=2030-01-07T08:00:00")),
        (
            "limit",
            near("service_id=1&start=2030-01-07T08:00:00Z&limit=0"),
        ),
    ]
}

fn lists(scene: &Scene) -> Vec<Row> {
    let list = |query: &str| scene.get(&format!("/api/v1/bookings?{query}"));
    vec![
        ("colour", list("colour=red")),
        ("cursor", list("cursor=next")),
        ("limit", list("limit=0")),
        ("limit", list("limit=201")),
        ("limit", list("limit=-1")),
        ("status", list("status=happy")),
        ("sync_status", list("sync_status=happy")),
        ("requires_review", list("requires_review=perhaps")),
        ("from", list("from=2030-01-07T08:00:00")),
        ("customer_email", list("customer_email=max")),
        ("customer_phone", list("customer_phone=12")),
    ]
}
