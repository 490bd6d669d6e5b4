//! The least HTTP a readiness check needs, without a client library.

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One GET over a connection of its own: the status and the rest of the answer, headers included.
///
/// # Errors
/// When nobody answers, or not in HTTP.
pub async fn get(port: u16, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (status_line, rest) = answer
        .split_once("\r\n")
        .context("an HTTP answer has lines")?;
    let status = status_line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Ok((
        status.with_context(|| format!("no status in {status_line:?}"))?,
        rest.to_owned(),
    ))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ports::free_port;

    /// Answers every request on this port.
    pub(crate) async fn serve(port: u16, answer: &'static str) {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _request = stream.read(&mut [0; 512]).await;
                let _sent = stream.write_all(answer.as_bytes()).await;
            }
        });
    }

    #[tokio::test]
    async fn get_reads_status_and_body() {
        let port = free_port();
        serve(port, "HTTP/1.1 503 Busy\r\nA: b\r\n\r\nwait").await;
        let (status, rest) = get(port, "/readyz").await.unwrap();
        assert_eq!((status, rest.ends_with("wait")), (503, true));
    }
}
