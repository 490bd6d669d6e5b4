//! A family on one telephone number, through the binary and the real stores: whose appointment it is
//! says the name, and nothing of one happens to another.

use booking_domain::time::Day;
use booking_test_support::process::GatewayProcess;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, Options, client, setup_file, start_simulator};
use crate::run::Home;
use crate::telephone::Telephone;

const NUMBER: &str = "+491713920042";

/// What REST tells of everybody on the number: names and starts of what stands.
async fn on_the_number(http: &Client, gateway: &str) -> anyhow::Result<Vec<(String, String)>> {
    let path = format!("{gateway}/api/v1/bookings?customer_phone=%2B491713920042&status=confirmed");
    let answer = http.request(Method::GET, path).bearer_auth(KEY_15);
    let answer: Value = serde_json::from_str(&answer.send().await?.text().await?)?;
    let rows = answer["data"].as_array().into_iter().flatten();
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    Ok(rows
        .map(|it| (text(&it["customer"]["name"]), text(&it["starts_at"])))
        .collect())
}

#[track_caller]
fn is(answer: &Value, code: &str, step: &str) {
    assert_eq!(
        (answer["code"].as_str(), answer["next_step"].as_str()),
        (Some(code), Some(step)),
        "{answer}"
    );
}

fn named(name: &str, day: Day, hour: u8) -> (String, String) {
    (name.to_owned(), at(day, hour))
}

/// A mother books for herself and for her child, moves the child's and cancels her own.
async fn a_family_calls(http: &Client, gateway: &GatewayProcess) -> anyhow::Result<()> {
    let day = working_day(3);
    let call = Telephone::new(http, gateway.url(""), (NUMBER, "call_1"));
    let mut ids = Vec::new();
    // The mother twice, the second time as a model may write her.
    for (tool, name, hour) in [
        ("b1", "Anna Müller", 9),
        ("b2", "Ben Müller", 10),
        ("b3", "Frau Anna Mueller", 11),
    ] {
        let args = json!({"dienstleistung": "Beratung", "datum": day.to_string(),
                          "uhrzeit": format!("{hour} Uhr"), "name": name});
        let booked = call.ask("book_appointment", tool, args).await?;
        is(&booked, "booked", "done");
        ids.push(booked["data"]["id"].clone());
    }
    let url = gateway.url("");
    assert_eq!(
        on_the_number(http, &url).await?,
        [
            named("Anna Müller", day, 9),
            named("Ben Müller", day, 10),
            named("Anna Müller", day, 11)
        ]
    );
    each_changes_their_own((http, &url), &ids).await?;
    // Ben has none left; Anna's is not taken for his.
    let third = Telephone::new(http, url.clone(), (NUMBER, "call_3"));
    let args = json!({"name": "Ben", "confirm": true});
    let none = third.ask("cancel_appointment", "c3", args).await?;
    is(&none, "not_found", "offer_booking");
    assert_eq!(
        on_the_number(http, &url).await?,
        [named("Anna Müller", day, 11)]
    );
    Ok(())
}

async fn each_changes_their_own((http, url): (&Client, &str), ids: &[Value]) -> anyhow::Result<()> {
    let (day, next) = (working_day(3), working_day(4));
    let call = Telephone::new(http, url.to_owned(), (NUMBER, "call_2"));
    for (tool, args) in [("q1", json!({})), ("q2", json!({"name": "Müller"}))] {
        let whose = call.ask("query_appointment", tool, args).await?;
        is(&whose, "missing_parameter", "ask_name");
        assert_eq!(whose["option_count"], 0, "nothing is told: {whose}");
    }
    for (function, args, code, whose) in [
        ("query_appointment", json!({"name": "Ben"}), "found", 1),
        (
            "reschedule_appointment",
            json!({"name": "Ben Müller", "neues_datum": next.to_string(), "neue_uhrzeit": "10 Uhr"}),
            "rescheduled",
            1,
        ),
        (
            "cancel_appointment",
            json!({"name": "Anna", "datum": day.to_string(), "uhrzeit": "9 Uhr"}),
            "cancelled",
            0,
        ),
        (
            "cancel_appointment",
            json!({"name": "Ben", "confirm": true}),
            "cancelled",
            1,
        ),
    ] {
        let tool = format!("{function}{whose}");
        let answer = call.ask(function, &tool, args).await?;
        is(&answer, code, "done");
        assert_eq!(answer["data"]["id"], ids[whose], "{function}");
    }
    Ok(())
}

/// Red when everybody on a number is one customer (names of old appointments change), or when the
/// name does not say whose appointment is moved and cancelled.
#[tokio::test(flavor = "multi_thread")]
async fn a_family_shares_a_number_on_postgres() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    a_family_calls(&it.http, &it.gateways[0]).await
}

/// The same with everything in one file.
#[tokio::test(flavor = "multi_thread")]
async fn a_family_shares_a_number_on_sqlite() -> anyhow::Result<()> {
    let http = client()?;
    let simulator = start_simulator(&http).await?;
    let home = Home::new()?;
    home.import(&setup_file(&simulator.url(""), 2)).await?;
    let mut gateway = home.command(&["serve"]).start().await?;
    gateway.wait_ready().await?;
    a_family_calls(&http, &gateway).await
}

/// Red when somebody who says a number hears what is known of whoever has it. Mutation: the customer
/// in the answer not replaced by what was said.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_said_tells_nothing_of_whose_it_is() -> anyhow::Result<()> {
    let http = client()?;
    let simulator = start_simulator(&http).await?;
    let home = Home::new()?;
    home.import(&setup_file(&simulator.url(""), 2)).await?;
    let mut gateway = home.command(&["serve"]).start().await?;
    gateway.wait_ready().await?;
    let day = working_day(3);
    let wish = |hour: u8, name: &str| {
        json!({"dienstleistung": "Beratung", "datum": day.to_string(),
               "uhrzeit": format!("{hour} Uhr"), "name": name})
    };
    let own = Telephone::new(&http, gateway.url(""), (NUMBER, "call_1"));
    let mut full = wish(9, "Anna Müller");
    full["email"] = json!("anna@mail.example");
    let anna = own.ask("book_appointment", "b1", full).await?;
    is(&anna, "booked", "done");
    assert_eq!(anna["data"]["customer"]["email"], "anna@mail.example");
    let nobody = Telephone::new(&http, gateway.url(""), ("anonymous", "call_2"));
    let mut said = wish(10, "Müller");
    said["telefon"] = json!(NUMBER);
    let booked = nobody.ask("book_appointment", "b2", said).await?;
    is(&booked, "booked", "done");
    assert_eq!(booked["data"]["customer"]["name"], "Müller");
    assert_eq!(booked["data"]["customer"]["phone"], NUMBER);
    assert!(!booked.to_string().contains("anna"), "{booked}");
    // It is Anna's all the same: she hears of it.
    let all = own.ask("query_appointment", "q1", json!({})).await?;
    let starts = all["data"]["data"].as_array().map(Vec::len);
    assert_eq!(starts, Some(2), "{all}");
    let whose = nobody.ask("query_appointment", "q2", json!({"telefon": NUMBER}));
    is(&whose.await?, "anonymous_caller", "offer_callback");
    Ok(())
}
