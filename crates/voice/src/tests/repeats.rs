//! The same again: sent twice by the platform, said twice by the model, in this call and in another.

use serde_json::{Value, json};

use super::own::{booked, call};
use crate::testing::{CALLER, Call, World, code};

/// A call of which no invocation's id is told.
const UNNUMBERED: Call = Call {
    tool: None,
    ..Call::new("call_1", "")
};

/// The same question, as bytes that differ.
fn written(function: &str, args: &Value) -> [String; 4] {
    let call = json!({"call_id": "call_1", "from_number": CALLER}).to_string();
    let fields: Vec<_> = args.as_object().expect("an object").iter().collect();
    let ordered = |fields: &[(&String, &Value)], gap: &str| {
        let fields: Vec<_> = fields
            .iter()
            .map(|(key, value)| format!("{gap}\"{key}\"{gap}:{gap}{value}"))
            .collect();
        format!("{{{}{gap}}}", fields.join(","))
    };
    let mut backwards = fields.clone();
    backwards.reverse();
    [
        format!(
            r#"{{"name":"{function}","args":{},"call":{call}}}"#,
            ordered(&fields, "")
        ),
        format!(
            r#"{{"call":{call},"args":{},"name":"{function}"}}"#,
            ordered(&backwards, "")
        ),
        format!(
            "{{ \"name\" : \"{function}\",\n \"args\" : {},\r\n\t\"call\":{call}}}\n",
            ordered(&fields, " \n ")
        ),
        format!(
            r#"{{"function_name":"{function}","parameters":{},"call":{call}}}"#,
            ordered(&backwards, "  ")
        ),
    ]
}

/// Red when without an invocation's id the order of the keys, a blank or the form of the body makes
/// another wish of it.
#[tokio::test]
async fn without_an_id_the_same_arguments_are_the_same_invocation() {
    for (function, args, expected) in [
        (
            "book_appointment",
            json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr", "name": "Jörg Müßig"}),
            "booked",
        ),
        (
            "reschedule_appointment",
            json!({"date": "2025-10-13", "new_date": "2025-10-16", "new_time": "11:00"}),
            "rescheduled",
        ),
        (
            "cancel_appointment",
            json!({"date": "2025-10-13", "reason": "krank"}),
            "cancelled",
        ),
        ("cancel_appointment", json!({"confirm": true}), "cancelled"),
        ("query_appointment", json!({"date": "2025-10-13"}), "found"),
        (
            "check_availability",
            json!({"service": "Beratung", "date": "2025-10-15"}),
            "available",
        ),
        (
            "get_alternatives",
            json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr"}),
            "alternatives",
        ),
    ] {
        let world = World::new();
        booked(&world, "2025-10-13", "08:00").await;
        let mut first = None;
        for body in written(function, &args)
            .iter()
            .chain(&written(function, &args))
        {
            let answer = world.signed("function-call/15", body).await;
            assert_eq!(code(&answer), expected, "{body}");
            assert_eq!(
                *first.get_or_insert_with(|| answer.clone()),
                answer,
                "{body}"
            );
        }
        let reads = ["found", "available", "alternatives"].contains(&expected);
        assert_eq!(
            world.desk.commands(),
            if reads { 1 } else { 2 },
            "{function}"
        );
    }
}

/// Red when what was meant is another wish for being said another way, with an id or without.
#[tokio::test]
async fn the_same_wish_in_other_words_is_one_booking() {
    let world = World::new();
    let first =
        json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr", "name": "Jörg Müßig"});
    let first = world.ask("book_appointment", first, &UNNUMBERED).await;
    assert_eq!(code(&first), "booked");
    let offer = json!({"service": "Beratung", "date": "2025-10-15", "time": "08:00"});
    let offer = world.ask("get_alternatives", offer, &UNNUMBERED).await;
    assert_ne!(
        offer["option_1_start"], first["data"]["starts_at"],
        "it is taken"
    );
    for args in [
        json!({"dienstleistung": "eine Beratung bitte", "datum": "15.10.2025", "uhrzeit": "09:00", "name": "Jörg Müßig"}),
        json!({"service_id": 1, "datetime": "2025-10-15T09:00:00+02:00", "name": "Herr Müßig"}),
        json!({"service": "Beratung", "date": "Wednesday", "time": "nine am", "name": "Joerg Muessig", "notes": "zum zweiten Mal"}),
        json!({"service": "Beratung", "date": "Mittwoch", "time": "neun Uhr", "name": "Jörg Müßig", "email": "joerg@mail.example"}),
        json!({"service": "Beratung", "date": "Mittwoch", "time": "neun Uhr", "name": "Jörg Müßig", "phone": "030 1234567"}),
        json!({"service": "Beratung", "date": "Mittwoch", "time": "neun Uhr", "name": "Jörg Müßig", "confirm": true}),
    ] {
        for invocation in [UNNUMBERED, call("new"), call("newer")] {
            let again = world
                .ask("book_appointment", args.clone(), &invocation)
                .await;
            assert_eq!(
                (code(&again), &again["data"]["id"]),
                ("booked", &first["data"]["id"]),
                "{args} {again}"
            );
        }
    }
    assert_eq!(world.desk.made(), 1);
}

/// Red when what differs in one thing is taken for the same, or when another call hears of this
/// one's booking.
#[tokio::test]
async fn another_wish_is_another_booking_and_another_call_finds_it_taken() {
    let world = World::new();
    let wish = |field: &str, value: Value| {
        let mut wish = json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr", "name": "Jörg Müßig"});
        wish[field] = value;
        wish
    };
    let first = world
        .ask("book_appointment", wish("notes", json!(null)), &UNNUMBERED)
        .await;
    assert_eq!(code(&first), "booked");
    for (field, value) in [
        ("date", "2025-10-16"),
        ("time", "10 Uhr"),
        ("time", "15 Uhr"),
    ] {
        let other = world
            .ask("book_appointment", wish(field, json!(value)), &UNNUMBERED)
            .await;
        assert_eq!(code(&other), "booked", "{field}");
        assert_ne!(other["data"]["id"], first["data"]["id"], "{field}");
    }
    assert_eq!(world.desk.made(), 4);
    let elsewhere = Call::new("call_10", "t");
    let longer = Call {
        tool: None,
        ..elsewhere
    };
    let stranger = Call {
        from: "+491713920099",
        ..call("t")
    };
    for (args, invocation) in [
        (wish("notes", json!(null)), elsewhere),
        (wish("notes", json!(null)), longer),
        (wish("notes", json!(null)), stranger),
        (wish("name", json!("Ida Müßig")), call("t")),
        (wish("service", json!("Kurztermin")), call("t")),
    ] {
        let taken = world
            .ask("book_appointment", args.clone(), &invocation)
            .await;
        assert_eq!(
            (code(&taken), &taken["option_count"]),
            ("slot_taken", &json!(3)),
            "{args}"
        );
        assert!(
            !taken
                .to_string()
                .contains(first["data"]["id"].as_str().expect("an id"))
        );
    }
    assert_eq!(world.desk.made(), 4);
}

/// Red when another call whose id begins alike counts as this one. Mutation: `starts_with` on the
/// bare id.
#[tokio::test]
async fn calls_are_told_apart_to_the_end_of_their_ids() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let other = Call::new("call_10", "c");
    let yes = || json!({"confirm": true});
    assert_eq!(
        code(&world.ask("cancel_appointment", yes(), &other).await),
        "cancelled"
    );
    let here = world.ask("cancel_appointment", yes(), &UNNUMBERED).await;
    assert_eq!(code(&here), "not_found", "{here}");
    let again = Call {
        tool: None,
        ..other
    };
    assert_eq!(
        code(&world.ask("cancel_appointment", yes(), &again).await),
        "cancelled"
    );
}

/// Red when a move that is sent again late undoes a later one, or a wish that is spoken anew is
/// taken for a repeat. Mutation: no key for moves.
#[tokio::test]
async fn a_late_repeat_of_a_move_undoes_no_later_one() {
    let world = World::new();
    booked(&world, "2025-10-13", "08:00").await;
    let to = |date: &str, tool| {
        let (world, date) = (&world, date.to_owned());
        let args = json!({"new_date": date, "new_time": "10:00"});
        async move { world.ask("reschedule_appointment", args, &call(tool)).await }
    };
    let (thursday, friday) = ("2025-10-16T10:00:00+02:00", "2025-10-17T10:00:00+02:00");
    assert_eq!(to("2025-10-16", "m1").await["data"]["starts_at"], thursday);
    assert_eq!(to("2025-10-17", "m2").await["data"]["starts_at"], friday);
    let late = to("2025-10-16", "m1").await;
    assert_eq!(
        (code(&late), &late["data"]["starts_at"]),
        ("rescheduled", &json!(friday))
    );
    assert_eq!(
        late["message"],
        "Ihr Termin ist verschoben. Er ist jetzt am Fr 17.10. um 10:00."
    );
    assert_eq!(world.desk.commands(), 3);
    let back = to("2025-10-16", "m3").await;
    assert_eq!(
        (code(&back), &back["data"]["starts_at"]),
        ("rescheduled", &json!(thursday))
    );
    assert_eq!(world.desk.commands(), 4);
}

/// Red when a refusal goes for the rest of the call, or when the invocation that was refused is
/// carried out when it is sent again.
#[tokio::test]
async fn a_refusal_is_of_its_invocation() {
    let world = World::new();
    let wish =
        json!({"service": "Beratung", "date": "2025-10-15", "time": "9 Uhr", "name": "Jörg Müßig"});
    let theirs = Call {
        from: "+491713920099",
        ..Call::new("call_2", "other_1")
    };
    let mut other = wish.clone();
    other["name"] = json!("Anna Berg");
    let other = world.ask("book_appointment", other, &theirs).await;
    assert_eq!(code(&other), "booked");
    for tool in ["tool_1", "tool_2"] {
        let taken = world
            .ask("book_appointment", wish.clone(), &call(tool))
            .await;
        assert_eq!(code(&taken), "slot_taken", "{tool}");
    }
    let theirs = Call::new("call_2", "other_2");
    let off = json!({"confirm": true});
    let theirs = Call {
        from: "+491713920099",
        ..theirs
    };
    let off = world.ask("cancel_appointment", off, &theirs).await;
    assert_eq!(code(&off), "cancelled");
    let ours = world
        .ask("book_appointment", wish.clone(), &call("tool_3"))
        .await;
    assert_eq!(code(&ours), "booked");
    for (tool, expected) in [
        ("tool_1", "slot_taken"),
        ("tool_2", "slot_taken"),
        ("tool_3", "booked"),
    ] {
        let again = world
            .ask("book_appointment", wish.clone(), &call(tool))
            .await;
        assert_eq!(code(&again), expected, "{tool}");
    }
    let same = world.ask("book_appointment", wish, &call("tool_4")).await;
    assert_eq!(same["data"]["id"], ours["data"]["id"]);
}
