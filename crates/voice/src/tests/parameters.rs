//! Every name of every argument, German and English: it does what the argument's first name does,
//! and leaving it out, or writing "nothing" under it, does not.

use serde_json::{Value, json};

use super::own::{booked, call};
use crate::functions::ALL_NAMES;
use crate::testing::{Call, World, code};

/// An argument: its names, a call of a function without it, and a value that makes a difference.
struct Row {
    names: &'static str,
    function: &'static str,
    rest: Value,
    value: Value,
    call: Call,
}

impl Row {
    fn new(names: &'static str, function: &'static str, rest: Value, value: Value) -> Self {
        Self {
            names,
            function,
            rest,
            value,
            call: call("t"),
        }
    }

    fn names(&self) -> Vec<&'static str> {
        self.names.split(' ').filter(|it| !it.is_empty()).collect()
    }

    /// What comes of it with these arguments besides, where the caller has two appointments.
    async fn answer(&self, more: &[(&str, &Value)]) -> Value {
        let world = World::new();
        if [MOVE, CANCEL].contains(&self.function) {
            booked(&world, "2025-10-13", "08:00").await;
            booked(&world, "2025-10-14", "09:00").await;
        }
        let mut args = self.rest.clone();
        for (name, value) in more {
            args[*name] = (*value).clone();
        }
        world.ask(self.function, args, &self.call).await
    }
}

/// What the caller is offered for Wednesday at nine.
async fn offered() -> Value {
    World::new().ask(NEAR, slot(), &call("t")).await
}

const CHECK: &str = "check_availability";
const NEAR: &str = "get_alternatives";
const BOOK: &str = "book_appointment";
const MOVE: &str = "reschedule_appointment";
const CANCEL: &str = "cancel_appointment";

fn slot() -> Value {
    json!({"service": "Beratung", "date": "2025-10-15", "time": "09:00"})
}

fn slot_without(name: &str) -> Value {
    let mut rest = slot();
    rest.as_object_mut().expect("an object").remove(name);
    rest
}

fn slot_named() -> Value {
    let mut rest = slot();
    rest["name"] = json!("Jörg Müßig");
    rest
}

fn rows(offer: &Value) -> Vec<Row> {
    let mut rows = rows_about_a_wish(offer);
    rows.extend(rows_about_a_person());
    rows.extend(rows_about_an_appointment());
    rows
}

fn rows_about_a_wish(offer: &Value) -> Vec<Row> {
    vec![
        Row::new(
            "date datum appointment_date date_string datetime tag day wann start starts_at when",
            CHECK,
            slot_without("date"),
            json!("2025-10-16"),
        ),
        Row::new(
            "time uhrzeit appointment_time preferred_time zeit",
            CHECK,
            slot_without("time"),
            json!("10 Uhr"),
        ),
        Row::new(
            "period zeitraum preferred_time_window time_window part_of_day tageszeit",
            CHECK,
            slot_without("time"),
            json!("nachmittags"),
        ),
        Row::new(
            "service dienstleistung service_name service_id leistung behandlung",
            CHECK,
            slot_without("service"),
            json!("Kurztermin"),
        ),
        Row::new(
            "staff mitarbeiter mitarbeiter_wunsch preferred_staff_id staff_name staff_id mitarbeiterin",
            CHECK,
            slot(),
            json!("Ben Vogt"),
        ),
        Row::new(
            "option option_id auswahl choice",
            CHECK,
            json!({}),
            offer["option_1"].clone(),
        ),
        Row::new("max_alternatives limit anzahl", NEAR, slot(), json!(1)),
        Row::new(
            "rejected rejected_options abgelehnt",
            NEAR,
            slot(),
            offer["option_1"].clone(),
        ),
        Row::new(
            "after",
            "find_next_available",
            json!({"service": "Beratung"}),
            json!("2025-10-15"),
        ),
        Row::new(
            "search_days",
            NEAR,
            json!({"service": "Beratung"}),
            json!(7),
        ),
    ]
}

fn rows_about_a_person() -> Vec<Row> {
    let anonymous = Row {
        call: Call::anonymous("call_1"),
        ..Row::new(
            "phone telefon customer_phone phone_number telefonnummer",
            BOOK,
            slot_named(),
            json!("0171 3920042"),
        )
    };
    vec![
        anonymous,
        Row::new(
            "name customer_name kundenname full_name",
            BOOK,
            slot(),
            json!("Jörg Müßig"),
        ),
        Row::new(
            "email customer_email e_mail E-Mail",
            BOOK,
            slot_named(),
            json!("joerg@mail.example"),
        ),
        Row::new(
            "notes notizen kundenpraeferenzen notiz note kundenpräferenzen",
            BOOK,
            slot_named(),
            json!("Erstbesuch"),
        ),
    ]
}

fn rows_about_an_appointment() -> Vec<Row> {
    vec![
        Row::new(
            "new_date neues_datum new_datum new_start",
            MOVE,
            json!({"date": "2025-10-13", "new_time": "10:00"}),
            json!("2025-10-16"),
        ),
        Row::new(
            "new_time neue_uhrzeit new_uhrzeit",
            MOVE,
            json!({"date": "2025-10-13", "new_date": "2025-10-16"}),
            json!("10:00"),
        ),
        Row::new(
            "old_date altes_datum current_date old_datum",
            MOVE,
            json!({"new_date": "2025-10-16", "new_time": "10:00"}),
            json!("2025-10-14"),
        ),
        Row::new(
            "old_time alte_uhrzeit current_time",
            MOVE,
            json!({"new_date": "2025-10-16", "new_time": "10:00"}),
            json!("09:00"),
        ),
        Row::new(
            "reason grund",
            CANCEL,
            json!({"date": "2025-10-13"}),
            json!("krank"),
        ),
        Row::new(
            "language sprache lang locale",
            "query_appointment",
            json!({}),
            json!("en"),
        ),
        Row::new(
            "confirm bestaetigung bestaetigt bestätigung bestätigt confirmed confirm_reschedule",
            CANCEL,
            json!({"date": "2025-10-13"}),
            json!(false),
        ),
    ]
}

/// `new_date` as models and people spell it elsewhere.
fn spelled(name: &str) -> [String; 4] {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let camel = words.fold(first, |text, word| text + &capital(word));
    [
        camel,
        name.to_uppercase(),
        name.replace('_', "-"),
        name.replace('_', " "),
    ]
}

/// Red when a name is no longer known, or is known and has no row here. Mutations: `wann`,
/// `preferred_time_window`, `kundenpraeferenzen` taken out of the lists; names compared as written.
#[tokio::test]
async fn every_name_does_what_the_first_does() {
    let rows = rows(&offered().await);
    let listed: Vec<_> = rows.iter().flat_map(Row::names).collect();
    for name in ALL_NAMES.iter().copied().flatten() {
        assert!(listed.contains(name), "{name} has no row");
    }
    for row in &rows {
        let names = row.names();
        let (told, left_out) = (
            row.answer(&[(names[0], &row.value)]).await,
            row.answer(&[]).await,
        );
        assert_ne!(told, left_out, "{} makes no difference", names[0]);
        for name in &names {
            assert_eq!(row.answer(&[(name, &row.value)]).await, told, "{name}");
        }
        for name in spelled(names[0]) {
            assert_eq!(row.answer(&[(&name, &row.value)]).await, told, "{name}");
        }
    }
}

/// Red when what models write for nothing counts as said, or hides another name of the argument.
/// Mutation: `undefined` taken out of `is_placeholder`.
#[tokio::test]
async fn nothing_is_nothing_under_every_name() {
    let nothing = [
        json!("None"),
        json!("none"),
        json!("undefined"),
        json!("null"),
        json!("NULL"),
        json!(null),
        json!("{{date}}"),
        json!("{{ user_number }}"),
        json!(""),
        json!(" \t\n "),
        json!("'None'"),
        json!("N/A"),
        json!({}),
        json!([]),
    ];
    for row in &rows(&offered().await) {
        let names = row.names();
        let (told, left_out) = (
            row.answer(&[(names[0], &row.value)]).await,
            row.answer(&[]).await,
        );
        for nothing in &nothing {
            let answer = row.answer(&[(names[0], nothing)]).await;
            assert_eq!(answer, left_out, "{} {nothing}", names[0]);
            let last = names[names.len() - 1];
            if last != names[0] {
                let both = row.answer(&[(names[0], nothing), (last, &row.value)]).await;
                assert_eq!(both, told, "{} {nothing}, but {last}", names[0]);
            }
        }
    }
}

/// Red when an argument that is nothing to us, or a value of another type, changes the answer.
#[tokio::test]
async fn what_is_not_ours_changes_nothing() {
    let world = World::new();
    let plain = world.ask(CHECK, slot(), &call("t")).await;
    assert_eq!(code(&plain), "available");
    for (name, value) in [
        ("duration", json!(30)),
        ("execution_message", json!("Ich sehe nach")),
        ("call_id", json!("12345")),
        ("function_name", json!("check_availability")),
        ("agent_id", json!("agent_99")),
        ("company_id", json!(20)),
        ("call", json!({"from_number": "+491"})),
        ("staff", json!({"id": 2})),
        ("period", json!(["nachmittags"])),
        ("unknown", json!(true)),
    ] {
        let mut args = slot();
        args[name] = value;
        let answer = world.ask(CHECK, args, &call("t")).await;
        assert_eq!(answer, plain, "{name}");
    }
}

/// Red when a yes or a no is understood in one form only.
#[tokio::test]
async fn yes_and_no_have_their_forms() {
    for (value, expected) in [
        (json!(true), "cancelled"),
        (json!("true"), "cancelled"),
        (json!("True"), "cancelled"),
        (json!("ja"), "cancelled"),
        (json!("Yes"), "cancelled"),
        (json!(false), "found"),
        (json!("false"), "found"),
        (json!("Nein"), "found"),
        (json!("no"), "found"),
        (json!("vielleicht"), "found"),
    ] {
        let world = World::new();
        booked(&world, "2025-10-13", "08:00").await;
        let args = json!({"confirm": value});
        let answer = world.ask("cancel_appointment", args, &call("c")).await;
        assert_eq!(code(&answer), expected, "{value}");
    }
}

/// Red when a name is known and the page does not list it.
#[test]
fn the_page_lists_every_name() {
    let page = include_str!("../../../../docs/voice.md");
    for name in ALL_NAMES.iter().copied().flatten() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
