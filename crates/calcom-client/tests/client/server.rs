//! A server that answers with prepared bytes, however wrong, and remembers what it was asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What happens after the bytes were sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Close,
    /// As if the machine had gone.
    Reset,
    /// Nothing more, and the connection stays.
    Silence,
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
}

impl Reply {
    pub(crate) fn status(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("HTTP/1.1 {status} Some Words\r\nconnection: close\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
        Self {
            bytes: text.into_bytes(),
            end: End::Close,
        }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::status(
            200,
            &[("content-type", "application/json")],
            &body.to_string(),
        )
    }

    pub(crate) fn data(data: &Value) -> Self {
        Self::ok(&serde_json::json!({"status": "success", "data": data}))
    }

    /// The same, but only so many bytes of it.
    pub(crate) fn cut(mut self, keep: usize, end: End) -> Self {
        self.bytes.truncate(keep);
        self.end = end;
        self
    }
}

/// One question, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Method and path with query.
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().filter_map(|line| line.split_once(": "));
        headers
            .find(|(it, _)| it.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The value of a parameter of the query, decoded as far as these tests need.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.line.split(' ').nth(1)?.split_once('?')?.1;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(it, _)| *it == name)?;
        Some(
            value
                .replace("%3A", ":")
                .replace("%3D", "=")
                .replace("%2F", "/"),
        )
    }
}

pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Gives each connection the next reply; the last one is repeated.
    pub(crate) async fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, replies, Arc::clone(&asked)));
        Self {
            address,
            asked,
            _tasks: tasks,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, replies: Vec<Reply>, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut connections = JoinSet::new();
    let mut replies = replies.into_iter().peekable();
    while let Ok((stream, _)) = listener.accept().await {
        let reply = replies.next().unwrap();
        if replies.peek().is_none() {
            replies = vec![reply.clone()].into_iter().peekable();
        }
        connections.spawn(answer(stream, reply, Arc::clone(&asked)));
    }
}

async fn answer(stream: TcpStream, reply: Reply, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut stream = BufReader::new(stream);
    let Some(question) = question(&mut stream).await else {
        return;
    };
    asked.lock().unwrap().push(question);
    let mut stream = stream.into_inner();
    let _ = stream.write_all(&reply.bytes).await;
    match reply.end {
        End::Close => {}
        End::Reset => stream.set_zero_linger().unwrap(),
        End::Silence => std::future::pending().await,
    }
}

async fn question(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream
            .read_line(&mut line)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut asked = Asked {
        line: lines.remove(0),
        headers: lines,
        body: Value::Null,
    };
    let length = asked
        .header("content-length")
        .map_or(0, |it| it.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    asked.body = serde_json::from_slice(&body).unwrap_or_default();
    Some(asked)
}
