//! A thousand at once for one slot, spread over two `serve` processes: as many winners as there are
//! hosts, everybody else hears 409, nothing breaks, and Cal.com has one booking per winner.
//!
//! Cal.com is made to accept every overlap, so that it cannot cover up for us. The mutation that
//! turns it red: `WHERE (false)` on the constraint `live_claims_no_overlap` (2 winners instead of 1,
//! 5 instead of 2). A plain `INSERT` for the claim is caught by the tests of the Postgres store.

use std::collections::BTreeMap;
use std::time::Duration;

use booking_test_support::wait::until;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, Options};

const TRIES: usize = 1_000;

async fn storm(hosts: usize) -> anyhow::Result<()> {
    let installation = Installation::start(Options {
        gateways: 2,
        hosts,
        ..Options::default()
    })
    .await?;
    // Cal.com accepts everything: what keeps a second winner out is our own lock alone.
    let gullible = json!([{"route": "POST /v2/bookings", "accept_overlaps": true}]);
    installation.faults(gullible).await?;
    let start = at(working_day(4), 8);
    let tries = (0..TRIES).map(|n| {
        let wish = json!({"service_id": 1, "start": start,
                          "customer": {"name": format!("Kunde {n}"), "email": format!("k{n}@mail.example")}});
        installation.ask_as(KEY_15, n % 2, (Method::POST, "/api/v1/bookings"), wish)
    });
    let mut answers = BTreeMap::<u16, usize>::new();
    for answer in join_all(tries).await {
        let (status, body) = answer?;
        if status == 409 {
            assert_eq!(body["code"], "slot_taken", "{body}");
            assert!(body["alternatives"].is_array(), "{body}");
        }
        *answers.entry(status).or_default() += 1;
    }
    assert_eq!(
        answers,
        BTreeMap::from([(201, hosts), (409, TRIES - hosts)])
    );

    let at_calcom = installation.calcom_bookings().await?;
    assert_eq!(
        at_calcom.len(),
        hosts,
        "one booking at Cal.com per winner: {at_calcom:#?}"
    );
    let (status, list) = installation
        .ask(
            Method::GET,
            "/api/v1/bookings?status=confirmed",
            Value::Null,
        )
        .await?;
    assert_eq!(status, 200, "{list}");
    let ours = list["data"].as_array().expect("data");
    assert_eq!(ours.len(), hosts);
    let mut staff: Vec<_> = ours.iter().map(|it| it["staff_id"].as_i64()).collect();
    staff.sort_unstable();
    staff.dedup();
    assert_eq!(staff.len(), hosts, "each with another person: {ours:#?}");
    no_deadlock(&installation)?;
    until(Duration::from_secs(20), "the outbox is empty", || async {
        let left = "SELECT count(*) FROM outbox";
        installation
            .database
            .sql(left)
            .await
            .is_ok_and(|count| count.trim() == "0")
    })
    .await
}

/// Neither our logs nor the server's speak of a deadlock.
pub(crate) fn no_deadlock(installation: &Installation) -> anyhow::Result<()> {
    for gateway in &installation.gateways {
        let lines = gateway.log();
        let bad: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("deadlock"))
            .collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
    if let Ok(file) = std::env::var("BOOKING_TEST_POSTGRES_LOG") {
        let log = std::fs::read_to_string(file)?;
        assert!(
            !log.contains("deadlock detected"),
            "the server found a deadlock"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_host_one_winner() -> anyhow::Result<()> {
    storm(1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_two_winners() -> anyhow::Result<()> {
    storm(2).await
}
