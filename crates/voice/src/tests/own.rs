//! `query_appointment`, `cancel_appointment`: the caller's own, and once.

use serde_json::{Value, json};

use crate::testing::{Call, World, code, starts};

const STRANGER: Call = Call {
    from: "+491713920099",
    ..Call::new("call_2", "tool_s")
};

pub(super) async fn booked(world: &World, date: &str, time: &str) -> Value {
    let args =
        json!({"dienstleistung": "Beratung", "datum": date, "uhrzeit": time, "name": "Jörg Müßig"});
    let answer = world
        .ask("book_appointment", args, &Call::new("call_0", "tool_0"))
        .await;
    assert_eq!(code(&answer), "booked", "{answer}");
    answer["data"].clone()
}

pub(super) fn call(tool: &'static str) -> Call {
    Call::new("call_1", tool)
}

/// Turns red when a number that was said, or a name, is taken for who is calling.
#[tokio::test]
async fn only_the_number_on_the_line_opens_the_book() {
    let world = World::new();
    let data = booked(&world, "2025-10-13", "08:00").await;
    let said = json!({"telefon": "+491713920042", "phone": "+491713920042", "name": "Jörg Müßig", "call_id": "call_0"});
    for function in [
        "query_appointment",
        "cancel_appointment",
        "reschedule_appointment",
    ] {
        let answer = world
            .ask(function, said.clone(), &Call::anonymous("call_1"))
            .await;
        assert_eq!(code(&answer), "anonymous_caller", "{function}");
        assert_eq!(answer["next_step"], "offer_callback");
        let answer = world.ask(function, said.clone(), &STRANGER).await;
        assert_eq!(code(&answer), "not_found", "{function}");
    }
    let web = json!({"name": "query_appointment", "args": {}, "call": {"call_type": "web_call", "call_id": "c"}});
    assert_eq!(
        code(&world.signed("function-call/15", &web.to_string()).await),
        "anonymous_caller"
    );
    let found = world.ask("query_appointment", json!({}), &call("t")).await;
    assert_eq!(
        (code(&found), found["data"]["data"][0]["id"].clone()),
        ("found", data["id"].clone())
    );
    assert_eq!(
        found["say"],
        "Ihr nächster Termin für Beratung ist am Montag, dem dreizehnten Oktober, um acht Uhr."
    );
    assert_eq!(world.desk.commands(), 1);
}

#[tokio::test]
async fn several_appointments_are_told_apart_by_day_option_or_question() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let tuesday = booked(&world, "2025-10-14", "09:00").await;
    let all = world.ask("query_appointment", json!({}), &call("q")).await;
    assert_eq!(
        (code(&all), all["data"]["data"].as_array().map(Vec::len)),
        ("found", Some(2))
    );
    assert_eq!(starts(&all), ["2025-10-13T08:00", "2025-10-14T09:00"]);
    let which = world
        .ask("cancel_appointment", json!({}), &call("c0"))
        .await;
    assert_eq!(
        (code(&which), which["next_step"].as_str()),
        ("ambiguous_date", Some("ask_choice"))
    );
    assert_eq!(starts(&which), ["2025-10-13T08:00", "2025-10-14T09:00"]);
    let wrong = world
        .ask(
            "cancel_appointment",
            json!({"datum": "Mittwoch"}),
            &call("c1"),
        )
        .await;
    assert_eq!(
        (code(&wrong), wrong["option_count"].as_u64()),
        ("not_found", Some(2))
    );
    assert_eq!(world.desk.commands(), 2);
    let by_option = world
        .ask(
            "cancel_appointment",
            json!({"option": which["option_2"]}),
            &call("c2"),
        )
        .await;
    assert_eq!(
        (code(&by_option), &by_option["data"]["id"]),
        ("cancelled", &tuesday["id"])
    );
    let by_day = world
        .ask(
            "cancel_appointment",
            json!({"datum": "Montag", "grund": "krank"}),
            &call("c3"),
        )
        .await;
    assert_eq!(code(&by_day), "cancelled");
    assert_eq!(by_day["data"]["cancellation_reason"], "krank");
    assert_eq!(by_day["data"]["status"], "cancelled");
    assert_eq!(
        by_day["say"],
        "Ihr Termin am Montag, dem dreizehnten Oktober, um acht Uhr ist abgesagt."
    );
    assert_eq!(
        code(&world.ask("query_appointment", json!({}), &call("q")).await),
        "not_found"
    );
}

/// Red when more is told than can be remembered.
#[tokio::test]
async fn of_many_appointments_three_are_told() {
    let world = World::new();
    for date in ["2025-10-13", "2025-10-14", "2025-10-15", "2025-10-16"] {
        booked(&world, date, "08:00").await;
    }
    for function in ["query_appointment", "cancel_appointment"] {
        let told = world.ask(function, json!({}), &call("q")).await;
        assert_eq!(
            (told["next_step"].as_str(), starts(&told).len()),
            (Some("ask_choice"), 3),
            "{told}"
        );
    }
}

/// Turns red when a repeated cancellation is "not found", or takes the next appointment.
#[tokio::test]
async fn cancelling_twice_cancels_once() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let first = world
        .ask("cancel_appointment", json!({"confirm": true}), &call("c1"))
        .await;
    assert_eq!(code(&first), "cancelled");
    let tuesday = booked(&world, "2025-10-14", "09:00").await;
    let repeat = world
        .ask("cancel_appointment", json!({"confirm": true}), &call("c1"))
        .await;
    assert_eq!(
        (code(&repeat), &repeat["data"]["id"]),
        ("cancelled", &first["data"]["id"])
    );
    let named = world
        .ask(
            "cancel_appointment",
            json!({"datum": "2025-10-13"}),
            &call("c2"),
        )
        .await;
    assert_eq!(
        (code(&named), &named["data"]["id"]),
        ("cancelled", &first["data"]["id"])
    );
    let found = world.ask("query_appointment", json!({}), &call("q")).await;
    assert_eq!(found["data"]["id"], tuesday["id"]);
}

/// Turns red when an appointment that is given up, but not yet at Cal.com, still counts as one.
#[tokio::test]
async fn what_is_cancelled_while_pending_is_cancelled() {
    let world = World::new();
    let args = json!({"dienstleistung": "Fernsprechstunde", "datum": "2025-10-13", "uhrzeit": "8 Uhr", "name": "Jörg"});
    let answer = world.ask("book_appointment", args, &call("b1")).await;
    assert_eq!(code(&answer), "pending");
    let found = world.ask("query_appointment", json!({}), &call("q1")).await;
    assert_eq!(found["data"]["id"], answer["data"]["id"]);
    for tool in ["c1", "c1", "c2"] {
        let cancelled = world
            .ask("cancel_appointment", json!({"confirm": true}), &call(tool))
            .await;
        assert_eq!(
            (code(&cancelled), &cancelled["data"]["id"]),
            ("cancelled", &answer["data"]["id"])
        );
    }
    assert_eq!(
        code(&world.ask("query_appointment", json!({}), &call("q2")).await),
        "not_found"
    );
    assert_eq!(world.desk.commands(), 2);
}
