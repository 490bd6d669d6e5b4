//! "I'll take the second one": options by handle and by words, and slots that are lost in between.

use serde_json::{Value, json};

use crate::testing::{CALLER, Call, World, code};

/// The call as Retell tells it, with what the functions have answered so far.
fn body(function: &str, args: &Value, answers: &[&Value]) -> Value {
    let mut told = vec![json!({"role": "user", "content": "Guten Tag"})];
    for (at, answer) in answers.iter().enumerate() {
        let id = format!("tool_{at}");
        told.push(json!({"role": "tool_call_invocation", "tool_call_id": id, "name": "x", "arguments": "{}"}));
        told.push(json!({"role": "tool_call_result", "tool_call_id": id, "successful": true, "content": answer.to_string()}));
    }
    told.push(json!({"role": "tool_call_result", "tool_call_id": "odd", "content": "Axios Error"}));
    told.push(json!({"role": "tool_call_invocation", "tool_call_id": "last", "name": function, "arguments": args.to_string()}));
    json!({"name": function, "args": args, "call": {"call_id": "call_1", "from_number": CALLER,
        "transcript_with_tool_calls": told}})
}

async fn ask(world: &World, function: &str, args: Value, answers: &[&Value]) -> Value {
    let body = body(function, &args, answers);
    world.signed("function-call/15", &body.to_string()).await
}

async fn offer(world: &World, date: &str) -> Value {
    let wish = json!({"service": "Beratung", "date": date});
    let offer = ask(world, "check_availability", wish, &[]).await;
    assert_eq!(offer["option_count"], 3, "{offer}");
    offer
}

/// Red when what people say, or models write, for an option is refused, or is another one. Mutation:
/// the offers not read from the transcript; `rev` left out.
#[tokio::test]
async fn an_option_may_be_named_in_words() {
    for (said, number) in [
        ("option_1", 1),
        ("1", 1),
        ("die erste", 1),
        ("option_2", 2),
        ("Option 2", 2),
        ("o2", 2),
        ("zwei", 2),
        ("die zweite", 2),
        ("the second one", 2),
        ("number two", 2),
        ("der letzte Termin, bitte", 3),
        ("Montag, zwölf Uhr", 2),
    ] {
        let world = World::new();
        let (earlier, last) = (
            offer(&world, "2025-10-14").await,
            offer(&world, "2025-10-13").await,
        );
        let unclear = ask(
            &world,
            "book_appointment",
            json!({"option": last["option_1"]}),
            &[],
        )
        .await;
        assert_eq!(code(&unclear), "missing_parameter");
        let take = json!({"option": said, "name": "Jörg Müßig"});
        let booked = ask(
            &world,
            "book_appointment",
            take,
            &[&earlier, &last, &unclear],
        )
        .await;
        assert_eq!(code(&booked), "booked", "{said} {booked}");
        let start = &last[format!("option_{number}_start")];
        assert_eq!(&booked["data"]["starts_at"], start, "{said}");
    }
    let world = World::new();
    let last = offer(&world, "2025-10-13").await;
    let number = json!({"option": 2, "name": "Jörg Müßig"});
    let booked = ask(&world, "book_appointment", number, &[&last]).await;
    assert_eq!(booked["data"]["starts_at"], last["option_2_start"]);
}

/// Red when an option that nobody was offered is booked, whatever else was said.
#[tokio::test]
async fn what_was_not_offered_is_refused() {
    let world = World::new();
    let last = offer(&world, "2025-10-13").await;
    let handle = last["option_1"].as_str().expect("a handle");
    let forged = format!(
        "{}{}",
        &handle[..handle.len() - 1],
        if handle.ends_with('0') { '1' } else { '0' }
    );
    let renumbered = handle.replacen("o1_", "o2_", 1);
    for said in [
        "option_4",
        "4",
        "die vierte",
        "um zwei Uhr",
        "ja",
        "o1_",
        "Dienstag",
        &forged,
        &renumbered,
    ] {
        let take = json!({"option": said, "name": "Jörg", "service": "Beratung", "date": "2025-10-16", "time": "9 Uhr"});
        for function in ["book_appointment", "check_availability", "get_alternatives"] {
            let answer = ask(&world, function, take.clone(), &[&last]).await;
            assert_eq!(
                (code(&answer), &answer["next_step"]),
                ("invalid_parameter", &json!("ask_date")),
                "{said}"
            );
            assert_eq!(
                answer["say"],
                "Diese Auswahl gilt leider nicht mehr. Welchen Tag und welche Uhrzeit wünschen Sie?"
            );
        }
    }
    // Nothing was offered in this call, or by somebody else.
    let other = json!({"option_1": "o1_00", "option_1_say": "Montag", "option_1_start": "2025-10-13T08:00:00+02:00"});
    for answers in [&[][..], &[&other]] {
        let take = json!({"option": "die erste", "name": "Jörg"});
        assert_eq!(
            code(&ask(&world, "book_appointment", take, answers).await),
            "invalid_parameter"
        );
    }
    assert_eq!(world.desk.made(), 0);
}

/// Red when a handle is good for another function of the call only by its number, or words for
/// refused options are not understood.
#[tokio::test]
async fn options_in_words_serve_every_function() {
    let world = World::new();
    let last = offer(&world, "2025-10-13").await;
    let more =
        json!({"service": "Beratung", "date": "2025-10-13", "rejected": "option_1, option_3"});
    let near = ask(&world, "get_alternatives", more, &[&last]).await;
    for number in 1..=3 {
        let start = &near[format!("option_{number}_start")];
        assert!(
            ![&last["option_1_start"], &last["option_3_start"]].contains(&start),
            "{near}"
        );
    }
    let take = json!({"option": "the first one", "name": "Jörg Müßig"});
    let first = ask(&world, "book_appointment", take, &[&last]).await;
    let move_it = json!({"option": "the last one"});
    let moved = ask(&world, "reschedule_appointment", move_it, &[&last, &first]).await;
    assert_eq!(
        (code(&moved), &moved["data"]["starts_at"]),
        ("rescheduled", &last["option_3_start"])
    );
    let mine = ask(
        &world,
        "query_appointment",
        json!({}),
        &[&last, &first, &moved],
    )
    .await;
    let gone = ask(
        &world,
        "cancel_appointment",
        json!({"option": "1"}),
        &[&last, &first, &moved, &mine],
    )
    .await;
    assert_eq!(
        (code(&gone), &gone["data"]["id"]),
        ("cancelled", &first["data"]["id"])
    );
}

/// Red when a slot that was lost after it was offered ends the conversation. Mutation: `taken`
/// without options.
#[tokio::test]
async fn a_slot_lost_after_it_was_offered_comes_with_others() {
    let world = World::new();
    let last = offer(&world, "2025-10-13").await;
    world.desk.block("2025-10-13T06:00:00Z");
    for function in ["book_appointment", "check_availability", "get_alternatives"] {
        let take = json!({"option": last["option_1"], "name": "Jörg Müßig"});
        let lost = ask(&world, function, take, &[&last]).await;
        let expected = if function == "book_appointment" {
            "slot_taken"
        } else {
            "alternatives"
        };
        assert_eq!(
            (code(&lost), &lost["next_step"]),
            (expected, &json!("ask_choice")),
            "{lost}"
        );
        assert_eq!(
            (
                &lost["option_count"],
                &lost["data"]["requested"]["available"]
            ),
            (&json!(3), &json!(false))
        );
        assert_eq!(lost["data"]["requested"]["start"], last["option_1_start"]);
        assert_ne!(lost["option_1_start"], last["option_1_start"]);
        let say = lost["say"].as_str().unwrap_or_default();
        assert!(
            say.starts_with("Um acht Uhr ist leider schon belegt. Frei ist noch"),
            "{say}"
        );
        assert!(
            lost["message"]
                .as_str()
                .is_some_and(|it| it.contains("09:00")),
            "{lost}"
        );
    }
    let lost = ask(
        &world,
        "book_appointment",
        json!({"option": "die erste", "name": "Jörg Müßig"}),
        &[&last],
    )
    .await;
    let next = json!({"option": lost["option_1"], "name": "Jörg Müßig"});
    let booked = ask(&world, "book_appointment", next, &[&last, &lost]).await;
    assert_eq!(
        (code(&booked), &booked["data"]["starts_at"]),
        ("booked", &lost["option_1_start"])
    );
    // The same when a caller's own appointment is moved to it.
    world.desk.block("2025-10-14T08:00:00Z");
    let there = json!({"new_date": "2025-10-14", "new_time": "10 Uhr"});
    let lost = world
        .ask("reschedule_appointment", there, &Call::new("call_1", "m"))
        .await;
    assert_eq!(
        (code(&lost), &lost["option_count"]),
        ("slot_taken", &json!(3)),
        "{lost}"
    );
}
