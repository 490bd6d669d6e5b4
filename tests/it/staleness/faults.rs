//! What goes wrong meanwhile: Redis dies, comes back empty or as it was, cannot be reached, is slow,
//! hangs; and Cal.com takes now longer, now less long, on the way there and on the way back.

use std::sync::Arc;
use std::time::Duration;

use booking_test_support::dice::Dice;
use serde_json::json;

use super::Stage;
use crate::installation::Installation;

/// One after the other, each for so many reads, and as many in between.
const READS: u64 = 500;
/// Longer than a gateway waits for Redis.
const SLOW: Duration = Duration::from_millis(40);
const SLOTS: &str = "GET /v2/slots";
const LAG_SECONDS: u64 = 1;
/// After so many reads Cal.com's latencies are others.
const CHANGES_AFTER: u64 = 50;

#[derive(Clone, Copy, Debug)]
enum Fault {
    RestartsEmpty,
    RestartsOld,
    Unreachable,
    Slow,
    Hangs,
}

const FAULTS: [Fault; 5] = [
    Fault::RestartsOld,
    Fault::Unreachable,
    Fault::Slow,
    Fault::RestartsEmpty,
    Fault::Hangs,
];

/// So many kinds of faults there are.
pub(super) const KINDS: u64 = FAULTS.len() as u64;

/// Breaks and mends until the run is over; every fault at least once.
pub(super) async fn trouble(it: &mut Installation, stage: &Stage) -> anyhow::Result<()> {
    for fault in FAULTS.into_iter().cycle() {
        stage.reads_more(READS).await?;
        if stage.has_seen_enough() {
            return Ok(());
        }
        inject(it, stage, fault).await?;
        stage.tally.faults.add(1);
    }
    Ok(())
}

async fn inject(it: &mut Installation, stage: &Stage, fault: Fault) -> anyhow::Result<()> {
    let restart = matches!(fault, Fault::RestartsEmpty | Fault::RestartsOld);
    if restart {
        it.redis.snapshot().await?;
        stage.reads_more(READS).await?;
        it.redis.kill().await?;
        stage.reads_more(READS).await?;
        return match fault {
            Fault::RestartsOld => it.redis.restart_old().await,
            _ => it.redis.restart_empty().await,
        };
    }
    let line = it.redis_proxy.as_ref().expect("a proxy was asked for");
    match fault {
        Fault::Slow => line.delay(SLOW),
        Fault::Hangs => line.hold_answers(),
        _ => line.cut(),
    }
    stage.reads_more(READS).await?;
    line.restore();
    Ok(())
}

/// How long Cal.com takes changes all the time: a part before it looks, a part after.
pub(super) async fn weather(stage: Arc<Stage>, faults: String) {
    let mut dice = Dice::new(stage.seed);
    let mut over = stage.over.subscribe();
    while !stage.is_over() {
        let mut rules = vec![json!({"route": SLOTS, "account": "cal_test_25",
                                    "slots_lag_seconds": LAG_SECONDS})];
        for team in &stage.teams {
            let mut ms = |most: u64| dice.below(most);
            rules.push(json!({"route": SLOTS, "account": team.account,
                              "latency_ms": ms(20), "answer_latency_ms": 20 + ms(100)}));
            rules.push(json!({"account": team.account,
                              "latency_ms": ms(15), "answer_latency_ms": ms(15)}));
        }
        let changed = stage.http.put(&faults).json(&rules).send().await;
        changed.expect("the simulator answers");
        tokio::select! {
            progress = stage.reads_more(CHANGES_AFTER) => progress.expect("reads go on"),
            _ = over.wait_for(|over| *over) => {}
        }
    }
}
