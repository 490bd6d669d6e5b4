//! The accept loop. Our own, because a fault has to be able to reset a connection under a request.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::sim::Sim;

/// Lets a handler break the connection it is answering on.
#[derive(Debug, Clone)]
pub(crate) struct Connection(CancellationToken);

impl Connection {
    /// Ends the connection with a TCP reset.
    pub(crate) fn reset(&self) {
        self.0.cancel();
    }
}

/// Accepts connections until the simulator is stopped.
pub(crate) async fn accept(listener: TcpListener, router: Router, sim: Arc<Sim>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = sim.stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let work = serve(stream, peer, router.clone(), sim.stop.clone());
                sim.tasks.spawn(work);
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                // Out of file descriptors, most likely: give others time to close theirs.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    let Ok((stream, handle)) = duplicate(stream) else {
        return;
    };
    let reset = CancellationToken::new();
    let connection = Connection(reset.clone());
    let service = router.map_request(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(connection.clone());
        request
    });
    let http = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    tokio::pin!(http);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = http.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "connection ended early");
                }
                return;
            }
            () = reset.cancelled() => {
                let sent = TcpStream::from_std(handle).and_then(|tcp| tcp.set_zero_linger());
                if let Err(error) = sent {
                    tracing::warn!(%peer, %error, "could not reset the connection, closing it");
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                http.as_mut().graceful_shutdown();
            }
        }
    }
}

/// A second handle on the socket, to set options on it while it is being served.
fn duplicate(stream: TcpStream) -> io::Result<(TcpStream, std::net::TcpStream)> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let handle = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, handle))
}
