//! Names of functions, and forms of bodies: the same answer for the same question.

use serde_json::{Value, json};

use super::own::{booked, call};
use crate::testing::{CALLER, World, code};

fn wish() -> Value {
    json!({"datum": "2025-10-15", "uhrzeit": "09:00", "dienstleistung": "Beratung", "name": "Jörg Müßig"})
}

/// Calls it under this name in a new call, where the caller has an appointment.
async fn asked(function: &str, args: Value) -> Value {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    world.ask(function, args, &call("t")).await
}

fn with(mut args: Value, more: Value) -> Value {
    for (key, value) in more.as_object().into_iter().flatten() {
        args[key] = value.clone();
    }
    args
}

/// Red when a name of a function is no longer known, means another one, or loses what it takes for
/// granted. Mutations: `find_next_available` taken out of the names; `assumed` left out.
#[tokio::test]
async fn functions_have_aliases_and_versions() {
    let own = json!({"datum": "2025-10-13", "neues_datum": "2025-10-15", "neue_uhrzeit": "09:00"});
    let (plain, agreed) = (json!({}), json!({"bestaetigung": true}));
    for (function, args, more, names) in [
        (
            "check_availability",
            wish(),
            &plain,
            &["collect_appointment_data", "collect_appointment_info"][..],
        ),
        ("get_alternatives", wish(), &plain, &["find_next_available"]),
        ("book_appointment", wish(), &plain, &["start_booking"]),
        (
            "book_appointment",
            wish(),
            &agreed,
            &["collect_appointment_data", "collect_appointment_info"],
        ),
        ("reschedule_appointment", own.clone(), &plain, &[]),
        ("cancel_appointment", own, &plain, &[]),
        (
            "query_appointment",
            json!({"name": "Jörg Müßig"}),
            &plain,
            &[
                "query_appointment_by_name",
                "get_appointment",
                "list_appointments",
            ],
        ),
    ] {
        let expected = asked(function, args.clone()).await;
        assert_eq!(expected["success"], true, "{function} {expected}");
        for name in names.iter().chain([&function]) {
            for version in ["", "_v1", "_v17", "_v4000"] {
                let name = format!("{name}{version}");
                let args = with(args.clone(), more.clone());
                assert_eq!(asked(&name, args).await, expected, "{name}");
            }
        }
    }
}

/// Red when something that is none of the six does anything, or is no answer. What the older German
/// gateway has besides them is among these.
#[tokio::test]
async fn what_is_none_of_the_six_says_which_there_are() {
    for name in [
        "fly",
        "",
        "None",
        "check_availability_v",
        "check_availability_vx",
        "check_availability_v1_v2",
        "Jörg",
        "get_current_context",
        "initialize_call",
        "request_callback",
        "reserve_slot",
        "release_slot_reservation",
        "list_services",
        "get_service_info",
        "get_opening_hours",
        "parse_date",
        "check_customer",
        "check_availability_cal",
        "book_appointment_cal",
    ] {
        let answer = asked(name, json!({})).await;
        assert_eq!(
            (code(&answer), answer["success"].as_bool()),
            ("unknown_function", Some(false)),
            "{name}"
        );
        let functions = answer["data"]["functions"].as_array().map(Vec::len);
        assert_eq!(
            (functions, answer["next_step"].as_str()),
            (Some(6), Some("done")),
            "{name}"
        );
    }
}

fn in_call() -> Value {
    json!({"call_id": "call_1", "agent_id": "agent_15", "from_number": CALLER, "to_number": "+493012345678"})
}

/// Red when a form is read as another one, or what describes the call is taken for what was said.
/// Mutation: `arguments` or `parameters` taken out of the places where arguments stand.
#[tokio::test]
async fn every_form_reaches_its_function() {
    for (path, body) in bodies_that_name_it()
        .into_iter()
        .chain(paths_that_name_it())
    {
        let answer = World::new().signed(path, &body.to_string()).await;
        assert_eq!(code(&answer), "available", "{path} {body}");
        let requested = &answer["data"]["requested"]["start"];
        assert_eq!(requested, "2025-10-15T09:00:00+02:00", "{path} {body}");
    }
}

fn bodies_that_name_it() -> Vec<(&'static str, Value)> {
    let (name, args, call, all) = ("check_availability", wish(), in_call(), "function-call/15");
    vec![
        (all, json!({"name": name, "args": args, "call": call})),
        (
            all,
            json!({"name": "check_availability_v17", "args": args, "call": call}),
        ),
        (all, json!({"name": name, "args": args})),
        (all, json!({"name": name, "arguments": args, "call": call})),
        (all, json!({"name": name, "parameters": args, "call": call})),
        (
            all,
            json!({"name": name, "args": args, "chat": {"chat_id": "chat_1", "agent_id": "agent_15"}}),
        ),
        (
            all,
            json!({"name": name, "args": args, "call": call, "surprise": {"more": [1]}}),
        ),
        (
            all,
            json!({"function_name": name, "call_id": "call_1", "parameters": args}),
        ),
        (
            all,
            json!({"function_name": name, "call_id": "call_1", "args": args}),
        ),
        (
            all,
            json!({"function_name": name, "parameters": args, "call": call}),
        ),
        (
            all,
            json!({"function_name": name, "name": "None", "parameters": args, "call": call}),
        ),
        (
            all,
            json!({"name": name, "function_name": "{{function}}", "args": args}),
        ),
        (all, with(args.clone(), json!({"function_name": name}))),
        (
            all,
            with(
                args.clone(),
                json!({"function_name": name, "call_id": "call_1", "call": call}),
            ),
        ),
        ("function-call/15?name=check_availability", args.clone()),
        (
            "function-call/15?name=check_availability",
            json!({"args": args, "call": call}),
        ),
    ]
}

fn paths_that_name_it() -> Vec<(&'static str, Value)> {
    let (name, args, call) = ("check_availability", wish(), in_call());
    let flat = "functions/check_availability/15";
    let versioned = "functions/check_availability_v17/15";
    vec![
        (flat, args.clone()),
        (
            flat,
            with(
                args.clone(),
                json!({"function_name": "None", "call_id": "None"}),
            ),
        ),
        (flat, with(args.clone(), json!({"call": call}))),
        (
            flat,
            with(
                args.clone(),
                json!({"args": "x", "parameters": [1], "call": "call_1"}),
            ),
        ),
        (flat, json!({"args": args})),
        (flat, json!({"name": name, "args": args})),
        (
            flat,
            json!({"name": "check_availability_v2", "args": args, "call": call}),
        ),
        (versioned, args.clone()),
        (
            versioned,
            json!({"name": "check_availability_v17", "args": args, "call": call}),
        ),
    ]
}

/// Red when a question without arguments is none.
#[tokio::test]
async fn arguments_may_be_left_out() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let (name, call) = ("query_appointment", in_call());
    let (all, flat) = ("function-call/15", "functions/query_appointment/15");
    for (path, body) in [
        (all, json!({"name": name, "args": {}, "call": call})),
        (all, json!({"name": name, "args": null, "call": call})),
        (
            all,
            json!({"function_name": name, "parameters": null, "call": call}),
        ),
        (all, json!({"function_name": name, "call": call})),
        (flat, json!({"call": call})),
    ] {
        let answer = world.signed(path, &body.to_string()).await;
        assert_eq!(code(&answer), "found", "{path} {body}");
    }
}

/// Red when the customer's name is taken for the function's.
#[tokio::test]
async fn in_a_flat_body_the_name_is_the_customers() {
    for name in ["Jörg Müßig", "Book Appointment", "Jörg query_appointment"] {
        let world = World::new();
        let mut args = wish();
        args["name"] = json!(name);
        args["telefon"] = json!("0171 3920042");
        let answer = world
            .signed("functions/book_appointment/15", &args.to_string())
            .await;
        assert_eq!(code(&answer), "booked", "{answer}");
        assert_eq!(answer["data"]["customer"]["name"], name);
    }
}

/// Red when a flat body cannot make a whole conversation, or an alias in the path loses what it takes
/// for granted.
#[tokio::test]
async fn flat_bodies_make_a_conversation() {
    let world = World::new();
    let flat = |name: &str, args: Value| {
        let (world, path) = (&world, format!("functions/{name}/15"));
        async move { world.signed(&path, &args.to_string()).await }
    };
    let mut args = wish();
    args["telefon"] = json!("0171 3920042");
    let offer = flat("collect_appointment_data_v4", args.clone()).await;
    assert_eq!((code(&offer), world.desk.made()), ("available", 0));
    let more = flat("find_next_available", json!({"dienstleistung": "Beratung"})).await;
    assert_eq!(code(&more), "alternatives");
    let take =
        json!({"option": offer["option_1"], "name": "Jörg Müßig", "telefon": "0171 3920042"});
    let booked = flat("start_booking", take).await;
    assert_eq!(code(&booked), "booked");
    assert_eq!(booked["data"]["starts_at"], offer["option_1_start"]);
    args["bestaetigung"] = json!(true);
    let again = flat("collect_appointment_data", args).await;
    assert_eq!(again["data"]["id"], booked["data"]["id"]);
    let whose = flat("query_appointment_by_name", json!({"name": "Jörg Müßig"})).await;
    assert_eq!(code(&whose), "anonymous_caller");
}

#[tokio::test]
async fn what_is_not_understood_is_said_with_status_200() {
    let world = World::new();
    let long = "9".repeat(10_000);
    let deep = "[".repeat(200);
    for (path, body, expected) in [
        ("function-call/15", "{", "invalid_parameter"),
        ("function-call/15", "[]", "invalid_parameter"),
        ("function-call/15", "\"x\"", "invalid_parameter"),
        ("function-call/15", "null", "invalid_parameter"),
        ("function-call/15", "", "invalid_parameter"),
        ("function-call/15", deep.as_str(), "invalid_parameter"),
        ("function-call/15", "{}", "unknown_function"),
        // Arguments as a text are none: only an object tells the form.
        (
            "function-call/15",
            r#"{"name":"query_appointment","args":"{}","call":{"call_id":"call_1"}}"#,
            "unknown_function",
        ),
        (
            "function-call/15",
            r#"{"name":"fly","args":{}}"#,
            "unknown_function",
        ),
        (
            "function-call/15",
            r#"{"name":7,"args":{}}"#,
            "unknown_function",
        ),
        (
            "function-call/15",
            r#"{"name":"book_appointment","datum":"morgen"}"#,
            "unknown_function",
        ),
        (
            "functions/book_appointment/15",
            r#"{"name":"cancel_appointment","args":{}}"#,
            "unknown_function",
        ),
        ("functions/nothing/15", "{}", "unknown_function"),
        (
            "functions/check_availability/15",
            &format!(r#"{{"service":"Beratung","date":"{long}"}}"#),
            "invalid_parameter",
        ),
    ] {
        assert_eq!(
            code(&world.signed(path, body).await),
            expected,
            "{path} {body}"
        );
    }
}
