//! A gateway for text messages that keeps what it gets, over HTTP.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Mood;

/// A request as it came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReceivedSms {
    /// Its headers, named in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Value,
}

impl ReceivedSms {
    /// A text of the body; empty when it is not there.
    pub fn field(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }
}

type Messages = Arc<Mutex<Vec<ReceivedSms>>>;

/// Listens on a free port of this machine, until it is dropped.
#[derive(Debug)]
pub struct SmsGateway {
    port: u16,
    messages: Messages,
    mood: Arc<watch::Sender<Mood>>,
    accepting: JoinHandle<()>,
}

impl SmsGateway {
    /// Lets in everybody, with any token. The path of its address is `/messages`.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let messages = Messages::default();
        let mood = Arc::new(watch::Sender::new(Mood::Takes));
        let (kept, moods) = (Arc::clone(&messages), mood.subscribe());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), moods.clone()));
            }
        });
        Ok(Self {
            port,
            messages,
            mood,
            accepting,
        })
    }

    /// What goes into `BOOKING__SMS__URL`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/messages", self.port)
    }

    /// What was taken so far.
    pub fn messages(&self) -> Vec<ReceivedSms> {
        self.messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From now on, on connections that stand too.
    pub fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }
}

impl Drop for SmsGateway {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Answers the requests of one connection.
async fn serve(
    stream: TcpStream,
    messages: Messages,
    mut moods: watch::Receiver<Mood>,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some((method, request)) = read(&mut stream).await? {
        let mood = *moods.borrow();
        let id = format!("sms_{}", request.field("reference"));
        let (status, body) = match (mood, method.as_str()) {
            (Mood::Locked, _) => ("401 Unauthorized", String::new()),
            (Mood::Busy, _) => ("503 Service Unavailable", String::new()),
            (Mood::Cuts, _) => return Ok(()),
            (Mood::Silent, _) => {
                let _ = moods.wait_for(|mood| *mood != Mood::Silent).await;
                return Ok(());
            }
            (_, "GET") => ("405 Method Not Allowed", String::new()),
            (Mood::Refuses, _) => (
                "400 Bad Request",
                format!("{} is barred", request.field("to")),
            ),
            (Mood::Takes | Mood::Late, _) => {
                messages
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(request);
                let _ = moods.wait_for(|mood| *mood != Mood::Late).await;
                ("202 Accepted", format!(r#"{{"id":"{id}"}}"#))
            }
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// The method and the rest of the next request; `None` at the end of the connection.
async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<(String, ReceivedSms)>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let method = line.split(' ').next().unwrap_or_default().to_owned();
    let mut request = ReceivedSms::default();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        let (name, value) = (name.to_lowercase(), value.trim().to_owned());
        request.headers.insert(name, value);
    }
    let length = request.headers.get("content-length");
    let mut body = vec![0; length.and_then(|it| it.parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    request.body = serde_json::from_slice(&body).unwrap_or_default();
    Ok(Some((method, request)))
}
