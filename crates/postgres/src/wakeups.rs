//! Wake-ups over `NOTIFY`: told by a statement of their own after the commit, never inside a
//! business transaction, where they would make all commits of the database wait for each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::SeqCst};
use std::time::Duration;

use async_trait::async_trait;
use booking_domain::ports::{Wakeup, Wakeups};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::{Mutex, Notify};

use crate::PgStore;

const CHANNEL: &str = "booking_work";
/// After a failure, so long before the next try.
const REST: Duration = Duration::from_secs(5);

/// The line of one process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Line(Arc<Shared>);

struct Shared {
    /// What is to be told, a bit each.
    waiting: AtomicU8,
    filled: Notify,
    /// A connection of its own, opened by the first who listens.
    options: PgConnectOptions,
    listener: Mutex<Option<PgListener>>,
}

impl Line {
    /// Tells over the pool; listens over a connection with these options.
    pub(crate) fn start(pool: PgPool, options: PgConnectOptions) -> Self {
        let line = Self(Arc::new(Shared {
            waiting: AtomicU8::new(0),
            filled: Notify::new(),
            options,
            listener: Mutex::new(None),
        }));
        let shared = Arc::downgrade(&line.0);
        tokio::spawn(async move {
            while let Some(line) = shared.upgrade() {
                let waiting = line.waiting.swap(0, SeqCst);
                if waiting == 0 {
                    // Woken now and then, so that the task ends with the store.
                    let _ = tokio::time::timeout(REST, line.filled.notified()).await;
                    continue;
                }
                if let Err(error) = tell(&pool, waiting).await {
                    tracing::debug!(%error, "nobody could be woken: they look by themselves");
                    tokio::time::sleep(REST).await;
                }
            }
        });
        line
    }

    async fn hear(&self) -> Result<Wakeup, sqlx::Error> {
        let mut listener = self.0.listener.lock().await;
        let listening = match &mut *listener {
            Some(listening) => listening,
            empty => empty.insert(listen(&self.0.options).await?),
        };
        loop {
            match listening.recv().await {
                Ok(told) => {
                    if let Some(what) = Wakeup::parse(told.payload()) {
                        return Ok(what);
                    }
                }
                Err(error) => {
                    *listener = None;
                    return Err(error);
                }
            }
        }
    }
}

/// A pool of one, which the listener keeps to itself.
async fn listen(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(REST)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn tell(pool: &PgPool, waiting: u8) -> Result<(), sqlx::Error> {
    let words: Vec<_> = Wakeup::ALL
        .iter()
        .enumerate()
        .filter(|(at, _)| waiting & (1 << at) != 0)
        .map(|(_, what)| what.as_str().to_owned())
        .collect();
    sqlx::query("SELECT pg_notify($1, word) FROM unnest($2::text[]) word")
        .bind(CHANNEL)
        .bind(words)
        .execute(pool)
        .await
        .map(drop)
}

#[async_trait]
impl Wakeups for PgStore {
    fn tell(&self, what: Wakeup) {
        let bit = Wakeup::ALL.iter().position(|it| *it == what).unwrap_or(0);
        let shared = &self.line.0;
        if shared.waiting.fetch_or(1 << bit, SeqCst) == 0 {
            shared.filled.notify_one();
        }
    }

    async fn heard(&self) -> Wakeup {
        loop {
            match self.line.hear().await {
                Ok(what) => return what,
                Err(error) => {
                    tracing::debug!(%error, "wake-ups cannot be heard: looking by ourselves");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}
