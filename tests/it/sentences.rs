//! A company's own sentences, from the set-up file to the ear.

use serde_json::json;

use crate::installation::{client, setup_file, start_simulator};
use crate::run::{Home, failure, output, says};
use crate::telephone::Telephone;

/// Red when a mistake in a sentence is found one at a time, or after something was imported.
#[tokio::test]
async fn every_mistake_is_told_at_once_and_nothing_is_imported() -> anyhow::Result<()> {
    let home = Home::new()?;
    let mut setup = setup_file("http://127.0.0.1:1", 2);
    setup["companies"][0]["name"] = json!("Praxis Neu");
    setup["companies"][0]["texts"] = json!({
        "de": {"bookd": "Ja.", "booked": "Ihr Termin um 8 Uhr steht.", "free": "{{ wann }}."},
        "fr": {"booked": "Oui."}
    });
    setup["companies"][1]["texts"] = json!({"en": {"pending": "Your {{ when."}});
    let file = home.file("wrong.json", &setup.to_string())?;
    let said = failure(home.command(&["tenant", "import", &file])).await?;
    says(
        &said,
        &[
            "nothing was imported",
            "company 15, texts.de.bookd: there is no such sentence: did you mean \"booked\"?",
            "company 15, texts.de.booked: \"Ihr Termin um 8 Uhr steht.\" cannot be said: the digit '8'",
            "company 15, texts.de.free: there is no placeholder \"wann\" in this sentence: it has options",
            "company 15, texts.fr: there is no such language: use de or en",
            "company 20, texts.en.pending: it is no template",
        ],
    );
    let listed = output(home.command(&["tenant", "list"])).await?;
    assert!(!listed.contains("Praxis"), "{listed}");
    Ok(())
}

/// Red when a company's words stay in the file, or reach another company's callers.
#[tokio::test(flavor = "multi_thread")]
async fn callers_hear_the_companys_own_words() -> anyhow::Result<()> {
    let http = client()?;
    let simulator = start_simulator(&http).await?;
    let home = Home::new()?;
    let mut setup = setup_file(&simulator.url(""), 2);
    setup["companies"][0]["texts"] =
        json!({"de": {"nothing_found": "Da haben wir nichts für Sie eingetragen."}});
    home.import(&setup).await?;
    let mut gateway = home.command(&["serve"]).start().await?;
    gateway.wait_ready().await?;
    let call = Telephone::new(&http, gateway.url(""), ("+491713920042", "call_1"));
    let answer = call.ask("query_appointment", "q1", json!({})).await?;
    assert_eq!(answer["say"], "Da haben wir nichts für Sie eingetragen.");
    Ok(())
}
