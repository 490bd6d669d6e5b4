//! What is logged, at the finest level and by every crate below: never who, never which booking.
//!
//! A program of its own: beside other tests, whether a line is logged depends on which of them
//! came by first.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "shared with the tests beside")]
#[path = "../client/server.rs"]
mod server;
#[allow(dead_code, reason = "shared with the tests beside")]
#[path = "../client/support.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use booking_domain::ports::CalendarPort;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::server::{End, Reply, Server};
use crate::support::{
    UID, account, booking, client, move_to, range, slot_query, uid, wanted, wish,
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Turns red when a call logs its address, its body or an error with either in it.
#[tokio::test]
async fn the_log_names_operations_and_nobody() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let echo = format!("Nils Arp nils@mail.example +491713920042 {UID} leise");
    let refused = json!({"statusCode": 400, "message": echo}).to_string();
    for reply in [
        Reply::data(&booking(UID, "accepted")),
        Reply::status(400, &[], &refused),
        Reply::status(500, &[], &echo),
        Reply::status(200, &[], &echo),
        Reply::data(&json!({})).cut(20, End::Reset),
    ] {
        let server = Server::start(vec![reply]).await;
        let (client, account) = (client(), account(&server.url()));
        let _ = client.slots(&account, &slot_query()).await;
        let _ = client.find(&account, &wanted()).await;
        let _ = client.get(&account, &uid(UID)).await;
        let _ = client.create(&account, &wish()).await;
        let _ = client.reschedule(&account, &move_to(range().start())).await;
        let _ = client.cancel(&account, &uid(UID), Some("krank")).await;
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for secret in [
        "Arp",
        "nils",
        "1713920042",
        UID,
        "5ecret",
        "leise",
        "krank",
        "spaeter",
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    for operation in ["slots", "find", "get", "create", "reschedule", "cancel"] {
        let field = format!("operation=\"{operation}\" status=200 ms=");
        assert!(log.contains(&field), "{field} in {log}");
    }
}
