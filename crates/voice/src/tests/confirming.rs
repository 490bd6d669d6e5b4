//! Whose appointment, which one, and really? What is asked before anything is given up.

use serde_json::json;

use super::own::{booked, call};
use crate::testing::{Call, World, code};

/// Red when an appointment that nobody named is cancelled without a question.
#[tokio::test]
async fn nothing_is_cancelled_on_a_word() {
    for unnamed in [
        json!({}),
        json!({"grund": "krank"}),
        json!({"datum": "morgen", "bestaetigt": false}),
    ] {
        let world = World::new();
        let data = booked(&world, "2025-10-13", "08:00").await;
        let mut args = unnamed;
        if args["datum"] == "morgen" {
            args["datum"] = json!("Montag");
        }
        let ask = world
            .ask("cancel_appointment", args.clone(), &call("c1"))
            .await;
        assert_eq!(
            (code(&ask), ask["next_step"].as_str()),
            ("found", Some("ask_confirmation")),
            "{args}"
        );
        assert_eq!(
            ask["say"],
            "Soll ich Ihren Termin am Montag, dem dreizehnten Oktober, um acht Uhr wirklich absagen?"
        );
        assert_eq!(world.desk.commands(), 1);
        let yes = json!({"bestaetigt": true, "option": ask["option_1"]});
        let done = world.ask("cancel_appointment", yes, &call("c2")).await;
        assert_eq!(
            (code(&done), &done["data"]["id"]),
            ("cancelled", &data["id"])
        );
    }
}

/// Red when a sentence around the day hides it.
#[tokio::test]
async fn my_appointment_on_friday_is_enough() {
    for said in [
        json!({"datum": "mein Termin am Dienstag"}),
        json!({"date": "my appointment on Tuesday"}),
        json!({"datum": "der am vierzehnten"}),
        json!({"uhrzeit": "der um neun"}),
        json!({"wann": "Dienstag um neun"}),
    ] {
        let world = World::new();
        booked(&world, "2025-10-13", "08:00").await;
        let tuesday = booked(&world, "2025-10-14", "09:00").await;
        let mut new = said.clone();
        new["neues_datum"] = json!("Donnerstag");
        new["neue_uhrzeit"] = json!("zehn Uhr");
        let moved = world.ask("reschedule_appointment", new, &call("r1")).await;
        assert_eq!(
            (code(&moved), &moved["data"]["id"]),
            ("rescheduled", &tuesday["id"]),
            "{said}"
        );
    }
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let tuesday = booked(&world, "2025-10-14", "09:00").await;
    let said = json!({"datum": "mein Termin am Dienstag"});
    let gone = world.ask("cancel_appointment", said, &call("c1")).await;
    assert_eq!(
        (code(&gone), &gone["data"]["id"]),
        ("cancelled", &tuesday["id"])
    );
}

/// Red when a move is made before the caller has agreed, or a taken time is asked about.
#[tokio::test]
async fn moving_can_be_asked_to_confirm_first() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    world.desk.block("2025-10-16T08:00:00Z");
    let wish = |time: &str, agreed: bool| json!({"neues_datum": "2025-10-16", "neue_uhrzeit": time, "bestaetigung": agreed});
    let ask = world
        .ask("reschedule_appointment", wish("9 Uhr", false), &call("r1"))
        .await;
    assert_eq!(
        (code(&ask), ask["next_step"].as_str()),
        ("available", Some("ask_confirmation"))
    );
    assert!(
        ask["say"]
            .as_str()
            .is_some_and(|it| it.starts_with("Soll ich Ihren Termin verschieben?"))
    );
    let taken = world
        .ask("reschedule_appointment", wish("10 Uhr", false), &call("r2"))
        .await;
    assert_eq!(code(&taken), "alternatives");
    assert_eq!(world.desk.commands(), 1);
    let done = world
        .ask("reschedule_appointment", wish("9 Uhr", true), &call("r3"))
        .await;
    assert_eq!(code(&done), "rescheduled");
}

/// Red when one member of a family hears of another's appointments.
#[tokio::test]
async fn on_a_familys_number_the_name_says_whose() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let args = json!({"dienstleistung": "Beratung", "datum": "2025-10-14", "uhrzeit": "9 Uhr", "name": "Ida Müßig"});
    let idas = world
        .ask("book_appointment", args, &Call::new("call_0", "tool_1"))
        .await;
    for function in [
        "query_appointment",
        "cancel_appointment",
        "reschedule_appointment",
    ] {
        let whose = world
            .ask(function, json!({"confirm": true}), &call("w1"))
            .await;
        assert_eq!(
            (code(&whose), whose["next_step"].as_str()),
            ("missing_parameter", Some("ask_name")),
            "{function}"
        );
        assert_eq!(whose["option_count"], 0);
        let other = world
            .ask(function, json!({"name": "Karl Sommer"}), &call("w2"))
            .await;
        assert_eq!(code(&other), "not_found", "{function}");
    }
    for name in ["Ida Müßig", "ida", "Ida Muessig", "Ieda Müßig"] {
        let found = world
            .ask("query_appointment", json!({"name": name}), &call("q"))
            .await;
        assert_eq!(
            (code(&found), &found["data"]["id"]),
            ("found", &idas["data"]["id"]),
            "{name}"
        );
    }
    let gone = world
        .ask(
            "cancel_appointment",
            json!({"name": "Ida", "confirm": true}),
            &call("c"),
        )
        .await;
    assert_eq!(
        (code(&gone), &gone["data"]["id"]),
        ("cancelled", &idas["data"]["id"])
    );
    assert_eq!(
        code(&world.ask("query_appointment", json!({}), &call("q")).await),
        "found"
    );
}

/// Red when what is said of one of a family is done to another, because the other is the only one
/// who still has an appointment, or because both bear the surname that was said.
#[tokio::test]
async fn nothing_of_one_happens_to_another() {
    let world = World::new();
    let jorgs = booked(&world, "2025-10-13", "08:00").await;
    let args = json!({"dienstleistung": "Beratung", "datum": "2025-10-14", "uhrzeit": "9 Uhr", "name": "Ida Müßig"});
    let idas = world
        .ask("book_appointment", args, &Call::new("call_0", "tool_1"))
        .await;
    for function in ["query_appointment", "cancel_appointment"] {
        let both = json!({"name": "Müßig", "confirm": true});
        let whose = world.ask(function, both, &call("m")).await;
        assert_eq!(
            (code(&whose), whose["next_step"].as_str()),
            ("missing_parameter", Some("ask_name")),
            "{function}"
        );
    }
    let cancel = json!({"name": "Ida", "confirm": true});
    for tool in ["c1", "c1", "c2"] {
        let gone = world
            .ask("cancel_appointment", cancel.clone(), &call(tool))
            .await;
        assert_eq!(
            (code(&gone), &gone["data"]["id"]),
            ("cancelled", &idas["data"]["id"]),
            "{tool}"
        );
    }
    let later = world
        .ask("cancel_appointment", cancel, &Call::new("call_9", "c3"))
        .await;
    assert_eq!(code(&later), "not_found", "of Ida's there is none left");
    let jorgs_day = json!({"name": "Jörg", "datum": "2025-10-14"});
    let none = world
        .ask("cancel_appointment", jorgs_day, &call("c5"))
        .await;
    assert_eq!(code(&none), "not_found", "what Ida cancelled was not his");
    // A name that is nobody's may be misheard: then it is asked, with the day or without.
    for args in [
        json!({"name": "Karl Sommer", "datum": "Montag"}),
        json!({"name": "Karl Sommer"}),
    ] {
        let asked = world.ask("cancel_appointment", args, &call("c4")).await;
        assert_eq!(
            (code(&asked), asked["next_step"].as_str()),
            ("found", Some("ask_confirmation"))
        );
        assert_eq!(asked["data"]["id"], jorgs["id"]);
    }
    let move_it =
        json!({"name": "Karl Sommer", "neues_datum": "2025-10-16", "neue_uhrzeit": "9 Uhr"});
    let asked = world
        .ask("reschedule_appointment", move_it, &call("r1"))
        .await;
    assert_eq!(asked["next_step"], "ask_confirmation", "{asked}");
    assert_eq!(world.desk.commands(), 3, "two bookings and a cancellation");
}

/// Red when a title or a part of the name, said the second time, makes another booking.
#[tokio::test]
async fn the_same_person_said_another_way_books_once() {
    let world = World::new();
    let jorgs = booked(&world, "2025-10-13", "08:00").await;
    for name in [
        "Herr Müßig",
        "Jörg",
        "Herr Dr. Joerg Muessig",
        "Müßig, Jörg",
    ] {
        let args = json!({"dienstleistung": "Beratung", "datum": "2025-10-13", "uhrzeit": "08:00", "name": name});
        let again = world
            .ask("book_appointment", args, &Call::new("call_0", "tool_9"))
            .await;
        assert_eq!(
            (code(&again), &again["data"]["id"]),
            ("booked", &jorgs["id"]),
            "{name}"
        );
    }
    let args = json!({"dienstleistung": "Beratung", "datum": "2025-10-13", "uhrzeit": "08:00", "name": "Ida Müßig"});
    let other = world
        .ask("book_appointment", args, &Call::new("call_0", "tool_10"))
        .await;
    assert_eq!(code(&other), "slot_taken");
    assert_eq!(world.desk.made(), 1);
}
