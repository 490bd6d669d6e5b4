//! The accept loop. `axum::serve` sets no header timeout, so a client that sends one byte a minute
//! would keep its connection for ever; and it has no limit for connections.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

use crate::unread;

const CLOSE: HeaderValue = HeaderValue::from_static("close");
/// For the whole head of a request, also between two requests of a connection.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// More wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 4_096;
const MOST_STREAMS: u32 = 128;
/// What is under way may take so long to finish after being asked to stop.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// Out of file handles: others must finish first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What answers requests: [`Api`](crate::Api), or a router.
pub trait Answering:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Answering for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Answers on `listener` until `stop` ends and what was under way then is answered; until then new
/// requests are still heard, so that `/readyz` can say "draining". Ten seconds after the stop
/// whatever is left is cut off. Handlers find the client in `ConnectInfo<SocketAddr>`.
pub async fn serve(listener: TcpListener, service: impl Answering, stop: impl Future) {
    let requests = TaskTracker::new();
    let shutdown = async {
        stop.await;
        requests.close();
        let deadline = Instant::now() + DRAIN_LIMIT;
        let _ = tokio::time::timeout_at(deadline, requests.wait()).await;
        deadline
    };
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let (stop, stopping) = watch::channel(());
    let (alive, seen_alive) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    let deadline = loop {
        let (stream, client, place) = tokio::select! {
            deadline = &mut shutdown => break deadline,
            accepted = accept(&listener, &places) => accepted,
        };
        let connection = Connection {
            service: service.clone(),
            requests: requests.clone(),
            client,
            stopping: stopping.clone(),
        };
        let seen_alive = seen_alive.clone();
        tokio::spawn(async move {
            connection.run(stream).await;
            drop((place, seen_alive));
        });
    };
    drop((listener, seen_alive));
    let _ = stop.send(());
    let closed = tokio::time::timeout_at(deadline, alive.closed()).await;
    if closed.is_err() {
        let connections = alive.receiver_count();
        tracing::warn!(
            connections,
            "connections were cut off: their requests took too long"
        );
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = places.clone().acquire_owned().await;
    let place = place.expect("nobody closes the semaphore");
    loop {
        match listener.accept().await {
            Ok((stream, client)) => {
                let _ = stream.set_nodelay(true);
                return (stream, client, place);
            }
            Err(error) if is_the_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A client that went away again is nobody's problem.
fn is_the_clients(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused
    )
}

struct Connection<S> {
    service: S,
    requests: TaskTracker,
    client: SocketAddr,
    stopping: watch::Receiver<()>,
}

impl<S: Answering> Connection<S> {
    async fn run(self, stream: TcpStream) {
        let Self {
            service,
            requests,
            client,
            mut stopping,
        } = self;
        let spoke = Arc::new(AtomicBool::new(false));
        let speaks = spoke.clone();
        let answering = service_fn(move |request: hyper::Request<Incoming>| {
            speaks.store(true, Ordering::Relaxed);
            let (mut request, rest) = unread::lend(request);
            request.extensions_mut().insert(ConnectInfo(client));
            // One that comes after the stop does not hold it up.
            let under_way = (!requests.is_closed()).then(|| requests.token());
            let answer = service.clone().oneshot(request);
            async move {
                let mut answer = answer.await;
                if let (Ok(answer), Some(rest)) = (&mut answer, rest)
                    && !rest.read().await
                {
                    answer.headers_mut().insert(CONNECTION, CLOSE);
                }
                drop(under_way);
                answer
            }
        });
        let builder = builder();
        let io = TokioIo::new(stream);
        let mut connection = pin!(builder.serve_connection_with_upgrades(io, answering));
        let mut silence = pin!(tokio::time::sleep(HEADER_LIMIT));
        let (mut listening, mut welcome) = (true, true);
        let result = loop {
            tokio::select! {
                result = connection.as_mut() => break result,
                // The protocol is told apart by the first bytes, and no timer of hyper's runs then.
                () = silence.as_mut(), if listening => {
                    listening = false;
                    if !spoke.load(Ordering::Relaxed) {
                        return;
                    }
                }
                _ = stopping.changed(), if welcome => {
                    welcome = false;
                    connection.as_mut().graceful_shutdown();
                }
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .keep_alive_interval(HEADER_LIMIT)
        .keep_alive_timeout(HEADER_LIMIT);
    builder
}
