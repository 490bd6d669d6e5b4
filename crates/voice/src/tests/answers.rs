//! The answer of every code: its keys, its data, one line a value.

use serde_json::{Value, json};

use super::own::{booked, call};
use crate::testing::{CALLER, Calendar, Call, World, code};

const APPOINTMENT: &str = "booking_source branch_id calcom_booking_uid cancellation_reason cancelled_by \
    company_id created_at created_by customer ends_at id manual_review_flagged_at metadata notes \
    requires_manual_review rescheduled_by service_id staff_id starts_at status sync_error sync_origin \
    sync_status time_zone updated_at version";
const MOMENT: &str = "alternatives event_type_id requested service_id time_zone";
const PERIOD: &str =
    "age_seconds as_of event_type_id requested service_id slot_count slots source time_zone";
const TAKEN: &str = "alternatives requested service_id time_zone";
const LIST: &str = "data next_cursor";
/// An appointment, and the list that it is alone in.
const ONE: &str = "booking_source branch_id calcom_booking_uid cancellation_reason cancelled_by \
    company_id created_at created_by customer data ends_at id manual_review_flagged_at metadata \
    next_cursor notes requires_manual_review rescheduled_by service_id staff_id starts_at status \
    sync_error sync_origin sync_status time_zone updated_at version";

fn keys(value: &Value) -> String {
    let fields = value.as_object().into_iter().flatten();
    let mut keys: Vec<_> = fields.map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.join(" ")
}

/// What is asked, and the code, the next step and the keys of the data of the answer.
type Row = (
    &'static str,
    Value,
    (&'static str, &'static str),
    &'static str,
);

const CHECK: &str = "check_availability";
const NEAR: &str = "get_alternatives";
const BOOK: &str = "book_appointment";
const MOVE: &str = "reschedule_appointment";
const CANCEL: &str = "cancel_appointment";
const QUERY: &str = "query_appointment";

fn wish(date: &str, time: &str) -> Value {
    json!({"service": "Beratung", "date": date, "time": time, "name": "Jörg Müßig"})
}

fn rows_about_times() -> Vec<Row> {
    vec![
        (
            CHECK,
            wish("2025-10-15", "9 Uhr"),
            ("available", "ask_confirmation"),
            MOMENT,
        ),
        (
            CHECK,
            wish("2025-10-15", ""),
            ("available", "ask_choice"),
            PERIOD,
        ),
        (
            CHECK,
            wish("2025-10-13", "8 Uhr"),
            ("alternatives", "ask_choice"),
            MOMENT,
        ),
        (
            NEAR,
            wish("2025-10-15", "9 Uhr"),
            ("alternatives", "ask_choice"),
            MOMENT,
        ),
        (
            NEAR,
            wish("2025-10-15", ""),
            ("alternatives", "ask_choice"),
            PERIOD,
        ),
        (
            CHECK,
            wish("Sonntag", ""),
            ("unavailable", "ask_date"),
            PERIOD,
        ),
        (
            CHECK,
            wish("Sonntag", "9 Uhr"),
            ("outside_opening_hours", "ask_choice"),
            MOMENT,
        ),
    ]
}

fn rows_about_what_is_unclear() -> Vec<Row> {
    let (massage, nothing) = (json!({"service": "Massage"}), json!({"date": "morgen"}));
    vec![
        (
            CHECK,
            wish("", "9 Uhr"),
            ("missing_parameter", "ask_date"),
            "missing",
        ),
        (
            CHECK,
            nothing,
            ("missing_parameter", "ask_service"),
            "missing services",
        ),
        (
            CHECK,
            wish("30.2.", ""),
            ("invalid_parameter", "ask_date"),
            "",
        ),
        (
            CHECK,
            massage,
            ("invalid_parameter", "ask_service"),
            "missing services",
        ),
        (
            CHECK,
            wish("gestern", ""),
            ("ambiguous_date", "ask_date"),
            "past",
        ),
        (
            CHECK,
            wish("Montag oder Dienstag", ""),
            ("ambiguous_date", "ask_date"),
            "days",
        ),
        (
            CHECK,
            wish("heute", "8 Uhr"),
            ("ambiguous_date", "ask_time"),
            "",
        ),
        ("fly", json!({}), ("unknown_function", "done"), "functions"),
    ]
}

fn rows_about_bookings() -> Vec<Row> {
    let mut slow = wish("2025-10-15", "11 Uhr");
    slow["service"] = json!("Fernsprechstunde");
    let there = json!({"date": "2025-10-13", "new_date": "2025-10-16", "new_time": "9 Uhr"});
    let really = json!({"date": "2025-10-16", "confirm": false});
    vec![
        (
            BOOK,
            wish("2025-10-15", "9 Uhr"),
            ("booked", "done"),
            APPOINTMENT,
        ),
        (BOOK, slow, ("pending", "done"), APPOINTMENT),
        (
            BOOK,
            wish("2025-10-15", "22 Uhr"),
            ("outside_opening_hours", "ask_choice"),
            MOMENT,
        ),
        (QUERY, json!({"date": "2025-10-13"}), ("found", "done"), ONE),
        (QUERY, json!({}), ("found", "ask_choice"), LIST),
        (
            QUERY,
            json!({"date": "2025-10-20"}),
            ("not_found", "ask_choice"),
            LIST,
        ),
        (
            MOVE,
            wish("2025-10-15", "9 Uhr"),
            ("ambiguous_date", "ask_choice"),
            LIST,
        ),
        (MOVE, there, ("rescheduled", "done"), APPOINTMENT),
        (
            BOOK,
            wish("2025-10-20", "9 Uhr"),
            ("slot_taken", "ask_choice"),
            TAKEN,
        ),
        (CANCEL, really, ("found", "ask_confirmation"), APPOINTMENT),
        (
            CANCEL,
            json!({"date": "2025-10-16"}),
            ("cancelled", "done"),
            APPOINTMENT,
        ),
    ]
}

/// Red when a key comes, goes or is renamed in any answer: dashboards and prompts name them.
#[tokio::test]
async fn every_code_has_its_keys() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    world.desk.block("2025-10-20T07:00:00Z");
    let mut seen = vec!["anonymous_caller", "calendar_unavailable"];
    let rows = rows_about_times().into_iter();
    let rows = rows.chain(rows_about_what_is_unclear());
    for (function, args, (expected, next), data) in rows.chain(rows_about_bookings()) {
        let answer = world.ask(function, args.clone(), &call(function)).await;
        let told = (code(&answer), &answer["next_step"]);
        assert_eq!(told, (expected, &json!(next)), "{function} {args} {answer}");
        let data: Vec<_> = data.split_whitespace().collect();
        assert_eq!(keys(&answer["data"]), data.join(" "), "{function} {args}");
        seen.push(expected);
    }
    let anonymous = world
        .ask("query_appointment", json!({}), &Call::anonymous("call_2"))
        .await;
    assert_eq!(
        (code(&anonymous), keys(&anonymous["data"]).as_str()),
        ("anonymous_caller", "")
    );
    world.desk.set_calendar(Calendar::Down);
    let down = json!({"service": "Beratung", "date": "2025-10-15"});
    let down = world.ask("check_availability", down, &call("d")).await;
    assert_eq!(
        (code(&down), &down["next_step"]),
        ("calendar_unavailable", &json!("try_again"))
    );
    for known in [
        "available",
        "unavailable",
        "alternatives",
        "booked",
        "pending",
        "rescheduled",
        "cancelled",
        "found",
        "not_found",
        "missing_parameter",
        "invalid_parameter",
        "ambiguous_date",
        "outside_opening_hours",
        "slot_taken",
        "calendar_unavailable",
        "unknown_function",
        "anonymous_caller",
    ] {
        assert!(seen.contains(&known), "{known} has no row");
    }
}

/// Red when a line break that was said comes back in an answer, or stays in the book.
#[tokio::test]
async fn what_was_said_on_two_lines_is_one() {
    let world = World::new();
    let args = json!({"service": "Beratung\n", "date": "2025-10-15", "time": "9\tUhr", "name": "Jörg\r\n Müßig",
        "notes": "Erstbesuch,\nbringt Überweisung mit"});
    let booked = world.ask("book_appointment", args, &call("b")).await;
    assert_eq!(code(&booked), "booked", "{booked}");
    assert_eq!(booked["data"]["customer"]["name"], "Jörg Müßig");
    assert_eq!(
        booked["data"]["notes"],
        "Erstbesuch, bringt Überweisung mit"
    );
    let gone = json!({"date": "2025-10-15", "reason": "krank\n\nseit heute"});
    let gone = world.ask("cancel_appointment", gone, &call("c")).await;
    assert_eq!(gone["data"]["cancellation_reason"], "krank seit heute");
}

/// Red when somebody who gave a number only is given an address, anywhere in any answer.
#[tokio::test]
async fn who_has_no_address_is_given_none() {
    let world = World::new();
    for (caller, said) in [
        (call("b"), json!(null)),
        (Call::anonymous("call_1"), json!("0171 3920042")),
    ] {
        let hour = if said.is_null() { "9 Uhr" } else { "11 Uhr" };
        let args = json!({"service": "Fernsprechstunde", "date": "2025-10-15", "time": hour,
            "name": "Jörg Müßig", "phone": said, "email": "None"});
        let booked = world.ask("book_appointment", args, &caller).await;
        assert_eq!(
            (code(&booked), &booked["data"]["customer"]["email"]),
            ("pending", &json!(null))
        );
        assert_eq!(booked["data"]["customer"]["phone"], CALLER);
        assert_eq!(booked.get("email_say"), None);
        assert!(!booked.to_string().contains('@'), "{booked}");
    }
    for (function, args) in [
        ("query_appointment", json!({})),
        ("query_appointment", json!({"time": "9 Uhr"})),
        (
            "reschedule_appointment",
            json!({"time": "9 Uhr", "new_date": "2025-10-16", "new_time": "9 Uhr"}),
        ),
        (
            "cancel_appointment",
            json!({"date": "2025-10-15", "time": "9 Uhr", "confirm": false}),
        ),
        (
            "cancel_appointment",
            json!({"date": "2025-10-15", "time": "9 Uhr"}),
        ),
    ] {
        let answer = world.ask(function, args, &call(function)).await;
        assert_eq!(answer["success"], true, "{answer}");
        assert!(!answer.to_string().contains('@'), "{answer}");
    }
}
