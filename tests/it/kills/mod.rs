//! Two `serve` processes are killed again and again, at random moments and at each named place of
//! the way, while clients book, move and cancel. When all has come to rest: every acknowledged
//! booking is in Postgres and at Cal.com exactly once, no refused one is anywhere, no saga is
//! unfinished, no time is taken for nothing.
//!
//! Cal.com accepts every overlap and answers no repeat with the original, so that it covers up
//! nothing; it loses answers now and then.
//!
//! ```text
//! just soak-kill kills="500"     # Postgres and Redis are killed too
//! ```
//!
//! The same for the relay's workers (`relay`) and for webhooks that pour in (`webhooks`).

mod killer;
mod relay;
mod webhooks;

use std::time::Instant;

use anyhow::Context;
use booking_test_support::dice::Dice;
use reqwest::Method;
use serde_json::json;

use self::killer::{Killer, Kills};
use crate::clients::{Crowd, Running, rest, seed, settings};
use crate::installation::{Installation, Options};
use crate::run::{Home, failure, says};

/// Kills in every run of the tests.
const NORMAL_RUN: usize = 60;

fn kills_wanted() -> (usize, bool) {
    let wanted = std::env::var("BOOKING_SOAK_KILLS").ok();
    let wanted = wanted.map(|it| it.parse().expect("a number of kills"));
    (wanted.unwrap_or(NORMAL_RUN), wanted.is_some())
}

/// Red when the answer goes out before the commit, when what a dead process has left is not taken
/// up, when it is taken up without a look, or when two take it up at once.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_killed_no_promise_is_broken() -> anyhow::Result<()> {
    let (wanted, is_soak) = kills_wanted();
    let (seed, began) = (seed(), Instant::now());
    let mut it = Installation::start(Options {
        gateways: 2,
        own_postgres: is_soak,
        settings: settings(),
        ..Options::default()
    })
    .await?;
    gullible(&it).await?;
    let crowd = Crowd {
        clients: 40,
        days: 12,
        pause_ms: 800,
        seed,
    };
    let mut running = Running::begin(&it, crowd)?;
    let kills = Kills::new(wanted);
    let killed = kill(&mut it, &kills, (seed, is_soak)).await;
    let told = running.stop().await;
    killed.with_context(|| format!("{kills}, seed {seed}"))?;
    let answers = &running.answers;
    let so_far = format!("{kills}\n{answers}\nseed {seed}");
    let wishes = told.with_context(|| so_far.clone())?;
    let settled = rest::comes_to_rest(&it, is_soak).await;
    let settled = settled.with_context(|| so_far.clone())?;
    let picture = rest::judged(&it, &wishes)
        .await
        .with_context(|| so_far.clone())?;
    println!(
        "{so_far}\n{} wishes, {} appointments, {} live bookings at Cal.com; at rest after the last \
         kill: {settled}; {:.1?} in all",
        wishes.len(),
        picture.here.len(),
        picture.there.len(),
        began.elapsed()
    );
    assert!(
        answers.like(" 20") > wanted,
        "hardly anything was acknowledged: {so_far}"
    );
    answers.nothing_unexpected()
}

/// Two killers, one for each process, side by side; in a soak one for the servers too.
async fn kill(
    it: &mut Installation,
    kills: &Kills,
    (seed, is_soak): (u64, bool),
) -> anyhow::Result<()> {
    let simulator = it.simulator.url("");
    let (mut first, mut second) = {
        let mut gateways = it.gateways.iter_mut();
        let mut killer = |n| -> anyhow::Result<Killer<'_>> {
            let gateway = gateways.next().context("two gateways")?;
            let simulator = (it.http.clone(), simulator.clone());
            Ok(Killer::new(gateway, simulator, Dice::new(seed ^ n)))
        };
        (killer(1)?, killer(2)?)
    };
    let servers = async {
        match &mut it.postgres {
            Some(postgres) if is_soak => {
                let dice = Dice::new(seed ^ 3);
                killer::kill_servers((&mut it.redis, postgres), kills, dice).await
            }
            _ => Ok(()),
        }
    };
    tokio::try_join!(first.kill_on(kills), second.kill_on(kills), servers)?;
    Ok(())
}

/// Cal.com believes everything, takes its time, and loses an answer now and then.
async fn gullible(it: &Installation) -> anyhow::Result<()> {
    let settings = json!({"same_attendee_returns_original": false});
    it.simulate(Method::PUT, "/_sim/settings", settings).await?;
    it.faults(killer::usual_faults()).await
}

/// Red when a misspelt place is taken for one that is never reached.
#[tokio::test]
async fn a_place_that_does_not_exist_is_refused() -> anyhow::Result<()> {
    let home = Home::new()?;
    for wrong in ["nowhere", "after_call:0", "after_call:often"] {
        let said = failure(home.command(&["serve"]).env("BOOKING_FAILPOINT", wrong)).await?;
        says(&said, &[wrong, "after_hold, before_call"]);
    }
    Ok(())
}
