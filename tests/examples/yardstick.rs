//! What `benches/run` measures against and with.
//!
//! - `yardstick serve ADDRESS`: the least that an axum server can do, a fixed JSON body of 2.1 KB.
//! - `yardstick burst ADDRESS COUNT < REQUEST`: opens COUNT connections, then sends the request on
//!   all of them at once and says when the last answer was there, and which statuses came. `{n}` in
//!   the request stands for the number of the connection, in six digits.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

const BODY_BYTES: usize = 2_122;
const SETTLE: Duration = Duration::from_millis(300);
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", address] => serve(address).await,
        ["burst", address, count] => burst(address, count.parse()?).await,
        _ => bail!("usage: yardstick serve ADDRESS | yardstick burst ADDRESS COUNT < REQUEST"),
    }
}

async fn serve(address: &str) -> anyhow::Result<()> {
    let body = Bytes::from(body());
    ensure!(body.len() == BODY_BYTES, "the body has {}", body.len());
    let fixed = async move || ([(CONTENT_TYPE, "application/json")], body).into_response();
    let router = Router::new().route("/fixed", get(fixed));
    let listener = TcpListener::bind(address).await?.tap_io(|stream| {
        stream.set_nodelay(true).ok();
    });
    Ok(axum::serve(listener, router).await?)
}

/// Free slots of a week, and blanks to the exact size.
fn body() -> String {
    let slot = |hour: u32| json!({"s": format!("{hour:02}:30"), "st": "stf_1", "ok": 1});
    let day = |n: u32| {
        (
            format!("2030-03-{n:02}"),
            (9..17).map(slot).collect::<Vec<_>>(),
        )
    };
    let slots: BTreeMap<_, _> = (4..11).map(day).collect();
    let text = json!({"service": "cut", "slots": slots}).to_string();
    format!("{text:<BODY_BYTES$}")
}

/// Status (0: none) and how long it took.
type Answer = (u16, Duration);

async fn burst(address: &str, count: usize) -> anyhow::Result<()> {
    let mut template = String::new();
    std::io::stdin().read_to_string(&mut template)?;
    let together = Arc::new(Barrier::new(count + 1));
    let mut tries = Vec::with_capacity(count);
    for n in 0..count {
        let request = template.replace("{n}", &format!("{n:06}"));
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("connection {n} to {address}"))?;
        stream.set_nodelay(true)?;
        tries.push(tokio::spawn(one(stream, request, together.clone())));
    }
    tokio::time::sleep(SETTLE).await;
    together.wait().await;
    let began = Instant::now();
    let mut answers = Vec::with_capacity(count);
    for one in tries {
        answers.push(one.await?);
    }
    report(answers, began.elapsed())
}

async fn one(mut stream: TcpStream, request: String, together: Arc<Barrier>) -> Answer {
    together.wait().await;
    let began = Instant::now();
    let status = tokio::time::timeout(ANSWER_LIMIT, async {
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.ok()?;
        std::str::from_utf8(&head[9..]).ok()?.parse().ok()
    });
    let status = status.await.ok().flatten().unwrap_or_default();
    (status, began.elapsed())
}

/// `wall_ms=… p50_ms=… p99_ms=… 201=… 409=…`
fn report(answers: Vec<Answer>, wall: Duration) -> anyhow::Result<()> {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let mut times: Vec<_> = answers.iter().map(|(_, time)| *time).collect();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied();
    let mut statuses = BTreeMap::<u16, usize>::new();
    for (status, _) in answers {
        *statuses.entry(status).or_default() += 1;
    }
    let mut out = std::io::stdout().lock();
    write!(out, "wall_ms={:.1}", ms(wall))?;
    for (name, share) in [("p50_ms", 50), ("p99_ms", 99)] {
        write!(out, " {name}={:.1}", ms(at(share).unwrap_or_default()))?;
    }
    for (status, times) in statuses {
        write!(out, " {status}={times}")?;
    }
    Ok(writeln!(out)?)
}
