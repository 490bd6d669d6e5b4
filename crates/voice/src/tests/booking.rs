//! `book_appointment`: once per intent, by option or by words.

use booking_domain::contact::ContactField;
use booking_domain::time::Span;
use serde_json::{Value, json};

use crate::testing::{CALLER, Call, World, code, starts};

const CALL: Call = Call::new("call_1", "tool_1");

fn wish() -> Value {
    json!({"dienstleistung": "Beratung", "datum": "2025-10-13", "uhrzeit": "8 Uhr", "name": "Jörg Müßig"})
}

async fn book(world: &World, args: Value, call: Call) -> Value {
    world.ask("book_appointment", args, &call).await
}

#[tokio::test]
async fn booked_is_the_appointment() {
    let world = World::new();
    let mut args = wish();
    args["notizen"] = json!("Erstbesuch");
    args["email"] = json!("joerg@mail.example");
    args["telefon"] = json!("030 1234567");
    let answer = book(&world, args, CALL).await;
    assert_eq!(
        (code(&answer), answer["success"].as_bool()),
        ("booked", Some(true)),
        "{answer}"
    );
    assert_eq!(answer["data"]["starts_at"], "2025-10-13T08:00:00+02:00");
    assert_eq!(answer["data"]["status"], "confirmed");
    assert_eq!(answer["data"]["booking_source"], "retell");
    assert_eq!(answer["data"]["metadata"]["call_id"], "call_1");
    // The number on the line is who calls; the number that was said is not.
    assert_eq!(answer["data"]["customer"]["phone"], CALLER);
    assert_eq!(
        answer["say"],
        "Ihr Termin für Beratung am Montag, dem dreizehnten Oktober, um acht Uhr ist gebucht."
    );
    let view = world.desk.last();
    assert_eq!(
        view.appointment.booking().notes.as_deref(),
        Some("Erstbesuch")
    );
    assert_eq!(
        view.customer_email.map(String::from).as_deref(),
        Some("joerg@mail.example")
    );
}

/// Turns red when the tool call's id becomes part of the key, or the start does not.
#[tokio::test]
async fn one_intent_in_one_call_is_one_booking() {
    let world = World::new();
    let first = book(&world, wish(), CALL).await;
    let repeat = book(&world, wish(), CALL).await;
    assert_eq!(first, repeat, "the same invocation");
    let again = book(&world, wish(), Call::new("call_1", "tool_2")).await;
    assert_eq!(
        (code(&again), &again["data"]),
        ("booked", &first["data"]),
        "the same intent"
    );
    let english = json!({"service": "Beratung", "date": "next Monday", "time": "8 am", "name": "Joerg Muessig"});
    let again = book(&world, english, Call::new("call_1", "tool_3")).await;
    assert_eq!(
        again["data"]["id"], first["data"]["id"],
        "the same intent in other words"
    );
    assert_eq!(world.desk.made(), 1);
    for (field, value) in [("uhrzeit", "9 Uhr"), ("datum", "2025-10-14")] {
        let mut other = wish();
        other[field] = json!(value);
        assert_eq!(code(&book(&world, other, CALL).await), "booked");
    }
    assert_eq!(
        world.desk.made(),
        3,
        "two different bookings in one call are two"
    );
    let elsewhere = book(&world, wish(), Call::new("call_2", "tool_9")).await;
    assert_eq!(
        code(&elsewhere),
        "slot_taken",
        "another call is another intent"
    );
}

#[tokio::test]
async fn what_was_cancelled_can_be_booked_again_in_the_same_call() {
    let world = World::new();
    let first = book(&world, wish(), CALL).await;
    world
        .ask(
            "cancel_appointment",
            json!({"confirm": true}),
            &Call::new("call_1", "tool_2"),
        )
        .await;
    let late = book(&world, wish(), CALL).await;
    assert_eq!(
        code(&late),
        "cancelled",
        "the first invocation is not a new wish"
    );
    let second = book(&world, wish(), Call::new("call_1", "tool_3")).await;
    assert_eq!(code(&second), "booked");
    assert_ne!(second["data"]["id"], first["data"]["id"]);
    let repeat = book(&world, wish(), Call::new("call_1", "tool_3")).await;
    assert_eq!(repeat["data"]["id"], second["data"]["id"]);
    assert_eq!(world.desk.made(), 2);
}

#[tokio::test]
async fn without_a_call_the_same_intent_is_one_booking_too() {
    let world = World::new();
    let flat = r#"{"dienstleistung":"Beratung","datum":"2025-10-13","uhrzeit":"8 Uhr","name":"Jörg","telefon":"0171 3920042"}"#;
    let send = || world.signed("functions/book_appointment/15", flat);
    let first = send().await;
    assert_eq!(code(&first), "booked", "{first}");
    assert_eq!(first["data"]["customer"]["phone"], CALLER);
    assert_eq!(send().await["data"]["id"], first["data"]["id"]);
    world.desk.set_time(world.desk.time() + Span::minutes(11));
    assert_eq!(
        send().await["data"]["id"],
        first["data"]["id"],
        "the next ten minutes"
    );
    assert_eq!(world.desk.made(), 1);
}

#[tokio::test]
async fn an_option_is_booked_in_its_call_and_refused_in_another() {
    let world = World::new();
    world.desk.block("2025-10-13T06:00:00Z");
    let mut asked = wish();
    asked["name"] = Value::Null;
    let offer = world.ask("check_availability", asked, &CALL).await;
    assert_eq!(code(&offer), "alternatives");
    let chosen = json!({"option": offer["option_2"], "name": "Jörg Müßig"});
    let elsewhere = book(&world, chosen.clone(), Call::new("call_2", "tool_2")).await;
    assert_eq!(
        (code(&elsewhere), elsewhere["success"].as_bool()),
        ("invalid_parameter", Some(false))
    );
    let answer = book(&world, chosen.clone(), Call::new("call_1", "tool_2")).await;
    assert_eq!(code(&answer), "booked");
    assert_eq!(answer["data"]["starts_at"], offer["option_2_start"]);
    world.desk.set_time(world.desk.time() + Span::minutes(11));
    let late = book(&world, chosen, Call::new("call_1", "tool_3")).await;
    assert_eq!(code(&late), "invalid_parameter", "after ten minutes");
    assert_eq!(world.desk.made(), 1);
}

#[tokio::test]
async fn a_lost_slot_comes_with_alternatives() {
    let world = World::new();
    world.desk.block("2025-10-13T06:00:00Z");
    let answer = book(&world, wish(), CALL).await;
    assert_eq!(
        (code(&answer), answer["success"].as_bool()),
        ("slot_taken", Some(false))
    );
    assert_eq!(
        starts(&answer),
        ["2025-10-13T09:00", "2025-10-13T10:00", "2025-10-13T11:00"]
    );
    assert_eq!(answer["next_step"], "ask_choice");
    let taken = book(
        &world,
        json!({"option": answer["option_1"], "name": "Jörg"}),
        Call::new("call_1", "t2"),
    )
    .await;
    assert_eq!(code(&taken), "booked");
}

#[tokio::test]
async fn what_is_missing_is_asked_for() {
    let world = World::new();
    let without = |field: &str| {
        let mut args = wish();
        args[field] = json!("None");
        args
    };
    for (args, missing, next) in [
        (without("dienstleistung"), "service", "ask_service"),
        (without("datum"), "date", "ask_date"),
        (without("uhrzeit"), "time", "ask_time"),
        (without("name"), "name", "ask_name"),
    ] {
        let answer = book(&world, args, CALL).await;
        assert_eq!(code(&answer), "missing_parameter", "{missing}");
        assert_eq!(answer["data"]["missing"][0], missing);
        assert_eq!(answer["next_step"], next);
    }
    let anonymous = Call::anonymous("call_1");
    let answer = book(&world, wish(), anonymous).await;
    assert_eq!(
        (code(&answer), answer["next_step"].as_str()),
        ("missing_parameter", Some("ask_phone"))
    );
    let mut garbled = wish();
    garbled["telefon"] = json!("eins zwei");
    assert_eq!(
        code(&book(&world, garbled, anonymous).await),
        "invalid_parameter"
    );
    let mut reachable = wish();
    reachable["email"] = json!("joerg@mail.example");
    assert_eq!(code(&book(&world, reachable, anonymous).await), "booked");
}

/// Red when what is only noted is told as certain, at once or when it is asked about.
#[tokio::test]
async fn closed_and_pending_are_said() {
    let world = World::new();
    let mut night = wish();
    night["uhrzeit"] = json!("20 Uhr");
    let answer = book(&world, night, CALL).await;
    assert_eq!(code(&answer), "outside_opening_hours");
    assert_eq!(answer["option_count"], 3);
    let mut slow = wish();
    slow["dienstleistung"] = json!("Fernsprechstunde");
    let answer = book(&world, slow, CALL).await;
    assert_eq!(
        (code(&answer), answer["success"].as_bool()),
        ("pending", Some(true))
    );
    assert_eq!(answer["data"]["sync_status"], "pending");
    assert_eq!(answer["data"]["starts_at"], "2025-10-13T08:00:00+02:00");
    let noted = answer["say"].clone();
    let asked = Call::new("call_1", "tool_9");
    let found = world.ask("query_appointment", json!({}), &asked).await;
    assert_eq!((code(&found), &found["say"]), ("found", &noted));
}

/// The same call asks again, after a day of nothing.
///
/// Red when what Cal.com never agreed to is told as booked (`is_settled`).
#[tokio::test]
async fn what_was_given_up_is_not_said_to_be_booked() {
    let world = World::new();
    let mut slow = wish();
    slow["dienstleistung"] = json!("Fernsprechstunde");
    assert_eq!(code(&book(&world, slow.clone(), CALL).await), "pending");
    world.desk.give_up_last();
    let answer = book(&world, slow, CALL).await;
    assert_eq!(answer["data"]["sync_status"], "failed");
    assert_eq!(code(&answer), "pending");
}

#[tokio::test]
async fn without_consent_it_only_looks() {
    let world = World::new();
    let mut args = wish();
    args["bestaetigung"] = json!(false);
    let body = json!({"name": "collect_appointment_data", "args": args, "call": {"call_id": "c", "from_number": CALLER}});
    let answer = world.signed("function-call/15", &body.to_string()).await;
    assert_eq!((code(&answer), world.desk.made()), ("available", 0));
    let answer = world
        .signed(
            "function-call/15",
            &body.to_string().replace("false", "true"),
        )
        .await;
    assert_eq!((code(&answer), world.desk.made()), ("booked", 1));
}

/// Red when a said number is not read as one, or a number that cannot be rung is booked.
#[tokio::test]
async fn what_a_caller_without_a_number_says_is_understood_and_read_back() {
    let world = World::new();
    let anonymous = Call::anonymous("call_1");
    let mut args = wish();
    args["telefon"] = json!("null eins sieben eins drei neun");
    let half = book(&world, args.clone(), anonymous).await;
    assert_eq!(
        (code(&half), half["next_step"].as_str()),
        ("invalid_parameter", Some("ask_phone"))
    );
    args["telefon"] = json!("null eins sieben eins drei neun zwo null null vier zwo");
    let booked = book(&world, args.clone(), anonymous).await;
    assert_eq!(code(&booked), "booked");
    assert_eq!(booked["data"]["customer"]["phone"], CALLER);
    assert_eq!(
        booked["data"]["customer"]["email"],
        json!(null),
        "none is made up"
    );
    assert_eq!(
        booked["phone_say"],
        "plus vier neun, eins sieben eins, drei neun zwei, null null, vier zwei"
    );
    assert_eq!(
        booked["name_spell"],
        "J wie Julius, Ö wie Ökonom, R wie Richard, G wie Gustav. M wie Martha, Ü wie Übermut, \
         Eszett, I wie Ida, G wie Gustav"
    );
    let mut args = wish();
    args["uhrzeit"] = json!("9 Uhr");
    args["email"] = json!("joerg at mail");
    let half = book(&world, args.clone(), anonymous).await;
    assert_eq!(half["next_step"], "ask_email");
    args["email"] = json!("joerg at mail punkt example");
    let booked = book(&world, args, anonymous).await;
    assert_eq!(booked["data"]["customer"]["email"], "joerg@mail.example");
    assert_eq!(booked["email_say"], "joerg ät mail Punkt example");
    let known = book(&world, json!({"option": "", "dienstleistung": "Beratung", "datum": "Montag", "uhrzeit": "11 Uhr", "name": "Jörg"}), CALL).await;
    assert_eq!(known.get("phone_say"), None, "the line shows it");
}

/// Red when what a model writes for an unknown name is booked as one.
#[tokio::test]
async fn nobody_is_asked_for_a_name() {
    let world = World::new();
    for name in ["Kunde", "unknown", "Anrufer", "None", "nicht angegeben", ""] {
        let mut args = wish();
        args["name"] = json!(name);
        let answer = book(&world, args, CALL).await;
        assert_eq!(
            (code(&answer), answer["next_step"].as_str()),
            ("missing_parameter", Some("ask_name")),
            "{name}"
        );
    }
    assert_eq!(world.desk.made(), 0);
}

/// Red when a number or an address that was said, and not understood, is left out without a word:
/// Cal.com would write to nobody.
#[tokio::test]
async fn what_was_misheard_is_asked_again_and_not_left_out() {
    let world = World::new();
    let with = |extra: Value| {
        let mut args = wish();
        for (key, value) in extra.as_object().expect("fields") {
            args[key] = value.clone();
        }
        args
    };
    let anonymous = Call::anonymous("call_7");
    for (extra, call, next) in [
        (
            json!({"telefon": "0171 12", "email": "joerg@mail.example"}),
            anonymous,
            "ask_phone",
        ),
        (json!({"email": "joerg at mail"}), CALL, "ask_email"),
        (json!({"email": "joerg@mail"}), CALL, "ask_email"),
        (json!({"email": "jörg klammeraffe mail"}), CALL, "ask_email"),
    ] {
        let answer = book(&world, with(extra.clone()), call).await;
        assert_eq!(
            (code(&answer), answer["next_step"].as_str()),
            ("invalid_parameter", Some(next)),
            "{extra}"
        );
    }
    assert_eq!(world.desk.made(), 0);
    // What models write where nothing was said.
    let extra = json!({"email": "nicht angegeben", "telefon": "keine"});
    assert_eq!(code(&book(&world, with(extra), CALL).await), "booked");
}

/// Turns red when what an event type asks for is left to Cal.com to refuse.
#[tokio::test]
async fn what_the_event_type_asks_for_is_asked_for_first() {
    let world = World::new();
    world.desk.require(ContactField::Email);
    let asked = book(&world, wish(), CALL).await;
    assert_eq!(code(&asked), "missing_parameter");
    assert_eq!(asked["next_step"], "ask_email");
    assert_eq!(asked["say"], "Wie lautet Ihre Mailadresse?");
    let mut args = wish();
    args["email"] = json!("joerg at mail punkt example");
    assert_eq!(code(&book(&world, args, CALL).await), "booked");
}
