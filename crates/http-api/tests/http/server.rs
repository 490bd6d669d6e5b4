//! The accept loop, over real connections.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

async fn serve(router: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let done = tokio::spawn(booking_http_api::serve(listener, router, stopped));
    Served {
        address,
        stop,
        done,
    }
}

async fn connect(served: &Served) -> TcpStream {
    TcpStream::connect(served.address)
        .await
        .expect("a connection")
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text).await;
    text
}

const CLOSING: &[u8] = b"GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn handlers_know_the_client() {
    let who = async |ConnectInfo(client): ConnectInfo<SocketAddr>| client.ip().to_string();
    let served = serve(Router::new().route("/who", get(who))).await;
    let mut stream = connect(&served).await;
    stream.write_all(CLOSING).await.expect("sent");
    let answer = read_all(stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"),
        "{answer}"
    );
    let _ = served.stop.send(());
    served.done.await.expect("ended");
}

/// Turns red when stopping cuts connections off, or waits for idle ones.
#[tokio::test]
async fn a_request_under_way_is_finished_and_idle_connections_are_closed() {
    let (release, released) = oneshot::channel::<()>();
    let (began, begun) = oneshot::channel::<()>();
    let held = std::sync::Mutex::new(Some((began, released)));
    let held = std::sync::Arc::new(held);
    let slow = async move || {
        let (began, released) = held.lock().expect("alone").take().expect("once");
        let _ = began.send(());
        let _ = released.await;
        "finished"
    };
    let router = Router::new()
        .route("/slow", get(slow))
        .route("/who", get(async || "me"));
    let served = serve(router).await;
    let address = served.address;
    let mut idle = connect(&served).await;
    idle.write_all(b"GET /who HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("sent");
    let mut head = [0; 12];
    idle.read_exact(&mut head).await.expect("an answer");
    let mut busy = connect(&served).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .expect("sent");
    begun.await.expect("under way");
    let mut new = connect(&served).await;
    let _ = served.stop.send(());
    new.write_all(CLOSING).await.expect("sent");
    assert!(
        read_all(new).await.ends_with("me"),
        "new requests are heard"
    );
    assert!(!served.done.is_finished());
    let _ = release.send(());
    assert!(read_all(busy).await.ends_with("finished"));
    read_all(idle).await;
    served.done.await.expect("ended");
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody new is let in"
    );
}

/// Time is made up here: the runtime skips ahead whenever everybody waits.
///
/// Turns red when only hyper's own timer is set: it does not run before the protocol is known.
#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_given_up() {
    let served = serve(Router::new().route("/who", get(async || "me"))).await;
    let kept_alive = &b"GET /who HTTP/1.1\r\nhost: x\r\n\r\n"[..];
    for sent in [
        &b""[..],
        b"P",
        b"PRI * HTTP/2.0\r\n",
        b"GET / HTTP/1.1\r\nhost:",
        kept_alive,
    ] {
        let began = tokio::time::Instant::now();
        let mut dripping = connect(&served).await;
        dripping.write_all(sent).await.expect("sent");
        let _ = tokio::time::timeout(Duration::from_secs(60), read_all(dripping)).await;
        let waited = began.elapsed().as_secs();
        let sent = String::from_utf8_lossy(sent);
        assert!((9..=12).contains(&waited), "{sent:?}: {waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_request_is_cut_off_in_the_end() {
    let forever = async || std::future::pending::<()>().await;
    let served = serve(Router::new().route("/forever", get(forever))).await;
    let mut endless = connect(&served).await;
    let request = b"GET /forever HTTP/1.1\r\nhost: x\r\n\r\n";
    endless.write_all(request).await.expect("sent");
    let _ = served.stop.send(());
    let began = tokio::time::Instant::now();
    served.done.await.expect("ended");
    let waited = began.elapsed().as_secs();
    assert!(waited <= 11, "{waited}");
}
