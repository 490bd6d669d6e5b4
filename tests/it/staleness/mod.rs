//! Nobody is offered what is sold, and nobody is refused what is free, while Redis fails in every way.
//!
//! Two `serve` processes, real Postgres and Redis, the simulator with latencies that change. This
//! process drives everything, notes it on one clock, and judges every answer ([`judge`]). Companies
//! with one host, with two hosts and two services, and one whose list at Cal.com lags.
//!
//! ```text
//! BOOKING_SOAK_READS=1000000 cargo test -p booking-e2e --test it staleness -- --nocapture
//! ```

mod faults;
mod judge;
mod log;
mod reader;
mod tally;
mod teams;
mod tests;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use booking_test_support::dice::Dice;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use self::log::{FORGET_AFTER, Moment};
use self::tally::Tally;
use self::teams::Team;
use crate::installation::{Installation, Options};

const READERS: usize = 64;
const WRITERS_PER_TEAM: usize = 2;
/// One operation for so many reads: with fewer the cache never answers, with more it has nothing to
/// forget.
const READS_PER_OPERATION: u64 = 100;
/// No answer in this time is none.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// So many reads take no longer, whatever is broken.
const PROGRESS_LIMIT: Duration = Duration::from_secs(60);

/// So many decidable reads are enough for every run of the tests.
const NORMAL_RUN: u64 = 50_000;

/// What all readers and writers share.
struct Stage {
    seed: u64,
    wanted: u64,
    began: Instant,
    teams: Vec<Team>,
    gateways: Vec<String>,
    http: Client,
    tally: Tally,
    reads: watch::Sender<u64>,
    turns: Semaphore,
    over: watch::Sender<bool>,
}

impl Stage {
    fn new(it: &Installation, (seed, wanted): (u64, u64)) -> anyhow::Result<Self> {
        assert!(ANSWER_LIMIT < FORGET_AFTER);
        Ok(Self {
            seed,
            wanted,
            began: Instant::now(),
            teams: teams::teams(),
            gateways: it.gateways.iter().map(|it| it.url("")).collect(),
            http: Client::builder().timeout(ANSWER_LIMIT).build()?,
            tally: Tally::default(),
            reads: watch::Sender::default(),
            turns: Semaphore::new(0),
            over: watch::Sender::default(),
        })
    }

    fn now(&self) -> Moment {
        self.began.elapsed()
    }

    /// Notes something at the present moment.
    fn noted<T>(&self, note: impl FnOnce(Moment) -> T) -> T {
        note(self.now())
    }

    fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Counts it, and lets a writer have a turn now and then.
    fn after_a_read(&self) {
        let mut count = 0;
        self.reads.send_modify(|reads| {
            *reads += 1;
            count = *reads;
        });
        if count % READS_PER_OPERATION == 0 && self.turns.available_permits() < self.teams.len() {
            self.turns.add_permits(1);
        }
    }

    /// Waits for a writer's turn; false when the run is over.
    async fn my_turn(&self) -> bool {
        match self.turns.acquire().await {
            Ok(turn) => {
                turn.forget();
                true
            }
            Err(_closed) => false,
        }
    }

    /// Waits for so many reads more.
    async fn reads_more(&self, n: u64) -> anyhow::Result<()> {
        let target = *self.reads.borrow() + n;
        let mut reads = self.reads.subscribe();
        let progress = timeout(PROGRESS_LIMIT, reads.wait_for(|reads| *reads >= target)).await;
        progress.context("the readers make no progress")??;
        Ok(())
    }

    /// Whether enough was seen, or something wrong.
    fn has_seen_enough(&self) -> bool {
        let tally = &self.tally;
        let wanted = tally.decidable.get() >= self.wanted && tally.faults.get() >= faults::KINDS;
        wanted || tally.stale() > 0
    }

    async fn get(&self, gateway: usize, team: &Team, path: &str) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.gateways[gateway]);
        answer(self.http.get(url).bearer_auth(team.key)).await
    }

    async fn post(
        &self,
        (gateway, key): (usize, &str),
        path: &str,
        body: &Value,
    ) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.gateways[gateway]);
        answer(self.http.post(url).bearer_auth(key).json(body)).await
    }

    fn report(&self) -> String {
        let (took, seed) = (self.now(), self.seed);
        format!("{} in {took:.1?}, seed {seed}", self.tally)
    }

    fn end(&self) {
        self.over.send_replace(true);
        self.turns.close();
    }
}

/// Status and body; `None` when no whole answer came.
async fn answer(request: RequestBuilder) -> Option<(u16, Value)> {
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let bytes = response.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&bytes).ok()?))
}

/// Lets them read and write until so many reads were decidable, or one was wrong; what was seen.
async fn run(wanted: u64) -> anyhow::Result<Arc<Stage>> {
    let mut it = Installation::start(Options {
        gateways: 2,
        redis_proxied: true,
        settings: vec![("BOOKING__LOG", "error".to_owned())],
        ..Options::default()
    })
    .await?;
    let seed = u64::from(std::process::id());
    let stage = Arc::new(Stage::new(&it, (seed, wanted))?);
    teams::settle(&it, &stage.teams).await?;
    let mut tasks = vec![tokio::spawn(faults::weather(
        stage.clone(),
        it.simulator.url("/_sim/faults"),
    ))];
    for n in 0..READERS as u64 {
        let dice = Dice::new(seed + 1_000 + n);
        tasks.push(tokio::spawn(reader::read_on(stage.clone(), dice)));
    }
    for n in 0..stage.teams.len() * WRITERS_PER_TEAM {
        let dice = Dice::new(seed + 2_000 + n as u64);
        let whose = (n % stage.teams.len(), n);
        tasks.push(tokio::spawn(writer::write_on(stage.clone(), whose, dice)));
    }
    let outcome = faults::trouble(&mut it, &stage).await;
    stage.end();
    for task in tasks {
        task.await?;
    }
    outcome?;
    let state = it.simulate(Method::GET, "/_sim/state", Value::Null).await?;
    let upstream = state["calls"]["by_route"]["GET /v2/slots"].as_u64();
    stage.tally.upstream.add(upstream.unwrap_or_default());
    Ok(stage)
}

/// The run ends soon after the first wrong answer. Red, long before its normal end, when
///
/// * the stamp of an entry is read after the fetch (`make_entry`, day ranges),
/// * an hour window is filed under a stamp read after layer 1 was (`make_entry`, hour windows),
/// * only what begins a saga raises the versions: its end, or what Cal.com refused, does not,
/// * what we hold is not taken off the list that was fetched (`fetch`),
/// * the stamp is the greatest version of the days instead of their sum.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_stale_whatever_happens_to_redis() -> anyhow::Result<()> {
    let wanted = match std::env::var("BOOKING_SOAK_READS") {
        Ok(text) => text.parse().context("BOOKING_SOAK_READS is a number")?,
        Err(_) => NORMAL_RUN,
    };
    let stage = run(wanted).await?;
    let report = stage.report();
    println!("{report}");
    let stories = stage.tally.stories();
    ensure!(stage.tally.stale() == 0, "{report}\n{stories}");
    ensure!(stage.tally.decidable.get() >= wanted, "{report}\n{stories}");
    Ok(())
}
