//! A TCP connection in between, which a test can cut, pause, slow down and restore.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const CHUNK: usize = 16 * 1024;

/// What happens to bytes on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Open,
    /// Every chunk, in either direction, arrives this much later.
    Slow(Duration),
    /// Connections stand, new ones are accepted, nothing arrives.
    Paused,
    /// Requests arrive, answers do not: the caller cannot know what happened.
    Deaf,
    /// Connections break, new ones end at once.
    Cut,
}

type Upstream = Arc<Mutex<String>>;

/// Forwards a free local port to `upstream`.
#[derive(Debug)]
pub struct TcpProxy {
    address: SocketAddr,
    upstream: Upstream,
    line: Arc<watch::Sender<Line>>,
    accepting: JoinHandle<()>,
}

impl TcpProxy {
    /// `upstream` is `host:port`.
    ///
    /// # Errors
    /// When no port can be listened on. The upstream is not looked at before a connection comes.
    pub async fn start(upstream: impl Into<String>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("a free port")?;
        let address = listener.local_addr()?;
        let line = Arc::new(watch::Sender::new(Line::Open));
        let upstream = Arc::new(Mutex::new(upstream.into()));
        let accepting = accept(listener, Arc::clone(&upstream), Arc::clone(&line));
        let accepting = tokio::spawn(accepting);
        Ok(Self {
            address,
            upstream,
            line,
            accepting,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Leads new connections to another `host:port`; those that stand, stay.
    pub fn lead_to(&self, upstream: impl Into<String>) {
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner) = upstream.into();
    }

    /// Breaks every connection; new ones end as soon as they are made.
    pub fn cut(&self) {
        self.line.send_replace(Line::Cut);
    }

    /// Lets nothing through, while connections stay open.
    pub fn pause(&self) {
        self.line.send_replace(Line::Paused);
    }

    /// Lets requests through and holds every answer back.
    pub fn hold_answers(&self) {
        self.line.send_replace(Line::Deaf);
    }

    /// Makes every chunk, in either direction, arrive `by` later.
    pub fn delay(&self, by: Duration) {
        self.line.send_replace(Line::Slow(by));
    }

    /// Back to normal: what a pause held back arrives, a cut connection stays cut.
    pub fn restore(&self) {
        self.line.send_replace(Line::Open);
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Requests,
    Answers,
}

async fn accept(listener: TcpListener, upstream: Upstream, line: Arc<watch::Sender<Line>>) {
    while let Ok((caller, _)) = listener.accept().await {
        if *line.borrow() != Line::Cut {
            let upstream = upstream.lock().unwrap_or_else(PoisonError::into_inner);
            tokio::spawn(connect(caller, upstream.clone(), line.subscribe()));
        }
    }
}

/// Carries one connection until either side ends it or the line is cut.
async fn connect(mut caller: TcpStream, upstream: String, line: watch::Receiver<Line>) {
    let Ok(mut called) = TcpStream::connect(upstream).await else {
        return;
    };
    let (from_caller, to_caller) = caller.split();
    let (from_called, to_called) = called.split();
    let mut cut = line.clone();
    tokio::select! {
        _ = cut.wait_for(|line| *line == Line::Cut) => {}
        () = async {
            tokio::join!(
                pump(from_caller, to_called, Direction::Requests, line.clone()),
                pump(from_called, to_caller, Direction::Answers, line.clone()),
            );
        } => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    direction: Direction,
    mut line: watch::Receiver<Line>,
) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        let state = *line.borrow();
        if let Line::Slow(by) = state {
            tokio::time::sleep(by).await;
        }
        let flows = |line: &Line| match line {
            Line::Open | Line::Slow(_) | Line::Cut => true,
            Line::Deaf => direction == Direction::Requests,
            Line::Paused => false,
        };
        if line.wait_for(flows).await.is_err() || to.write_all(&chunk[..length]).await.is_err() {
            break;
        }
    }
    // One side has said all it will say; the other may still answer.
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    /// A server that sends back what it gets, behind a proxy, and a connection to it.
    async fn echo() -> (TcpProxy, TcpStream) {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let proxy = TcpProxy::start(server.local_addr().unwrap().to_string())
            .await
            .unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = server.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        let client = TcpStream::connect(proxy.address()).await.unwrap();
        (proxy, client)
    }

    async fn round_trip(stream: &mut TcpStream) -> std::io::Result<()> {
        stream.write_all(b"x").await?;
        stream.read_u8().await.map(drop)
    }

    #[tokio::test]
    async fn forwards_and_passes_the_end_on() {
        let (_proxy, mut client) = echo().await;
        round_trip(&mut client).await.unwrap();
        client.shutdown().await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn cut_breaks_old_and_new_connections_until_restored() {
        let (proxy, mut client) = echo().await;
        round_trip(&mut client).await.unwrap();
        proxy.cut();
        assert!(round_trip(&mut client).await.is_err());
        let mut second = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(round_trip(&mut second).await.is_err());
        proxy.restore();
        let mut third = TcpStream::connect(proxy.address()).await.unwrap();
        round_trip(&mut third).await.unwrap();
    }

    /// Red when new connections go where the old ones do.
    #[tokio::test]
    async fn led_elsewhere_new_connections_go_there() {
        let (proxy, mut client) = echo().await;
        round_trip(&mut client).await.unwrap();
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        proxy.lead_to(nobody.local_addr().unwrap().to_string());
        round_trip(&mut client).await.unwrap();
        let mut second = TcpStream::connect(proxy.address()).await.unwrap();
        let called = timeout(Duration::from_secs(10), nobody.accept()).await;
        drop(called.unwrap().unwrap());
        assert!(round_trip(&mut second).await.is_err());
    }

    #[tokio::test]
    async fn paused_or_deaf_bytes_arrive_after_the_restore() {
        for stop in [TcpProxy::pause, TcpProxy::hold_answers] {
            let (proxy, mut client) = echo().await;
            stop(&proxy);
            client.write_all(b"x").await.unwrap();
            let early = timeout(Duration::from_millis(50), client.read_u8()).await;
            assert!(early.is_err());
            proxy.restore();
            assert_eq!(client.read_u8().await.unwrap(), b'x');
        }
    }

    #[tokio::test]
    async fn delayed_takes_at_least_twice_the_delay_there_and_back() {
        let (proxy, mut client) = echo().await;
        proxy.delay(Duration::from_millis(30));
        let start = Instant::now();
        round_trip(&mut client).await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
