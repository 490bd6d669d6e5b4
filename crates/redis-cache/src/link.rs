//! The one connection that reads and writes share, and the task that keeps it open.
//!
//! Callers never connect. While the task is busy with the first try after a loss they wait, within
//! their limit; after that try has failed they are told so at once, until a later one succeeds. A
//! caller whose answer is late makes the task ask for a sign of life; until it comes, others are
//! not kept waiting either.

use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, ScriptInvocation};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long connecting, or a sign of life, may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// The pauses between tries to connect double from here …
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// … up to here.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// More complaints than this at once tell the task nothing new.
const COMPLAINTS: usize = 16;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("Redis is not connected, or was silent a moment ago")]
    Down,
    #[error("Redis did not answer within {0:?}")]
    Late(Duration),
    #[error("Redis answered with an error")]
    Redis(#[source] RedisError),
}

/// What Redis is asked.
pub(crate) enum Request {
    Command(Cmd),
    Script(ScriptInvocation<'static>),
}

impl Request {
    /// Asks over this connection, without a limit of its own.
    pub(crate) async fn send<T: FromRedisValue>(
        &self,
        connection: &mut (impl ConnectionLike + Send),
    ) -> Result<T, RedisError> {
        match self {
            Self::Command(command) => command.query_async(connection).await,
            Self::Script(script) => script.invoke_async(connection).await,
        }
    }
}

#[derive(Clone)]
enum State {
    /// The first try since the start or since a loss.
    Connecting,
    /// A connection and its number.
    Up(u64, MultiplexedConnection),
    /// Tried in vain, or silent.
    Down,
}

struct Complaint {
    connection: u64,
    broken: bool,
}

/// The shared connection.
pub(crate) struct Link {
    limit: Duration,
    state: watch::Receiver<State>,
    complaints: mpsc::Sender<Complaint>,
    /// Ends the task when the link is dropped.
    _keeper: JoinSet<()>,
}

impl Link {
    /// Begins to connect, and waits for the outcome of the first try, which is not an error.
    pub(crate) async fn open(client: Client, limit: Duration) -> Self {
        let (sender, mut state) = watch::channel(State::Connecting);
        let (complaints, inbox) = mpsc::channel(COMPLAINTS);
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(client, sender, inbox));
        let tried = state.wait_for(|state| !matches!(state, State::Connecting));
        let _ = timeout(CONNECT_LIMIT, tried).await;
        Self {
            limit,
            state,
            complaints,
            _keeper: keeper,
        }
    }

    /// Asks Redis, within the limit. A request may be sent twice: it must bear repetition.
    pub(crate) async fn ask<T: FromRedisValue>(&self, request: &Request) -> Result<T, LinkError> {
        let mut asked = 0;
        let answer = timeout(self.limit, self.ask_unbounded(request, &mut asked)).await;
        answer.unwrap_or_else(|_| {
            self.complain(asked, false);
            Err(LinkError::Late(self.limit))
        })
    }

    /// A connection that broke while nobody used it is noticed by its next user, who goes on with
    /// a new one.
    async fn ask_unbounded<T: FromRedisValue>(
        &self,
        request: &Request,
        asked: &mut u64,
    ) -> Result<T, LinkError> {
        let mut connection = self.up_after(0, asked).await?;
        match request.send(&mut connection).await {
            Err(error) if error.is_unrecoverable_error() => {
                tracing::debug!(%error, "the connection to Redis is broken");
                self.complain(*asked, true);
                let mut connection = self.up_after(*asked, asked).await?;
                request
                    .send(&mut connection)
                    .await
                    .map_err(LinkError::Redis)
            }
            other => other.map_err(LinkError::Redis),
        }
    }

    async fn up_after(
        &self,
        number: u64,
        asked: &mut u64,
    ) -> Result<MultiplexedConnection, LinkError> {
        let mut state = self.state.clone();
        let decided = |state: &State| match state {
            State::Up(current, _) => *current > number,
            State::Down => true,
            State::Connecting => false,
        };
        match state.wait_for(decided).await.as_deref() {
            Ok(State::Up(current, connection)) => {
                *asked = *current;
                Ok(connection.clone())
            }
            _ => Err(LinkError::Down),
        }
    }

    fn complain(&self, connection: u64, broken: bool) {
        // Full: the task has been told already.
        let _ = self.complaints.try_send(Complaint { connection, broken });
    }
}

/// Keeps a connection open for as long as somebody listens.
async fn keep(client: Client, state: watch::Sender<State>, mut inbox: mpsc::Receiver<Complaint>) {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_LIMIT))
        .set_response_timeout(Some(CONNECT_LIMIT));
    let mut number = 0;
    let mut pause = FIRST_PAUSE;
    loop {
        match client
            .get_multiplexed_async_connection_with_config(&config)
            .await
        {
            Ok(connection) => {
                number += 1;
                pause = FIRST_PAUSE;
                tracing::info!(number, "connected to Redis");
                state.send_replace(State::Up(number, connection.clone()));
                until_lost(number, connection, &state, &mut inbox).await;
                if inbox.is_closed() {
                    // Nobody is left to be connected for.
                    return;
                }
                tracing::warn!(number, "lost the connection to Redis");
                state.send_replace(State::Connecting);
            }
            Err(error) => {
                let was = state.send_replace(State::Down);
                if !matches!(was, State::Down) {
                    tracing::warn!(%error, "cannot connect to Redis; every read is a miss");
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Returns when the connection is of no use any more.
async fn until_lost(
    number: u64,
    mut connection: MultiplexedConnection,
    state: &watch::Sender<State>,
    inbox: &mut mpsc::Receiver<Complaint>,
) {
    while let Some(complaint) = inbox.recv().await {
        if complaint.connection != number {
            continue;
        }
        if complaint.broken {
            return;
        }
        state.send_replace(State::Down);
        let alive: Result<(), RedisError> = redis::cmd("PING").query_async(&mut connection).await;
        if alive.is_err() {
            return;
        }
        // The sign of life answers everybody who was late, but not who found it broken.
        while let Ok(complaint) = inbox.try_recv() {
            if complaint.connection == number && complaint.broken {
                return;
            }
        }
        state.send_replace(State::Up(number, connection.clone()));
    }
}
