//! `check_availability`: words to moments, and what is asked back.

use serde_json::{Value, json};

use crate::testing::{Call, World, code, starts};

const CALL: Call = Call::new("call_1", "tool_1");

async fn check(world: &World, args: Value) -> Value {
    world.ask("check_availability", args, &CALL).await
}

#[tokio::test]
async fn a_free_time_is_offered_and_a_taken_one_is_not() {
    let world = World::new();
    let args = json!({"dienstleistung": "Beratung", "datum": "13.10.", "uhrzeit": "halb neun"});
    let answer = check(
        &world,
        json!({"service": "Beratung", "date": "13.10.2025", "time": "8 Uhr"}),
    )
    .await;
    assert_eq!(code(&answer), "available");
    assert_eq!(starts(&answer), ["2025-10-13T08:00"]);
    let requested = &answer["data"]["requested"];
    assert_eq!(requested["start"], answer["option_1_start"]);
    assert_eq!(requested["available"], true);
    assert_eq!(answer["option_1_say"], "Montag, acht Uhr");
    assert_eq!(answer["next_step"], "ask_confirmation");
    assert_eq!(
        answer["say"],
        "Am Montag, dem dreizehnten Oktober, ist um acht Uhr frei. Soll ich den Termin für Sie buchen?"
    );
    // Half past eight is no slot of this calendar.
    let answer = check(&world, args).await;
    assert_eq!(code(&answer), "alternatives");
    assert_eq!(answer["success"], true);
    assert_eq!(
        answer["data"]["requested"]["start"],
        "2025-10-13T08:30:00+02:00"
    );
    assert_eq!(answer["data"]["requested"]["available"], false);
    assert_eq!(
        starts(&answer),
        ["2025-10-13T08:00", "2025-10-13T09:00", "2025-10-14T08:00"]
    );
    world.desk.block("2025-10-13T06:00:00Z");
    let answer = check(
        &world,
        json!({"service": "Beratung", "date": "2025-10-13", "time": "08:00"}),
    )
    .await;
    assert_eq!(code(&answer), "alternatives");
    assert_eq!(starts(&answer)[0], "2025-10-13T09:00");
    assert!(
        answer["message"].as_str().is_some_and(|it| it
            .starts_with("Um 08:00 ist leider schon belegt. Frei ist noch am Mo 13.10. um 09:00")),
        "{answer}"
    );
}

/// Red when a time at which no slot begins is said to be taken although nobody has it, or one is not
/// that somebody has.
#[tokio::test]
async fn a_time_that_is_not_offered_is_not_said_to_be_taken() {
    let world = World::new();
    let tells = async |function: &str, lang: &str, beginning: &str| {
        let wish =
            json!({"service": "Beratung", "date": "2025-10-13", "time": "08:30", "language": lang});
        let answer = world.ask(function, wish, &CALL).await;
        assert_eq!(code(&answer), "alternatives");
        let say = answer["say"].as_str().expect("a sentence");
        assert!(say.starts_with(beginning), "{function}: {say}");
        assert_eq!(answer["data"]["requested"]["available"], false);
    };
    for function in ["check_availability", "get_alternatives"] {
        let german =
            "Um acht Uhr dreißig bietet der Kalender keinen Termin an. Frei ist noch am Montag";
        tells(function, "de", german).await;
        let english =
            "The calendar offers nothing at eight thirty in the morning. There is room on";
        tells(function, "en", english).await;
    }
    world.desk.block("2025-10-13T06:30:00Z");
    for function in ["check_availability", "get_alternatives"] {
        tells(
            function,
            "de",
            "Um acht Uhr dreißig ist leider schon belegt.",
        )
        .await;
    }
}

#[tokio::test]
async fn words_for_day_and_time_come_to_the_right_moment() {
    let world = World::new();
    for (date, time, start) in [
        ("morgen", "halb drei", "2025-10-11T14:30:00+02:00"),
        (
            "nächsten Dienstag",
            "Viertel nach acht",
            "2025-10-14T08:15:00+02:00",
        ),
        ("Montag", "drei viertel neun", "2025-10-13T08:45:00+02:00"),
        ("in zwei Wochen", "um drei", "2025-10-24T15:00:00+02:00"),
        ("Montag", "drei Uhr", "2025-10-13T15:00:00+02:00"),
        ("next Tuesday", "3:30 pm", "2025-10-14T15:30:00+02:00"),
        (
            "13. Oktober",
            "nachmittags um vier",
            "2025-10-13T16:00:00+02:00",
        ),
        ("2025-10-27T09:00:00+01:00", "", "2025-10-27T09:00:00+01:00"),
        (
            "nächsten Dienstag um neun",
            "null",
            "2025-10-14T09:00:00+02:00",
        ),
        ("undefined", "morgen um neun", "2025-10-11T09:00:00+02:00"),
        // Today is Friday: at eight it is over, so the next one is meant.
        ("Freitag", "8 Uhr", "2025-10-17T08:00:00+02:00"),
    ] {
        let answer = check(
            &world,
            json!({"service": "beratung", "date": date, "time": time}),
        )
        .await;
        assert_eq!(
            answer["data"]["requested"]["start"], start,
            "{date} {time} {answer}"
        );
    }
}

/// Turns red when an option outside the wished part of the day is offered.
#[tokio::test]
async fn options_lie_inside_the_day_and_its_part() {
    let world = World::new();
    for (args, first, last) in [
        (json!({"datum": "2025-10-13"}), "08:00", "17:00"),
        (
            json!({"datum": "2025-10-13", "uhrzeit": "vormittags"}),
            "08:00",
            "11:00",
        ),
        (
            json!({"datum": "2025-10-13", "uhrzeit": "morgens"}),
            "08:00",
            "11:00",
        ),
        (
            json!({"datum": "2025-10-13", "uhrzeit": "mittags"}),
            "11:00",
            "13:00",
        ),
        (
            json!({"datum": "2025-10-13", "zeitraum": "nachmittag"}),
            "12:00",
            "17:00",
        ),
        (json!({"datum": "Montag nach 16 Uhr"}), "16:00", "17:00"),
        (
            json!({"date": "Monday", "time": "between two and four"}),
            "14:00",
            "15:00",
        ),
    ] {
        let mut args = args;
        args["service"] = json!("Beratung");
        let answer = check(&world, args.clone()).await;
        assert_eq!(
            (code(&answer), answer["success"].as_bool()),
            ("available", Some(true)),
            "{args}"
        );
        let times: Vec<_> = starts(&answer)
            .iter()
            .map(|it| it[11..].to_owned())
            .collect();
        assert!(
            starts(&answer)
                .iter()
                .all(|it| it.starts_with("2025-10-13")),
            "{args}"
        );
        assert_eq!(
            (times[0].as_str(), times[times.len() - 1].as_str()),
            (first, last),
            "{args}"
        );
    }
}

#[tokio::test]
async fn an_evening_a_sunday_and_a_week() {
    let world = World::new();
    let answer = check(
        &world,
        json!({"service": "Beratung", "date": "2025-10-13", "time": "abends"}),
    )
    .await;
    // From five to six there is one slot, and it ends when the office closes.
    assert_eq!(starts(&answer), ["2025-10-13T17:00"]);
    let answer = check(&world, json!({"service": "Beratung", "date": "2025-10-12"})).await;
    assert_eq!(
        (code(&answer), answer["option_count"].as_u64()),
        ("unavailable", Some(0))
    );
    assert_eq!(answer["next_step"], "ask_date");
    // Nobody works on Sundays: it is not that others were quicker. (Red when it is said to be.)
    assert_eq!(
        answer["say"],
        "Am Sonntag, dem zwölften Oktober, haben wir nicht geöffnet. Welcher andere Tag passt Ihnen?"
    );
    let week = check(
        &world,
        json!({"service": "Beratung", "date": "nächste Woche", "time": "vormittags"}),
    )
    .await;
    assert_eq!(
        starts(&week),
        ["2025-10-13T08:00", "2025-10-14T08:00", "2025-10-15T08:00"]
    );
}

fn unclear() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (json!({"date": "None"}), "missing_parameter", "ask_date"),
        (json!({"date": "{{date}}"}), "missing_parameter", "ask_date"),
        (json!({"date": "2025-10-09"}), "ambiguous_date", "ask_date"),
        (json!({"date": "gestern"}), "ambiguous_date", "ask_date"),
        (json!({"date": "2023-06-13"}), "ambiguous_date", "ask_date"),
        (json!({"date": "30.2."}), "invalid_parameter", "ask_date"),
        (
            json!({"date": "2025-02-30"}),
            "invalid_parameter",
            "ask_date",
        ),
        (
            json!({"date": "irgendwann"}),
            "invalid_parameter",
            "ask_date",
        ),
        (
            json!({"date": "Freitag", "time": "15 Uhr"}),
            "ambiguous_date",
            "ask_date",
        ),
        (
            json!({"date": "Montag oder Dienstag"}),
            "ambiguous_date",
            "ask_date",
        ),
        (
            json!({"date": "Dienstag, 13.10.2025"}),
            "ambiguous_date",
            "ask_date",
        ),
        (json!({"date": "heute"}), "ambiguous_date", "ask_time"),
        (json!({"time": "25:00"}), "invalid_parameter", "ask_time"),
        (
            json!({"date": "2026-03-29", "time": "02:30"}),
            "invalid_parameter",
            "ask_time",
        ),
        (
            json!({"date": "2025-10-26", "time": "02:30"}),
            "ambiguous_date",
            "ask_time",
        ),
        (
            json!({"service": "Zahnreinigung"}),
            "invalid_parameter",
            "ask_service",
        ),
        (json!({"service": ""}), "missing_parameter", "ask_service"),
        (
            json!({"staff": "Frau Unbekannt"}),
            "invalid_parameter",
            "ask_staff",
        ),
        (json!({"option": "o1_00"}), "invalid_parameter", "ask_date"),
        // Two of the names are in it.
        (
            json!({"service": "Beratung oder Kurztermin"}),
            "missing_parameter",
            "ask_service",
        ),
        (
            json!({"staff": "Anna oder Ben"}),
            "missing_parameter",
            "ask_staff",
        ),
    ]
}

#[tokio::test]
async fn what_is_not_clear_is_asked_back_and_never_booked() {
    let world = World::new();
    let with = |extra: Value| {
        let mut args =
            json!({"service": "Beratung", "date": "2025-10-13", "time": "08:00", "name": "Jörg"});
        for (key, value) in extra.as_object().expect("an object") {
            args[key] = value.clone();
        }
        args
    };
    for (extra, expected, next) in unclear() {
        for function in ["check_availability", "get_alternatives", "book_appointment"] {
            let answer = world.ask(function, with(extra.clone()), &CALL).await;
            assert_eq!(code(&answer), expected, "{function} {extra} {answer}");
            assert_eq!(answer["next_step"], next, "{function} {extra}");
            assert_eq!(answer["success"], false);
        }
    }
    assert_eq!(world.desk.made(), 0);
}

/// Red when all services are offered where two fit.
#[tokio::test]
async fn where_two_fit_only_these_are_asked_about() {
    let world = World::new();
    let args =
        json!({"service": "Beratung oder Kurztermin", "date": "2025-10-13", "time": "8 Uhr"});
    let answer = check(&world, args).await;
    assert_eq!(answer["say"], "Meinen Sie Beratung oder Kurztermin?");
    assert_eq!(
        answer["data"]["services"],
        json!(["Beratung", "Kurztermin"])
    );
    let args = json!({"service": "Kurztermine", "date": "2025-10-13", "time": "8 Uhr"});
    assert_eq!(check(&world, args).await["data"]["service_id"], 2);
}

#[tokio::test]
async fn time_and_part_of_the_day_may_come_apart() {
    let world = World::new();
    for (time, period, start) in [
        ("drei Uhr", "nachmittags", "15:00"),
        ("halb drei", "am Nachmittag", "14:30"),
        ("eight", "in the evening", "20:00"),
        ("9 Uhr", "nachmittags", "09:00"),
        ("None", "vormittags", "06:00"),
    ] {
        let args =
            json!({"service": "Beratung", "date": "2025-10-13", "time": time, "zeitraum": period});
        let requested = check(&world, args).await["data"]["requested"]["start"].clone();
        assert_eq!(
            requested,
            format!("2025-10-13T{start}:00+02:00"),
            "{time} {period}"
        );
    }
}

#[tokio::test]
async fn closed_is_said_as_closed() {
    let world = World::new();
    for (date, time) in [
        ("2025-10-13", "7 Uhr"),
        ("2025-10-13", "20 Uhr"),
        ("Sonntag", "10 Uhr"),
        ("2025-10-13", "17:30"),
    ] {
        let answer = check(
            &world,
            json!({"service": "Beratung", "date": date, "time": time}),
        )
        .await;
        assert_eq!(code(&answer), "outside_opening_hours", "{date} {time}");
        assert_eq!(answer["option_count"], 3);
        assert_eq!(answer["next_step"], "ask_choice");
    }
}

#[tokio::test]
async fn services_and_people_are_found_by_many_names() {
    let world = World::new();
    for (service, id) in [
        (json!("Beratung"), 1),
        (json!("BERATUNG "), 1),
        (json!("eine Beratung bitte"), 1),
        (json!("alias kurztermin"), 2),
        (json!("2"), 2),
        (json!(2), 2),
        (json!("2563193"), 3),
    ] {
        let answer = check(
            &world,
            json!({"service": service, "date": "2025-10-13", "time": "8 Uhr"}),
        )
        .await;
        assert_eq!(answer["data"]["service_id"], id, "{service}");
    }
    for staff in ["Anna Berg", "anna", "bei Frau Berg", "1", "egal", "None"] {
        let args = json!({"service": "Beratung", "date": "2025-10-13", "time": "8 Uhr", "mitarbeiter": staff});
        assert_eq!(code(&check(&world, args).await), "available", "{staff}");
    }
}
