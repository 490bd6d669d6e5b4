//! Who is calling, in which call, through which agent: where that may stand, and where it may not.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::own::{booked, call};
use crate::testing::{ADMIN, CALLER, World, code, said};

/// Asks for the caller's appointments in a body of these parts.
async fn query(world: &World, args: Value, more: Value) -> Value {
    let mut body = json!({"name": "query_appointment", "args": args});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    world.signed("function-call/15", &body.to_string()).await
}

/// Red when a number is read from another place, or not as networks write it.
#[tokio::test]
async fn the_number_on_the_line_is_the_caller() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let own = "+493012345678";
    for call in [
        json!({"from_number": CALLER}),
        json!({"from_number": CALLER, "direction": "inbound", "to_number": own}),
        json!({"from_number": CALLER, "call_type": "phone_call", "direction": "inbound", "agent_id": "agent_15"}),
        json!({"from_number": own, "to_number": CALLER, "direction": "outbound"}),
        json!({"from_number": "0171 3920042"}),
        json!({"from_number": "00491713920042"}),
        json!({"from_number": "sip:+491713920042@carrier.example;user=phone"}),
        json!({"from_number": "tel:+49-171-3920042"}),
    ] {
        let answer = query(&world, json!({}), json!({"call": call})).await;
        assert_eq!(code(&answer), "found", "{call}");
    }
}

/// What networks show for a number that is withheld, and what stands there when there is none.
fn nobody() -> Vec<Value> {
    let mut calls: Vec<_> = [
        "anonymous",
        "Anonymous",
        "ANONYMOUS",
        "unknown",
        "private",
        "Private Number",
        "withheld",
        "restricted",
        "unavailable",
        "blocked",
        "anonym",
        "",
        " ",
        "None",
        "null",
        "undefined",
        "{{user_number}}",
        "sip:anonymous@anonymous.invalid",
        "+",
        "0",
        "12345",
        // The words anonymous, restricted, blocked, unknown, unavailable on the keys of a telephone.
        "+266696687",
        "+7378742833",
        "+2562533",
        "+8656696",
        "+86282452253",
    ]
    .iter()
    .map(|shown| json!({"call": {"call_id": "call_1", "from_number": shown}}))
    .collect();
    calls.extend([
        json!({"call": {"call_id": "call_1"}}),
        json!({"call": {"call_id": "call_1", "from_number": null}}),
        json!({"call": {"call_id": "call_1", "from_number": 491713920042_i64}}),
        json!({"call": {"call_id": "call_1", "from_number": [CALLER]}}),
        json!({"call": {"call_id": "call_1", "call_type": "web_call"}}),
        json!({"call": {"call_id": "call_1", "call_type": "web_call", "from_number": CALLER}}),
        json!({"call": {"call_id": "call_1", "direction": "outbound", "from_number": "+493012345678"}}),
        json!({"chat": {"chat_id": "chat_1", "chat_type": "sms_chat", "from_number": CALLER}}),
        json!({}),
        // Never from anywhere else.
        json!({"from_number": CALLER, "call": {"call_id": "call_1"}}),
        json!({"call": {"call_id": "call_1", "metadata": {"from_number": CALLER, "caller": CALLER}}}),
        json!({"call": {"retell_llm_dynamic_variables": {"user_number": CALLER, "from_number": CALLER}}}),
        json!({"call": {"collected_dynamic_variables": {"phone": CALLER}}}),
        json!({"call": {"custom_sip_headers": {"p-asserted-identity": CALLER}}}),
        json!({"call": {"customer": {"number": CALLER}}}),
    ]);
    calls
}

/// Red when somebody becomes somebody by what is shown for nobody, or by what was said. Mutation:
/// `WITHHELD` left out.
#[tokio::test]
async fn nobody_is_made_up() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let said = json!({"phone": CALLER, "telefon": CALLER, "from_number": CALLER, "caller": CALLER,
        "user_number": CALLER, "name": "Jörg Müßig", "call": {"from_number": CALLER}});
    for body in nobody() {
        let answer = query(&world, said.clone(), body.clone()).await;
        assert_eq!(code(&answer), "anonymous_caller", "{body}");
        assert_eq!(answer["next_step"], "offer_callback", "{body}");
        assert_eq!(
            (&answer["data"], &answer["option_count"]),
            (&json!({}), &json!(0)),
            "{body}"
        );
    }
}

/// Red when nobody may ask or book, or may do more than that.
#[tokio::test]
async fn nobody_may_ask_and_book() {
    for body in nobody() {
        let world = World::new();
        let ask = |function: &'static str, args: Value| {
            let (world, mut body) = (&world, body.clone());
            body["name"] = json!(function);
            body["args"] = args;
            async move { world.signed("function-call/15", &body.to_string()).await }
        };
        let wish = json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr"});
        assert_eq!(
            code(&ask("check_availability", wish.clone()).await),
            "available",
            "{body}"
        );
        let near = ask("get_alternatives", wish.clone()).await;
        assert_eq!(code(&near), "alternatives");
        let mut take = json!({"option": near["option_1"], "name": "Jörg Müßig"});
        let whom = ask("book_appointment", take.clone()).await;
        assert_eq!(
            (code(&whom), &whom["next_step"]),
            ("missing_parameter", &json!("ask_phone")),
            "{body}"
        );
        take["phone"] = json!("0171 3920042");
        let booked = ask("book_appointment", take).await;
        assert_eq!(code(&booked), "booked", "{body}");
        assert_eq!(booked["data"]["customer"]["phone"], CALLER);
        assert_eq!(booked["data"]["starts_at"], near["option_1_start"]);
        for function in [
            "query_appointment",
            "cancel_appointment",
            "reschedule_appointment",
        ] {
            let said = json!({"phone": CALLER, "confirm": true, "new_date": "2025-10-16", "new_time": "9 Uhr"});
            assert_eq!(
                code(&ask(function, said).await),
                "anonymous_caller",
                "{body}"
            );
        }
        assert_eq!(world.desk.commands(), 1);
    }
}

/// Red when a number that was said shows what we know of whoever has it. Mutations: the customer of
/// the answer not replaced; `is_recent` left out.
#[tokio::test]
async fn a_number_that_was_said_opens_nobodys_file() {
    let world = World::new();
    let full = json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr",
        "name": "Jörg Müßig", "email": "joerg@mail.example"});
    let own = world.ask("book_appointment", full, &call("b")).await;
    assert_eq!(own["data"]["customer"]["email"], "joerg@mail.example");
    // Without a call, and within it: the same words as whoever booked.
    let said = json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr",
        "name": "Müßig", "phone": CALLER});
    let flat = |args: &Value| world_flat(&world, args.to_string());
    let same = flat(&said).await;
    assert_eq!(
        code(&same),
        "booked",
        "who asks again at once is told the same"
    );
    let customer = json!({"id": 1, "name": "Müßig", "email": null, "phone": CALLER});
    assert_eq!(same["data"]["customer"], customer);
    assert!(!same.to_string().contains("joerg@"), "{same}");
    let minutes = booking_domain::time::Span::minutes;
    world.desk.set_time(world.desk.time() + minutes(21));
    let later = flat(&said).await;
    assert_eq!(
        code(&later),
        "slot_taken",
        "later it is somebody's appointment"
    );
    assert!(
        !later
            .to_string()
            .contains(own["data"]["id"].as_str().expect("an id"))
    );
}

async fn world_flat(world: &World, body: String) -> Value {
    world.signed("functions/book_appointment/15", &body).await
}

/// Red when a call id that a model made up is believed before the call's own, or stands for one
/// where it says nothing.
#[tokio::test]
async fn the_call_is_told_apart_by_the_call() {
    let wish = json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr", "name": "Jörg", "phone": CALLER});
    let said = |id: &str| {
        let mut wish = wish.clone();
        wish["call_id"] = json!(id);
        wish
    };
    let (book, real) = ("book_appointment", json!({"call_id": "call_real"}));
    for (body, id) in [
        (
            json!({"name": book, "args": wish, "call": real}),
            Some("call_real"),
        ),
        (
            json!({"name": book, "args": said("12345"), "call": real}),
            Some("call_real"),
        ),
        (
            json!({"function_name": book, "parameters": wish, "call_id": "call_said", "call": real}),
            Some("call_real"),
        ),
        (
            json!({"name": book, "args": wish, "chat": {"chat_id": "chat_1"}}),
            Some("chat_1"),
        ),
        (
            json!({"function_name": book, "parameters": wish, "call_id": "call_said"}),
            Some("call_said"),
        ),
        (
            json!({"name": book, "args": said("call_said")}),
            Some("call_said"),
        ),
        (json!({"name": book, "args": said("None")}), None),
        (json!({"name": book, "args": said("{{call_id}}")}), None),
        (
            json!({"function_name": book, "parameters": wish, "call_id": "undefined"}),
            None,
        ),
        (
            json!({"function_name": book, "parameters": said("call_said"), "call_id": ""}),
            Some("call_said"),
        ),
        (json!({"name": book, "args": said(&"9".repeat(200))}), None),
        (json!({"name": book, "args": wish}), None),
    ] {
        let answer = World::new()
            .signed("function-call/15", &body.to_string())
            .await;
        assert_eq!(code(&answer), "booked", "{body}");
        assert_eq!(answer["data"]["metadata"]["call_id"].as_str(), id, "{body}");
    }
}

/// Red when the customer of a Vapi message is looked for in one place only, or a page's counts.
#[tokio::test]
async fn vapis_customer_stands_in_the_message_or_in_its_call() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let (inbound, web) = ("inboundPhoneCall", "webCall");
    for (in_message, in_call, kind, expected) in [
        (json!({"number": CALLER}), json!(null), inbound, "found"),
        (json!(null), json!({"number": CALLER}), inbound, "found"),
        (
            json!({"number": "+491713920099"}),
            json!({"number": CALLER}),
            inbound,
            "not_found",
        ),
        (
            json!({"number": CALLER}),
            json!({"number": CALLER}),
            web,
            "anonymous_caller",
        ),
        (
            json!({"number": "anonymous"}),
            json!(null),
            inbound,
            "anonymous_caller",
        ),
        (
            json!({"name": CALLER}),
            json!({}),
            inbound,
            "anonymous_caller",
        ),
        (json!(null), json!(null), inbound, "anonymous_caller"),
    ] {
        let call = json!({"id": "call_1", "type": kind, "customer": in_call});
        let asked = json!({"id": "a", "name": "query_appointment", "arguments": {"phone": CALLER}});
        let message = json!({"toolCallList": [asked], "customer": in_message, "call": call});
        let request = Request::post("/api/vapi/tool-calls").header("x-vapi-secret", ADMIN);
        let request = request.body(Body::from(json!({"message": message}).to_string()));
        let (_, body) = world.send(request.expect("a request")).await;
        assert_eq!(code(&said(&body)[0]), expected, "{message}");
    }
}
