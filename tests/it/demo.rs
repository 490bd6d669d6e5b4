//! The demo as people run it: the story of call #852, and the lines it prints to paste.

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::installation::client;
use crate::run::{gateway, output, says};

const SOON: Duration = Duration::from_secs(30);

/// The part of the story that begins at this time of day.
fn chapter<'a>(story: &'a str, time: &str) -> anyhow::Result<&'a str> {
    let from = story
        .find(&format!("\n{time} "))
        .with_context(|| format!("no {time} in {story}"))?;
    let rest = &story[from + 1..];
    Ok(rest.split("\n\n").next().unwrap_or(rest))
}

/// Turns red when the webhook neither deletes the entries nor raises the versions, or when
/// alternatives are cut from an old entry.
#[tokio::test]
async fn call_852_goes_right() -> anyhow::Result<()> {
    let demo = gateway(&["demo", "--scenario", "call-852", "--exit-after-scenario"]);
    let listen = format!("127.0.0.1:{}", demo.port());
    let story = output(demo.arg("--listen").arg(listen)).await?;
    let before = chapter(&story, "18:30")?;
    says(
        before,
        &["08:00 among them", "layer 1", "layer 2", "caller hears"],
    );
    assert!(!before.contains("08:00 not among them"), "{before}");
    let sold = chapter(&story, "18:36")?;
    assert_eq!(
        sold.matches("nothing: forgotten").count(),
        2,
        "both layers: {sold}"
    );
    let after = chapter(&story, "20:38")?;
    says(after, &["Frei", "agent reads", "caller hears"]);
    assert_eq!(
        after.matches("08:00 not among them").count(),
        2,
        "both layers: {after}"
    );
    for layer in ["calcom:slots:2563193:", "cal_slots_15_9_2563193_"] {
        for part in [before, sold, after] {
            says(part, &[layer]);
        }
    }
    Ok(())
}

/// Sends what a pasted `curl` line would send. The shell reads the line, so that its quotes count.
async fn pasted(line: &str) -> anyhow::Result<Value> {
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {line}");
    let read = tokio::process::Command::new("sh")
        .args(["-c", &script])
        .output()
        .await?;
    ensure!(
        read.status.success(),
        "{line}: {}",
        String::from_utf8_lossy(&read.stderr)
    );
    let words = String::from_utf8(read.stdout)?;
    let (mut method, mut url, mut body) = (Method::GET, None, None);
    let mut headers = HeaderMap::new();
    let mut words = words.lines();
    while let Some(word) = words.next() {
        let mut value = || words.next().context("an option's value");
        match word {
            "-s" => {}
            "-X" => method = value()?.parse()?,
            "-H" => {
                let (name, text) = value()?.split_once(": ").context("a header")?;
                headers.append(HeaderName::try_from(name)?, text.parse()?);
            }
            "-d" => body = Some(value()?.to_owned()),
            plain => url = Some(plain),
        }
    }
    let request = client()?
        .request(method, url.context("an address")?)
        .headers(headers);
    let request = body.into_iter().fold(request, RequestBuilder::body);
    let response = request.send().await?;
    let (status, printed) = (response.status(), response.text().await?);
    ensure!(status.is_success(), "{line}: {status} {printed}");
    serde_json::from_str(&printed).with_context(|| format!("{line}: {printed}"))
}

/// Turns red when a printed line names a wrong port, key, service or day, or is quoted wrongly.
#[tokio::test]
async fn the_printed_lines_work_when_pasted() -> anyhow::Result<()> {
    let demo = gateway(&["demo", "--scenario", "none"]);
    let listen = format!("127.0.0.1:{}", demo.port());
    let mut demo = demo.arg("--listen").arg(listen).start().await?;
    let lines = until(SOON, "three curl lines", || async {
        let lines = demo
            .log()
            .into_iter()
            .filter(|line| line.starts_with("curl "));
        Some(lines.collect::<Vec<_>>()).filter(|lines| lines.len() == 3)
    })
    .await?;
    let free = pasted(&lines[0]).await?;
    assert!(
        free["slots"]
            .as_array()
            .is_some_and(|slots| !slots.is_empty()),
        "{free}"
    );
    let booked = pasted(&lines[1]).await?;
    assert_eq!(booked["status"], "confirmed", "{booked}");
    assert_eq!(booked["service_id"], 1, "{booked}");
    let heard = pasted(&lines[2]).await?;
    says(heard["say"].as_str().unwrap_or_default(), &["Uhr"]);
    assert_eq!(heard["lang"], "de", "{heard}");
    says(
        &demo.log().join("\n"),
        &[&demo.url("/docs"), "API key, company 20"],
    );
    assert_eq!(demo.terminate().await?.code(), Some(0), "{:#?}", demo.log());
    Ok(())
}

/// Turns red when a kept demo cannot open what it sealed, or forgets its bookings.
#[tokio::test]
async fn a_kept_demo_starts_again_with_its_data() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let demo = gateway(&["demo", "--scenario", "none", "--data-dir"]);
    let listen = format!("127.0.0.1:{}", demo.port());
    let path = dir.path().join("kept");
    let path = path.to_str().context("the path is text")?;
    let mut demo = demo.arg(path).arg("--listen").arg(listen).start().await?;
    demo.wait_ready().await?;
    let line = demo.wait_for_line("/api/v1/bookings'", SOON).await?;
    let booked = pasted(&line).await?;
    let id = booked["id"].as_str().context("id")?;
    let ask = format!(
        "curl -s '{}' -H 'Authorization: Bearer bk_demo_15_admin_sonnenschein'",
        demo.url(&format!("/api/v1/bookings/{id}"))
    );
    demo.restart().await?;
    demo.wait_ready().await?;
    assert_eq!(pasted(&ask).await?["id"], id);
    Ok(())
}
