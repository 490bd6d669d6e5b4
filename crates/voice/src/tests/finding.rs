//! "My appointment on Friday": which one is meant, by day, by time, by service, and what is asked
//! where that is not clear.

use serde_json::{Value, json};

use super::own::{booked, call};
use crate::testing::{Call, World, code, starts};

/// Two consultations and a short one: Monday at eight, Tuesday at nine, Tuesday at fourteen.
async fn three() -> (World, [Value; 3]) {
    let world = World::new();
    let monday = booked(&world, "2025-10-13", "08:00").await;
    let tuesday = booked(&world, "2025-10-14", "09:00").await;
    let args = json!({"service": "Kurztermin", "date": "2025-10-14", "time": "14:00", "name": "Jörg Müßig"});
    let short = world
        .ask("book_appointment", args, &Call::new("call_0", "tool_1"))
        .await;
    assert_eq!(code(&short), "booked", "{short}");
    (world, [monday, tuesday, short["data"].clone()])
}

/// What is said of an appointment, and which of the three it is.
fn clear() -> Vec<(Value, usize)> {
    vec![
        (json!({"datum": "Montag"}), 0),
        (json!({"date": "my appointment on Monday"}), 0),
        (json!({"datum": "13.10."}), 0),
        (json!({"uhrzeit": "acht Uhr"}), 0),
        (json!({"time": "at nine"}), 1),
        (json!({"uhrzeit": "14:00"}), 2),
        (json!({"zeitraum": "nachmittags"}), 2),
        (json!({"service": "Kurztermin"}), 2),
        (json!({"service_id": 2}), 2),
        (
            json!({"dienstleistung": "der Kurztermin", "datum": "Dienstag"}),
            2,
        ),
        (json!({"datum": "Dienstag", "uhrzeit": "neun Uhr"}), 1),
        (json!({"datum": "Dienstag um neun"}), 1),
        (json!({"datum": "Dienstagvormittag"}), 1),
        (json!({"datum": "Dienstag", "service": "Beratung"}), 1),
    ]
}

/// Red when one of these ways does not lead to the appointment that is meant, or leads to another.
/// Mutation: `PERIOD` not heard in a cancellation.
#[tokio::test]
async fn an_appointment_is_found_by_day_time_or_service() {
    for (said, which) in clear() {
        let (world, all) = three().await;
        let found = world
            .ask("query_appointment", said.clone(), &call("q"))
            .await;
        assert_eq!(
            (code(&found), &found["data"]["id"]),
            ("found", &all[which]["id"]),
            "{said}"
        );
        let gone = world
            .ask("cancel_appointment", said.clone(), &call("c"))
            .await;
        assert_eq!(
            (code(&gone), &gone["data"]["id"]),
            ("cancelled", &all[which]["id"]),
            "{said}"
        );
        assert_eq!(world.desk.commands(), 4);
    }
    for (mut said, which) in clear() {
        // A part of the day belongs to the new time there.
        if said.get("zeitraum").is_some() {
            continue;
        }
        let (world, all) = three().await;
        said["new_date"] = json!("2025-10-16");
        said["new_time"] = json!("11:00");
        let moved = world
            .ask("reschedule_appointment", said.clone(), &call("m"))
            .await;
        assert_eq!(
            (code(&moved), &moved["data"]["id"]),
            ("rescheduled", &all[which]["id"]),
            "{said}"
        );
        assert_eq!(moved["data"]["starts_at"], "2025-10-16T11:00:00+02:00");
    }
}

/// Red when one of several is taken without asking, or the question does not name them all.
#[tokio::test]
async fn where_several_fit_it_is_asked_which() {
    for (said, fit) in [
        (
            json!({}),
            &["2025-10-13T08:00", "2025-10-14T09:00", "2025-10-14T14:00"][..],
        ),
        (
            json!({"datum": "Dienstag"}),
            &["2025-10-14T09:00", "2025-10-14T14:00"],
        ),
        (
            json!({"service": "Beratung"}),
            &["2025-10-13T08:00", "2025-10-14T09:00"],
        ),
        (
            json!({"uhrzeit": "vormittags"}),
            &["2025-10-13T08:00", "2025-10-14T09:00"],
        ),
        (
            json!({"datum": "Montag oder Dienstag", "service": "Beratung"}),
            &["2025-10-13T08:00", "2025-10-14T09:00"],
        ),
        (
            json!({"service": "Beratung oder Kurztermin", "datum": "Dienstag"}),
            &["2025-10-14T09:00", "2025-10-14T14:00"],
        ),
    ] {
        let (world, _) = three().await;
        for (function, expected, mut args) in [
            ("query_appointment", "found", json!({})),
            (
                "cancel_appointment",
                "ambiguous_date",
                json!({"confirm": true}),
            ),
            (
                "reschedule_appointment",
                "ambiguous_date",
                json!({"new_date": "2025-10-16", "new_time": "11:00", "confirm": true}),
            ),
        ] {
            for (key, value) in said.as_object().expect("an object") {
                args[key] = value.clone();
            }
            let asked = world.ask(function, args, &call("a")).await;
            assert_eq!(
                (code(&asked), &asked["next_step"]),
                (expected, &json!("ask_choice")),
                "{function} {said}"
            );
            assert_eq!(starts(&asked), fit, "{function} {said}");
        }
        assert_eq!(world.desk.commands(), 3, "{said}");
    }
}

/// Red when the question, or the option that answers it, is another.
#[tokio::test]
async fn the_question_which_one_is_answered_by_an_option() {
    let (world, all) = three().await;
    let asked = world
        .ask(
            "cancel_appointment",
            json!({"datum": "Dienstag"}),
            &call("a"),
        )
        .await;
    assert_eq!(
        asked["say"],
        "Sie haben mehrere Termine, am Dienstag, dem vierzehnten Oktober, um neun Uhr und um vierzehn Uhr. Welchen meinen Sie?"
    );
    let chosen = json!({"option": asked["option_2"]});
    let gone = world.ask("cancel_appointment", chosen, &call("c")).await;
    assert_eq!(
        (code(&gone), &gone["data"]["id"]),
        ("cancelled", &all[2]["id"])
    );
}

/// Red when what fits nothing is taken for the next best, or nothing is offered instead.
#[tokio::test]
async fn where_none_fits_it_is_said_what_there_is() {
    let (world, _) = three().await;
    for said in [
        json!({"datum": "Freitag"}),
        json!({"datum": "2025-11-13"}),
        json!({"datum": "gestern"}),
        json!({"datum": "irgendwann"}),
        json!({"uhrzeit": "16 Uhr"}),
        json!({"service": "Fernsprechstunde"}),
        json!({"datum": "Montag", "service": "Kurztermin"}),
    ] {
        for function in [
            "query_appointment",
            "cancel_appointment",
            "reschedule_appointment",
        ] {
            let mut args = said.clone();
            args["confirm"] = json!(true);
            if function == "reschedule_appointment" {
                args["new_date"] = json!("2025-10-16");
                args["new_time"] = json!("11:00");
            }
            let asked = world.ask(function, args, &call("a")).await;
            assert_eq!(
                (code(&asked), &asked["next_step"]),
                ("not_found", &json!("ask_choice")),
                "{function} {said}"
            );
            assert_eq!(asked["option_count"], 3, "{function} {said}");
        }
    }
    assert_eq!(world.desk.commands(), 3);
    let stranger = Call {
        from: "+491713920099",
        ..call("s")
    };
    let none = world
        .ask("cancel_appointment", json!({"datum": "Montag"}), &stranger)
        .await;
    assert_eq!(
        (code(&none), &none["next_step"]),
        ("not_found", &json!("offer_booking"))
    );
}

/// Red when a service that there is not, perhaps misheard, is no reason to ask. Mutation:
/// `is_strange` left out.
#[tokio::test]
async fn a_strange_service_is_asked_about_before_anything_is_given_up() {
    let world = World::new();
    let monday = booked(&world, "2025-10-13", "08:00").await;
    let strange = json!({"service": "Zahnreinigung", "datum": "Montag"});
    let found = world
        .ask("query_appointment", strange.clone(), &call("q"))
        .await;
    assert_eq!(
        (code(&found), &found["data"]["id"]),
        ("found", &monday["id"])
    );
    let asked = world
        .ask("cancel_appointment", strange.clone(), &call("c1"))
        .await;
    assert_eq!(
        (code(&asked), &asked["next_step"]),
        ("found", &json!("ask_confirmation"))
    );
    let mut there = strange.clone();
    there["new_date"] = json!("2025-10-16");
    there["new_time"] = json!("11:00");
    let asked = world
        .ask("reschedule_appointment", there, &call("m1"))
        .await;
    assert_eq!(
        (code(&asked), &asked["next_step"]),
        ("available", &json!("ask_confirmation"))
    );
    assert_eq!(world.desk.commands(), 1);
    let mut yes = strange;
    yes["confirm"] = json!(true);
    let gone = world.ask("cancel_appointment", yes, &call("c2")).await;
    assert_eq!(
        (code(&gone), &gone["data"]["id"]),
        ("cancelled", &monday["id"])
    );
}

/// Red when the time that is to be given up is not heard beside its day (`OLD_TIME` in a cancellation).
#[tokio::test]
async fn the_old_time_says_which_of_the_day() {
    for (old, which) in [("9 Uhr", 1), ("14:00", 2)] {
        let (world, all) = three().await;
        let said = json!({"datum": "Dienstag", "alte_uhrzeit": old});
        let gone = world.ask("cancel_appointment", said, &call("c")).await;
        assert_eq!(code(&gone), "cancelled", "{gone}");
        assert_eq!(gone["data"]["id"], all[which]["id"]);
    }
}
