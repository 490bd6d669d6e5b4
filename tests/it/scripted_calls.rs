//! The calls of docs/voice-calls.md, made anew: with the real binary against a demo, in the order of
//! the page, one demo for each language. What is printed must be what the page shows.
//!
//! Two things differ from day to day and are shown as `…` on the page: how long it took, and the day
//! of the month, since callers speak of "the week after next". Everything else is compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::process::GatewayProcess;
use booking_voice::language::lint_say;
use serde_json::Value;

use crate::run::{failure, gateway, json_of, output, run, says};

const SOON: Duration = Duration::from_secs(30);
const COMMAND: &str = "$ booking-gateway simulate call ";
const MONTHS: &str = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember \
    January February March May June July October December";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The calls on the page: what is typed, and what is printed.
fn calls() -> anyhow::Result<Vec<(String, String)>> {
    let page = fs::read_to_string(root().join("docs/voice-calls.md"))?;
    let blocks = page.split("```").skip(1).step_by(2);
    let calls = blocks.filter_map(|block| {
        let (typed, printed) = block.split_once(COMMAND)?.1.split_once('\n')?;
        Some((typed.to_owned(), printed.to_owned()))
    });
    Ok(calls.collect())
}

/// What is the same on every day: no times, no days of the month.
fn lasting(printed: &str) -> String {
    let lines = printed.lines().map(|line| {
        let mut kept: Vec<String> = Vec::new();
        let mut words = line.split(' ').peekable();
        while let Some(word) = words.next() {
            let bare = word.trim_end_matches([',', '.', '?']);
            if word == "ms)" || word == "ms;" {
                let number = kept.pop().unwrap_or_default();
                let bracket = if number.starts_with('(') { "(" } else { "" };
                kept.push(format!("{bracket}…"));
            } else if MONTHS.split(' ').any(|month| month == bare) {
                if kept.last().is_some_and(|it| it == "of") {
                    let the = kept.iter().rposition(|it| it == "the").unwrap_or_default();
                    kept.truncate(the + 1);
                } else {
                    kept.pop();
                }
                // From December on, next year is said too.
                let mut last = word;
                while last.len() == last.trim_end_matches([',', '.', '?']).len()
                    && let Some(year) = words.next_if(|it| is_year(it))
                {
                    last = year;
                }
                let sign = &last[last.trim_end_matches([',', '.', '?']).len()..];
                kept.push(format!("…{sign}"));
                continue;
            }
            kept.push(word.to_owned());
        }
        kept.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

fn is_year(word: &str) -> bool {
    let bare = word.trim_end_matches([',', '.', '?']);
    let parts = "twenty thirty forty one two three four five six seven eight nine";
    bare.starts_with("zweitausend") || parts.split(' ').any(|it| it == bare)
}

/// Red when the year's turn makes the page differ.
#[test]
fn days_of_the_month_and_times_are_left_out() {
    for (printed, left) in [
        (
            "am Dienstag, dem achten Dezember, um zwölf Uhr (12 ms)",
            "am Dienstag, dem …, um zwölf Uhr (… ms)",
        ),
        (
            "am Dienstag, dem fünften Januar zweitausendsiebenundzwanzig, um zwölf Uhr",
            "am Dienstag, dem …, um zwölf Uhr",
        ),
        (
            "on Tuesday the twenty first of December at eight in the morning or at nine.",
            "on Tuesday the … at eight in the morning or at nine.",
        ),
        (
            "on Tuesday the fifth of January twenty twenty seven.",
            "on Tuesday the ….",
        ),
    ] {
        assert_eq!(lasting(printed), left);
    }
}

async fn demo() -> anyhow::Result<GatewayProcess> {
    let demo = gateway(&["demo", "--scenario", "none"]);
    let listen = format!("127.0.0.1:{}", demo.port());
    let mut demo = demo.arg("--listen").arg(listen).start().await?;
    demo.wait_ready().await?;
    demo.wait_for_line("stays up", SOON).await?;
    Ok(demo)
}

fn call(demo: &GatewayProcess, typed: &str) -> booking_test_support::process::GatewayCommand {
    let words = typed
        .split(' ')
        .map(|word| match word.starts_with("docs/") {
            true => root().join(word).display().to_string(),
            false => word.to_owned(),
        });
    let command = gateway(&["simulate", "call", "--url", &demo.url("")]);
    words.fold(command, |command, word| command.arg(word))
}

/// Every sentence of the agent's in what was printed.
fn sentences(printed: &str) -> impl Iterator<Item = &str> {
    let said = printed
        .lines()
        .filter_map(|line| line.strip_prefix("Agent:"));
    said.map(|it| it.split(" (").next().unwrap_or(it).trim())
}

/// Red when the agent passes other words or another handle, when an answer asks something else, or
/// when a sentence cannot be spoken: then the page shows another call than the one that was made.
#[tokio::test]
async fn the_calls_of_the_page_are_made_as_it_shows_them() -> anyhow::Result<()> {
    let calls = calls()?;
    for lang in ["de", "en"] {
        let of_language: Vec<_> = calls
            .iter()
            .filter(|(typed, _)| typed.contains(&format!("--lang {lang}")))
            .collect();
        ensure!(of_language.len() == 3, "three calls in {lang}: {calls:#?}");
        let demo = demo().await?;
        for (typed, shown) in of_language {
            let printed = output(call(&demo, typed)).await?;
            for sentence in sentences(&printed) {
                assert_eq!(lint_say(sentence), [], "{sentence}");
            }
            let lasting = lasting(&printed);
            ensure!(
                lasting == shown.trim(),
                "docs/voice-calls.md shows another call for {typed}; it should show:\n{lasting}"
            );
        }
    }
    Ok(())
}

/// Red when a call that came to nothing ends with 0, or an error does not say how to mend it.
#[tokio::test]
async fn the_exit_code_says_whether_the_call_came_to_something() -> anyhow::Result<()> {
    let demo = demo().await?;
    let url = demo.url("");
    let call = |rest: &[&str]| {
        let command = gateway(&["simulate", "call", "--lang", "de", "--url", &url]);
        rest.iter()
            .fold(command, |command, word| command.arg(*word))
    };
    let open = run(call(&[
        "Ich hätte gern eine Beratung übernächste Woche Dienstag",
    ]))
    .await?;
    assert_eq!(open.code, Some(1), "{open:#?}");
    says(&open.err, &["without an outcome", "ask_choice"]);
    let booked = "Eine Beratung übernächste Woche Dienstag um zehn / ja / Jörg Müßig";
    let booked = json_of(&output(call(&["--json", booked])).await?)?;
    assert_eq!(booked["outcome"], "booked", "{booked}");
    let turns = booked["turns"].as_array().context("turns")?;
    assert_eq!(turns.len(), 3);
    let calls = turns
        .iter()
        .flat_map(|it| it["calls"].as_array().into_iter().flatten());
    for call in calls {
        assert!(
            call["milliseconds"].as_f64().is_some_and(|it| it > 0.0),
            "{call}"
        );
        assert_eq!(call["answer"]["lang"], "de");
        assert_ne!(call["answer"]["say"], Value::Null);
    }
    let anonymous = call(&["--from", "anonymous", "Wann ist mein Termin?"]);
    says(&failure(anonymous).await?, &["offer_callback"]);
    let refused = call(&["--api-key", "bk_wrong", "ja"]);
    says(&failure(call(&["hm"])).await?, &["without an outcome"]);
    says(&failure(refused).await?, &["without an outcome"]);
    let refused = call(&["--api-key", "bk_wrong", "Wann ist mein Termin?"]);
    says(&failure(refused).await?, &["API key", "--api-key"]);
    let nobody = gateway(&[
        "simulate",
        "call",
        "--lang",
        "de",
        "--url",
        "http://127.0.0.1:1",
    ]);
    says(
        &failure(nobody.arg("Wann ist mein Termin?")).await?,
        &["demo", "--url"],
    );
    says(&failure(call(&["# nothing"])).await?, &["script is empty"]);
    Ok(())
}
