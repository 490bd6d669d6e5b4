//! A crowd that books, moves and cancels, and remembers what it was promised; and how to look, when
//! all has come to rest, whether the promises were kept.

mod answers;
mod client;
pub(crate) mod rest;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;
use booking_test_support::journal::{Journal, Wish};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) use self::answers::Answers;
use self::client::Client;
use crate::installation::Installation;

/// How many want how much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) clients: usize,
    /// Over so many working days.
    pub(crate) days: u64,
    /// The longest pause of a client between two wishes.
    pub(crate) pause_ms: u64,
    pub(crate) seed: u64,
}

/// A crowd at work.
pub(crate) struct Running {
    pub(crate) answers: Arc<Answers>,
    journal: Arc<Journal>,
    clients: Vec<JoinHandle<anyhow::Result<()>>>,
    _folder: TempDir,
}

impl Running {
    pub(crate) fn begin(it: &Installation, crowd: Crowd) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let journal = Arc::new(Journal::create(&folder.path().join("journal"))?);
        let answers = Arc::new(Answers::default());
        let client = |n| Client::new((n, crowd), it, &journal, &answers);
        let clients = (0..crowd.clients)
            .map(|n| tokio::spawn(client(n).ask_on()))
            .collect();
        Ok(Self {
            answers,
            journal,
            clients,
            _folder: folder,
        })
    }

    /// Lets every client finish what it has begun; what each booking must have come to.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<BTreeMap<String, Wish>> {
        self.answers.stop();
        for client in self.clients.drain(..) {
            client.await.context("a client ended")??;
        }
        self.journal.wishes()
    }
}

/// A crowd is more than an account is usually allowed.
pub(crate) fn limits_off() -> Vec<(&'static str, String)> {
    let limit = "BOOKING__CALCOM__REQUESTS_PER_MINUTE";
    vec![(limit, "1000000".to_owned())]
}

/// The same, and short waits, so that a test sees the end of what a fault has begun.
pub(crate) fn settings() -> Vec<(&'static str, String)> {
    let short = [
        ("BOOKING__SYNC__CALL_TIMEOUT_SECONDS", "1"),
        ("BOOKING__SYNC__BACKOFF_SECONDS", "1"),
        ("BOOKING__SYNC__QUIESCE_SECONDS", "1"),
        ("BOOKING__BREAKER__OPEN_SECONDS", "2"),
    ];
    let mut settings = limits_off();
    settings.extend(short.map(|(name, value)| (name, value.to_owned())));
    settings
}

/// What the dice of a run begin with: another every time, unless `BOOKING_SOAK_SEED` says.
pub(crate) fn seed() -> u64 {
    match std::env::var("BOOKING_SOAK_SEED") {
        Ok(seed) => seed.parse().expect("a number"),
        Err(_) => u64::from(std::process::id()),
    }
}
