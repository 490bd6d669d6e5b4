//! The accept loop, over real connections.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::routing::{get, post};
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

fn head(fields: &str) -> Vec<u8> {
    format!("POST /refused HTTP/1.1\r\nhost: x\r\n{fields}\r\n\r\n").into_bytes()
}

/// Serves a route that refuses without a look at the body, and says when it has.
async fn refusing() -> (Served, tokio::sync::mpsc::UnboundedReceiver<()>) {
    let (said, heard) = tokio::sync::mpsc::unbounded_channel();
    let refuse = async move || {
        let _ = said.send(());
        StatusCode::FORBIDDEN
    };
    let router = Router::new()
        .route("/refused", post(refuse))
        .route("/who", get(async || "me"));
    (serve(router).await, heard)
}

/// Turns red when what is left of a body is not read: it comes after the refusal, as many clients
/// send it, and the request after it found the connection closed.
#[tokio::test]
async fn a_connection_outlives_a_refusal_that_did_not_wait_for_the_body() {
    let (served, mut refused) = refusing().await;
    for (fields, body) in [
        ("content-length: 7", &b"{\"a\":1}"[..]),
        ("transfer-encoding: chunked", b"7\r\n{\"a\":1}\r\n0\r\n\r\n"),
    ] {
        let mut stream = connect(&served).await;
        stream.write_all(&head(fields)).await.expect("sent");
        refused.recv().await.expect("refused");
        stream.write_all(body).await.expect("sent");
        stream.write_all(CLOSING).await.expect("sent");
        let answers = read_all(stream).await;
        assert!(answers.starts_with("HTTP/1.1 403"), "{fields}: {answers}");
        assert!(answers.ends_with("\r\n\r\nme"), "{fields}: {answers}");
        assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
    }
}

/// Time is made up here. Turns red when an answer does not say that the connection ends with it, or
/// waits for what need not come: more than a body may have, nothing at all, or what the client
/// sends only when it is invited.
#[tokio::test(start_paused = true)]
async fn a_refusal_says_that_it_is_the_last_answer() {
    let (served, _refused) = refusing().await;
    let chunk = format!("40001\r\n{}", "x".repeat(0x40001));
    for (fields, body, seconds) in [
        ("content-length: 262145", "", 0),
        ("transfer-encoding: chunked", chunk.as_str(), 0),
        ("content-length: 7", "{\"a\"", 1),
        ("content-length: 7\r\nexpect: 100-continue", "", 0),
    ] {
        let began = tokio::time::Instant::now();
        let mut stream = connect(&served).await;
        stream.write_all(&head(fields)).await.expect("sent");
        stream.write_all(body.as_bytes()).await.expect("sent");
        let answer = read_all(stream).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{fields}: {answer}");
        assert!(answer.contains("connection: close"), "{fields}: {answer}");
        assert_eq!(began.elapsed().as_secs(), seconds, "{fields}");
    }
}

/// Turns red when a body that was read is waited for, or one that is expected is not invited.
#[tokio::test]
async fn a_body_that_is_read_is_not_read_again() {
    let router = Router::new()
        .route("/echo", post(async |body: String| body))
        .route("/who", get(async || "me"));
    let served = serve(router).await;
    let mut stream = connect(&served).await;
    let request =
        b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(request).await.expect("sent");
    let mut word = [0; 25];
    stream.read_exact(&mut word).await.expect("a word");
    assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"echo").await.expect("sent");
    stream.write_all(CLOSING).await.expect("sent");
    let answers = read_all(stream).await;
    assert!(answers.contains("\r\n\r\necho"), "{answers}");
    assert!(answers.ends_with("\r\n\r\nme"), "{answers}");
}
