//! `get_alternatives`: what is near, what was refused, and a calendar that does not answer.

use serde_json::json;

use crate::testing::{Calendar, Call, World, code, starts};

const CALL: Call = Call::new("call_1", "tool_1");

#[tokio::test]
async fn alternatives_are_near_and_in_the_wished_part_of_the_day() {
    let world = World::new();
    world.desk.block("2025-10-13T08:00:00Z");
    let near = json!({"service": "Beratung", "date": "2025-10-13", "time": "10:00"});
    let answer = world.ask("get_alternatives", near.clone(), &CALL).await;
    assert_eq!(code(&answer), "alternatives");
    assert_eq!(
        starts(&answer),
        ["2025-10-13T09:00", "2025-10-13T11:00", "2025-10-14T10:00"]
    );
    let mut few = near.clone();
    few["max_alternatives"] = json!(1);
    assert_eq!(
        starts(&world.ask("get_alternatives", few, &CALL).await).len(),
        1
    );
    let mut later = near;
    later["zeitraum"] = json!("nachmittags");
    let answer = world.ask("get_alternatives", later, &CALL).await;
    assert_eq!(
        starts(&answer),
        ["2025-10-13T12:00", "2025-10-13T13:00", "2025-10-13T14:00"]
    );
    let sunday = json!({"service": "Beratung", "date": "2025-10-12"});
    let answer = world.ask("get_alternatives", sunday, &CALL).await;
    assert_eq!(code(&answer), "alternatives");
    assert!(starts(&answer)[0].starts_with("2025-10-13"), "{answer}");
}

/// Red when a refused option comes back, or a handle of another call counts.
#[tokio::test]
async fn a_refused_option_is_not_offered_again() {
    let world = World::new();
    let args = json!({"service": "Beratung", "date": "2025-10-13", "time": "10:00"});
    let first = world.ask("get_alternatives", args.clone(), &CALL).await;
    let offered = starts(&first);
    for rejected in [
        json!([first["option_1"], first["option_3"]]),
        json!(format!(
            "{}, {}",
            first["option_1"].as_str().expect("a handle"),
            first["option_3"].as_str().expect("a handle")
        )),
    ] {
        let mut args = args.clone();
        args["rejected"] = rejected;
        let second = starts(&world.ask("get_alternatives", args.clone(), &CALL).await);
        assert_eq!(second.len(), 3);
        assert!(
            !second.contains(&offered[0]) && !second.contains(&offered[2]),
            "{second:?}"
        );
        let elsewhere = Call::new("call_9", "tool_9");
        let other = starts(&world.ask("get_alternatives", args, &elsewhere).await);
        assert_eq!(
            other, offered,
            "handles of one call mean nothing in another"
        );
    }
    let day = json!({"service": "Beratung", "date": "2025-10-13", "rejected": first["option_1"]});
    let day = starts(&world.ask("get_alternatives", day, &CALL).await);
    assert!(!day.contains(&offered[0]), "{day:?}");
}

/// Turns red when the read waits for the calendar without an end.
#[tokio::test(start_paused = true)]
async fn a_calendar_that_does_not_answer_is_an_honest_sentence() {
    for calendar in [Calendar::Down, Calendar::Silent] {
        let world = World::new();
        world.desk.set_calendar(calendar);
        for (function, args) in [
            (
                "check_availability",
                json!({"service": "Beratung", "date": "2025-10-13", "time": "8 Uhr"}),
            ),
            (
                "check_availability",
                json!({"service": "Beratung", "date": "2025-10-13"}),
            ),
            (
                "get_alternatives",
                json!({"service": "Beratung", "date": "2025-10-13", "time": "8 Uhr"}),
            ),
        ] {
            let before = tokio::time::Instant::now();
            let answer = world.ask(function, args, &CALL).await;
            assert_eq!(code(&answer), "calendar_unavailable");
            assert!(before.elapsed().as_millis() <= 1_300);
        }
    }
}

/// Red when the look at other days has a patience of its own, or takes the near ones with it.
#[tokio::test(start_paused = true)]
async fn without_other_days_the_near_ones_are_offered() {
    let world = World::new();
    world.desk.set_calendar(Calendar::Once);
    let args = json!({"service": "Beratung", "date": "2025-10-13", "time": "10:00"});
    let before = tokio::time::Instant::now();
    let answer = world.ask("get_alternatives", args, &CALL).await;
    assert!(before.elapsed().as_millis() <= 1_300);
    assert_eq!(
        starts(&answer),
        ["2025-10-13T09:00", "2025-10-13T11:00", "2025-10-13T08:00"]
    );
}

/// Red when each look into the calendar has a patience of its own: two of them are two seconds.
#[tokio::test(start_paused = true)]
async fn all_looks_of_an_invocation_share_their_patience() {
    let world = World::new();
    world.desk.set_calendar(Calendar::Slow);
    // Nothing is free on a Sunday, so the days around it are looked at next.
    let args = json!({"service": "Beratung", "date": "2025-10-12"});
    let before = tokio::time::Instant::now();
    let answer = world.ask("get_alternatives", args, &CALL).await;
    assert!(
        before.elapsed().as_millis() <= 1_300,
        "{:?}",
        before.elapsed()
    );
    assert_eq!(code(&answer), "calendar_unavailable");
    assert_eq!(answer["next_step"], "try_again");
}

/// Red when the next free time is looked for from another day or hour on, or further than told.
#[tokio::test]
async fn the_next_free_one_is_looked_for_from_a_day_on() {
    let world = World::new();
    for (function, args, first) in [
        ("find_next_available", json!({}), Some("2025-10-10T11:00")),
        (
            "find_next_available_v3",
            json!({"after": "heute"}),
            Some("2025-10-10T11:00"),
        ),
        (
            "find_next_available",
            json!({"after": "2025-10-14"}),
            Some("2025-10-14T08:00"),
        ),
        (
            "find_next_available",
            json!({"after": "next Tuesday", "time": "afternoon"}),
            Some("2025-10-14T12:00"),
        ),
        (
            "find_next_available",
            json!({"after": "2025-10-14 10:30"}),
            Some("2025-10-14T11:00"),
        ),
        (
            "find_next_available",
            json!({"after": "gestern", "search_days": "3"}),
            Some("2025-10-10T11:00"),
        ),
        (
            "get_alternatives",
            json!({"search_days": 1}),
            Some("2025-10-10T11:00"),
        ),
        ("find_next_available", json!({"after": "irgendwann"}), None),
        ("get_alternatives", json!({}), None),
    ] {
        let mut args = args;
        args["service"] = json!("Beratung");
        let answer = world.ask(function, args.clone(), &CALL).await;
        let found = answer["option_1_start"].as_str().map(|it| &it[..16]);
        assert_eq!(found, first, "{function} {args} {answer}");
        let expected = if first.is_some() {
            "alternatives"
        } else {
            code(&answer)
        };
        assert_eq!(code(&answer), expected);
        assert_eq!(answer["success"], first.is_some());
    }
}

/// Red when an option is given that the sentence had no room for: "the second one" would be something
/// that nobody has heard.
#[tokio::test]
async fn what_can_be_chosen_was_heard() {
    let world = World::new();
    let mut counts = Vec::new();
    for (date, language) in [
        ("2025-10-13", "en"),
        ("2025-10-13", "de"),
        ("next week", "en"),
        ("in January", "en"),
        ("im Januar", "de"),
    ] {
        let args = json!({"service": "Beratung", "date": date, "language": language});
        let answer = world.ask("check_availability", args, &CALL).await;
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        let count = answer["option_count"].as_u64().expect("a count");
        for n in 1..=count {
            let start = text(&format!("option_{n}_start"));
            assert!(text("message").contains(&start[11..16]), "{n}: {answer}");
        }
        let message = text("message");
        let is_time = |it: &&str| it.len() >= 5 && it.as_bytes()[2] == b':';
        let told = message.split(' ').filter(is_time).count();
        assert_eq!(told as u64, count, "{answer}");
        counts.push(count);
    }
    assert!(
        counts.contains(&3) && counts.iter().any(|it| *it < 3),
        "{counts:?}"
    );
}

/// Red when a moment with its offset is asked back because its wall-clock time comes twice that night.
#[tokio::test]
async fn a_moment_is_clear_also_in_the_doubled_hour() {
    let world = World::new();
    for date in ["2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00"] {
        let args = json!({"service": "Beratung", "date": date});
        let answer = world.ask("check_availability", args, &CALL).await;
        assert_eq!(code(&answer), "outside_opening_hours");
        assert_eq!(answer["data"]["requested"]["start"], date);
    }
}
