//! `reschedule_appointment`: which one, where to, and once.

use serde_json::{Value, json};

use super::own::{booked, call};
use crate::testing::{World, code};

#[tokio::test]
async fn moving_finds_the_new_time_in_many_ways() {
    for (args, start) in [
        (
            json!({"neues_datum": "2025-10-16", "neue_uhrzeit": "09:00"}),
            "2025-10-16T09:00:00+02:00",
        ),
        (
            json!({"datum": "2025-10-13", "neues_datum": "Donnerstag", "neue_uhrzeit": "9 Uhr"}),
            "2025-10-16T09:00:00+02:00",
        ),
        (
            json!({"old_date": "2025-10-13", "new_date": "2025-10-16", "new_time": "9 am"}),
            "2025-10-16T09:00:00+02:00",
        ),
        (
            json!({"neue_uhrzeit": "halb drei nachmittags"}),
            "2025-10-13T14:30:00+02:00",
        ),
        (
            json!({"datum": "2025-10-16", "uhrzeit": "10 Uhr"}),
            "2025-10-16T10:00:00+02:00",
        ),
        (
            json!({"neues_datum": "2025-10-16", "uhrzeit": "10 Uhr"}),
            "2025-10-16T10:00:00+02:00",
        ),
        (
            json!({"new_date": "Thursday at ten"}),
            "2025-10-16T10:00:00+02:00",
        ),
    ] {
        let world = World::new();
        let data = booked(&world, "2025-10-13", "08:00").await;
        let answer = world
            .ask("reschedule_appointment", args.clone(), &call("r1"))
            .await;
        // Half past two is no slot of this calendar, and says so.
        if start.contains("14:30") {
            assert_eq!(code(&answer), "slot_taken", "{args}");
            assert_eq!(answer["data"]["requested"]["start"], start);
            continue;
        }
        assert_eq!(
            (code(&answer), &answer["data"]["id"]),
            ("rescheduled", &data["id"]),
            "{args} {answer}"
        );
        assert_eq!(answer["data"]["starts_at"], start, "{args}");
        let repeat = world
            .ask("reschedule_appointment", args.clone(), &call("r1"))
            .await;
        assert_eq!(answer, repeat, "{args}");
        let again = world
            .ask("reschedule_appointment", args.clone(), &call("r2"))
            .await;
        assert_eq!(
            (code(&again), &again["data"]),
            ("rescheduled", &answer["data"]),
            "{args}"
        );
        assert_eq!(world.desk.commands(), 2, "{args}");
    }
}

/// Red when a chosen slot is taken for an appointment because one stands there, as it does after the
/// move: then the old day is the new one, and the appointment goes back.
#[tokio::test]
async fn a_chosen_slot_said_again_moves_nothing_back() {
    for old_day in [
        json!({}),
        json!({"date": "Monday"}),
        json!({"date": "Monday", "time": "8 am"}),
    ] {
        let world = World::new();
        let data = booked(&world, "2025-10-13", "08:00").await;
        let wish = json!({"service": "Beratung", "date": "Thursday"});
        let free = world.ask("check_availability", wish, &call("f")).await;
        let mut args = old_day;
        args["option"] = free["option_2"].clone();
        for tool in ["r1", "r1", "r2"] {
            let moved = world
                .ask("reschedule_appointment", args.clone(), &call(tool))
                .await;
            assert_eq!(
                (code(&moved), &moved["data"]["id"]),
                ("rescheduled", &data["id"]),
                "{tool} {args} {moved}"
            );
            assert_eq!(moved["data"]["starts_at"], free["option_2_start"], "{tool}");
        }
        assert_eq!(world.desk.commands(), 2);
    }
}

/// Red when a time beside a chosen slot does not tell two appointments of a day apart, or when it is
/// the slot's own and is looked for among the appointments.
#[tokio::test]
async fn beside_a_chosen_slot_the_time_is_the_appointments() {
    for (second, time) in [(true, "10 am"), (false, "9 am"), (false, "neun")] {
        let world = World::new();
        let mut meant = booked(&world, "2025-10-13", "08:00").await;
        if second {
            meant = booked(&world, "2025-10-13", "10:00").await;
        }
        let wish = json!({"service": "Beratung", "date": "Thursday", "time": "9 am"});
        let free = world.ask("check_availability", wish, &call("f")).await;
        let args = json!({"date": "Monday", "time": time, "option": free["option_1"]});
        for tool in ["r1", "r2"] {
            let moved = world
                .ask("reschedule_appointment", args.clone(), &call(tool))
                .await;
            let at = moved["data"]["starts_at"].as_str();
            assert_eq!(
                (code(&moved), &moved["data"]["id"], at),
                (
                    "rescheduled",
                    &meant["id"],
                    Some("2025-10-16T09:00:00+02:00")
                ),
                "{tool} {moved}"
            );
        }
    }
}

/// Red when the appointment that was chosen is taken for where it is to go.
#[tokio::test]
async fn a_chosen_appointment_is_the_one_that_moves() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let tuesday = booked(&world, "2025-10-14", "09:00").await;
    let mut args = json!({"new_date": "Thursday", "new_time": "10 am"});
    let which = world
        .ask("reschedule_appointment", args.clone(), &call("r1"))
        .await;
    assert_eq!(which["next_step"], "ask_choice", "{which}");
    args["option"] = which["option_2"].clone();
    for tool in ["r2", "r3"] {
        let moved = world
            .ask("reschedule_appointment", args.clone(), &call(tool))
            .await;
        assert_eq!(
            (code(&moved), &moved["data"]["id"]),
            ("rescheduled", &tuesday["id"]),
            "{tool} {moved}"
        );
        assert_eq!(moved["data"]["starts_at"], "2025-10-16T10:00:00+02:00");
    }
}

/// Red when an invocation sent again is read anew: "tomorrow" is another day after midnight.
#[tokio::test]
async fn the_same_invocation_is_the_same_after_midnight() {
    for (function, args, expected, start) in [
        (
            "reschedule_appointment",
            json!({"neues_datum": "morgen", "neue_uhrzeit": "9 Uhr"}),
            "rescheduled",
            "2025-10-13T09:00:00+02:00",
        ),
        (
            "cancel_appointment",
            json!({"datum": "übermorgen"}),
            "cancelled",
            "2025-10-14T08:00:00+02:00",
        ),
    ] {
        let world = World::new();
        booked(&world, "2025-10-14", "08:00").await;
        for moment in ["2025-10-12T23:59:55+02:00", "2025-10-13T00:00:05+02:00"] {
            world.desk.set_time(moment.parse().expect("a moment"));
            let done = world.ask(function, args.clone(), &call("t")).await;
            assert_eq!(
                (code(&done), done["data"]["starts_at"].as_str()),
                (expected, Some(start)),
                "{moment}"
            );
        }
        assert_eq!(world.desk.commands(), 2);
    }
}

#[tokio::test]
async fn moving_asks_for_what_is_missing_and_offers_what_is_near() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let ask = |args: Value, tool| {
        let world = &world;
        async move { world.ask("reschedule_appointment", args, &call(tool)).await }
    };
    let answer = ask(json!({}), "r1").await;
    assert_eq!(
        (code(&answer), answer["next_step"].as_str()),
        ("missing_parameter", Some("ask_date"))
    );
    let answer = ask(json!({"neues_datum": "2025-10-16"}), "r2").await;
    assert_eq!(
        (code(&answer), answer["next_step"].as_str()),
        ("missing_parameter", Some("ask_time"))
    );
    let answer = ask(
        json!({"neues_datum": "gestern", "neue_uhrzeit": "9 Uhr"}),
        "r3",
    )
    .await;
    assert_eq!(code(&answer), "ambiguous_date");
    let answer = ask(
        json!({"neues_datum": "2025-10-16", "neue_uhrzeit": "22 Uhr"}),
        "r4",
    )
    .await;
    assert_eq!(code(&answer), "outside_opening_hours");
    world.desk.block("2025-10-16T07:00:00Z");
    let taken = ask(
        json!({"neues_datum": "2025-10-16", "neue_uhrzeit": "9 Uhr"}),
        "r5",
    )
    .await;
    assert_eq!(
        (code(&taken), taken["option_count"].as_u64()),
        ("slot_taken", Some(3))
    );
    let moved = ask(json!({"option": taken["option_1"]}), "r6").await;
    assert_eq!(code(&moved), "rescheduled");
    assert_eq!(moved["data"]["starts_at"], taken["option_1_start"]);
    let day = "am Donnerstag, dem sechzehnten Oktober,";
    let said = moved["say"].as_str().unwrap_or_default();
    assert!(said.contains(day), "{said}");
    assert_eq!(world.desk.commands(), 2);
}
