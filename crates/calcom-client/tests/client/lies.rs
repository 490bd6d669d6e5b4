//! Servers that fail in every way a server can: reads have changed nothing, of writes nobody knows.

use std::error::Error;
use std::time::{Duration, Instant};

use booking_domain::ports::{CalendarError, CalendarPort};
use booking_test_support::ports::free_port;
use serde_json::json;

use crate::server::{End, Reply, Server};
use crate::support::{
    UID, account, booking, class, client, hasty, range, reads, uid, wanted, wish, writes,
};

const NOBODY_KNOWS: [&str; 3] = ["ambiguous"; 3];

/// Turns red when a failed connection is taken for an unknown outcome, or any other failure for a
/// failed connection.
#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let no_name = "http://cal.com.invalid".to_owned();
    let no_tls = Server::start(vec![Reply::data(&json!({}))]).await;
    let no_tls = no_tls.url().replace("http:", "https:");
    for url in [nobody, no_name, no_tls] {
        assert_eq!(writes(&client(), &url).await, ["connect"; 3], "{url}");
        assert_eq!(reads(&client(), &url).await, ["connect"; 3], "{url}");
    }
}

/// Turns red when a broken answer to a write is retried or taken for "not done".
#[tokio::test]
async fn broken_connections_leave_writes_in_the_dark() {
    let whole = Reply::data(&booking(UID, "accepted"));
    let length = whole.bytes.len();
    for (keep, end) in [
        (0, End::Close),
        (0, End::Reset),
        (20, End::Close),
        (20, End::Reset),
        (length - 1, End::Close),
        (length - 10, End::Reset),
    ] {
        let server = Server::start(vec![whole.clone().cut(keep, end)]).await;
        assert_eq!(
            writes(&client(), &server.url()).await,
            NOBODY_KNOWS,
            "{keep} {end:?}"
        );
        assert_eq!(server.asked().len(), 3, "asked again after {keep} {end:?}");
        assert_eq!(reads(&client(), &server.url()).await, ["unavailable"; 3]);
        assert_eq!(server.asked().len(), 6, "asked again after {keep} {end:?}");
    }
}

/// Turns red when a limit covers the head of an answer only.
#[tokio::test]
async fn late_answers_leave_writes_in_the_dark() {
    let whole = Reply::data(&booking(UID, "accepted"));
    let length = whole.bytes.len();
    for keep in [0, 20, length - 1] {
        let server = Server::start(vec![whole.clone().cut(keep, End::Silence)]).await;
        let start = Instant::now();
        assert_eq!(
            writes(&hasty(), &server.url()).await,
            NOBODY_KNOWS,
            "{keep}"
        );
        assert_eq!(
            reads(&hasty(), &server.url()).await,
            ["unavailable"; 3],
            "{keep}"
        );
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}

/// Turns red when a status of 2xx is believed without looking.
#[tokio::test]
async fn answers_of_the_wrong_shape_leave_writes_in_the_dark() {
    let two = json!([booking(UID, "accepted"), booking("zZ9", "accepted")]);
    for reply in [
        Reply::status(200, &[], ""),
        Reply::status(204, &[], ""),
        Reply::status(200, &[], "<html>Welcome</html>"),
        Reply::status(200, &[], &"[".repeat(100_000)),
        Reply::ok(&json!({"status": "error", "data": booking(UID, "accepted")})),
        Reply::ok(&json!({"status": "success"})),
        Reply::ok(&booking(UID, "accepted")),
        Reply::data(&json!("odd")),
        Reply::data(&json!({"uid": 7, "status": null})),
    ] {
        let server = Server::start(vec![reply.clone()]).await;
        assert_eq!(
            writes(&client(), &server.url()).await,
            NOBODY_KNOWS,
            "{reply:?}"
        );
        assert_eq!(
            reads(&client(), &server.url()).await,
            ["unreadable"; 3],
            "{reply:?}"
        );
    }
    let server = Server::start(vec![Reply::data(&two)]).await;
    assert_eq!(writes(&client(), &server.url()).await, NOBODY_KNOWS);
}

/// Turns red when the whole of an answer is read, however long.
#[tokio::test]
async fn endless_answers_are_not_read_to_the_end() {
    let long = format!(
        "{{\"status\":\"success\",\"data\":\"{}\"}}",
        "x".repeat(3 << 20)
    );
    let server = Server::start(vec![Reply::status(200, &[], &long)]).await;
    let outcome = client().create(&account(&server.url()), &wish()).await;
    let Err(CalendarError::Ambiguous { source }) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(source.to_string().contains("too long"), "{source}");
    assert_eq!(reads(&client(), &server.url()).await, ["unreadable"; 3]);
}

#[tokio::test]
async fn another_booking_than_asked_is_looked_up() {
    for (name, value) in [
        ("start", json!("2030-03-12T14:30:00.000Z")),
        ("end", json!("2030-03-12T16:00:00.000Z")),
        ("eventTypeId", json!(78)),
        ("status", json!("rejected")),
    ] {
        let mut other = booking(UID, "accepted");
        other[name] = value;
        let server = Server::start(vec![Reply::data(&other)]).await;
        let outcome = client().create(&account(&server.url()), &wish()).await;
        assert_eq!(class(outcome), "ambiguous", "{name}");
    }
}

/// Both error shapes over the wire; the whole table stands beside the classification.
#[tokio::test]
async fn refusals_are_understood() {
    let framework = |text: &str| json!({"status": "error", "error": {"message": text}}).to_string();
    let engine = |text: &str| json!({"statusCode": 409, "message": text}).to_string();
    let taken = "One of the hosts either already has booking at this time or is not available";
    for (status, body, expected) in [
        (400, framework(taken), "taken"),
        (409, engine("booking_conflict_error"), "taken"),
        (401, framework("Your api key is not valid"), "account"),
        (
            404,
            framework("Event type with id 77 not found."),
            "account",
        ),
        (422, framework("no hosts"), "invalid"),
        (500, engine("Internal server error"), "ambiguous"),
    ] {
        let server = Server::start(vec![Reply::status(status, &[], &body)]).await;
        let outcome = client().create(&account(&server.url()), &wish()).await;
        assert_eq!(class(outcome), expected, "{status} {body}");
    }
    let off = framework("Can't cancel booking with uid=aB3 because it has been cancelled already.");
    let server = Server::start(vec![Reply::status(400, &[], &off)]).await;
    let outcome = client()
        .cancel(&account(&server.url()), &uid(UID), None)
        .await;
    assert_eq!(class(outcome), "gone");
}

#[tokio::test]
async fn a_booking_that_never_was_is_none() {
    let missing = json!({"status": "error", "error": {"message": "Booking with uid=x was not found in the database"}});
    let server = Server::start(vec![
        Reply::status(404, &[], &missing.to_string()),
        Reply::status(404, &[], "<html>"),
        Reply::data(&booking(UID, "cancelled")),
        Reply::data(&json!([
            booking("zZ9", "accepted"),
            booking(UID, "accepted")
        ])),
        Reply::data(&booking("zZ9", "accepted")),
    ])
    .await;
    let (client, account) = (client(), account(&server.url()));
    assert!(client.get(&account, &uid(UID)).await.unwrap().is_none());
    assert_eq!(class(client.get(&account, &uid(UID)).await), "account");
    for _ in 0..2 {
        let found = client.get(&account, &uid(UID)).await.unwrap().unwrap();
        assert_eq!((found.uid, found.range), (uid(UID), range()));
    }
    assert_eq!(class(client.get(&account, &uid(UID)).await), "unreadable");
}

/// Turns red when redirects are followed: the key and the write would go elsewhere.
#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(vec![Reply::data(&booking(UID, "accepted"))]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/v2/bookings", other.url());
        let reply = Reply::status(status, &[("location", &location)], "");
        let server = Server::start(vec![reply]).await;
        let _ = writes(&client(), &server.url()).await;
        let _ = reads(&client(), &server.url()).await;
    }
    assert!(other.asked().is_empty());
}

/// Turns red when an address (it contains the uid), a body or a key gets into an error.
#[tokio::test]
async fn errors_tell_no_secrets() {
    let echo = format!("Nils Arp nils@mail.example +491713920042 {UID} cal_fictional_5ecret leise");
    let refused = json!({"statusCode": 400, "message": echo}).to_string();
    let odd = json!({"status": "success", "data": [echo]}).to_string();
    for reply in [
        Reply::status(400, &[], &refused),
        Reply::status(401, &[], &refused),
        Reply::status(200, &[], &odd),
        Reply::status(200, &[], &echo),
        Reply::status(500, &[], &echo),
        Reply::data(&json!({})).cut(20, End::Reset),
    ] {
        let server = Server::start(vec![reply]).await;
        let (client, account) = (client(), account(&server.url()));
        let mut errors = vec![
            client.create(&account, &wish()).await.unwrap_err(),
            client.cancel(&account, &uid(UID), None).await.unwrap_err(),
            client.get(&account, &uid(UID)).await.unwrap_err(),
        ];
        errors.extend(client.find(&account, &wanted()).await.err());
        let mut creating = true;
        for error in errors {
            let mut text = format!("{error} {error:?}");
            let mut source = error.source();
            while let Some(cause) = source {
                text.push_str(&format!(" {cause} {cause:?}"));
                source = cause.source();
            }
            for secret in ["nils@", "1713920042", UID, "5ecret"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
            // Only who makes a booking knows the name.
            let knows_the_name = std::mem::take(&mut creating);
            assert!(!(knows_the_name && text.contains("Arp")), "{text}");
        }
    }
}
