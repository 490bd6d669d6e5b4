//! What is sent, to the byte where the contract says so.

use booking_calcom_client::{CalcomClient, CalcomSettings};
use booking_domain::ports::{CalendarError, CalendarPort};
use booking_domain::time::Span;
use serde_json::json;

use crate::server::{Reply, Server};
use crate::support::{
    OURS, UID, account, booking, class, client, move_to, now, range, self_hosted, settings,
    slot_query, uid, wanted, wish,
};

/// Turns red when a version moves to another operation, or when the key is left out.
#[tokio::test]
async fn each_operation_has_its_path_its_version_and_the_key() {
    let server = Server::start(vec![Reply::data(&json!({}))]).await;
    let account = account(&server.url());
    for client in [client(), self_hosted()] {
        let _ = client.slots(&account, &slot_query()).await;
        let _ = client.find(&account, &wanted()).await;
        let _ = client.get(&account, &uid(UID)).await;
        let _ = client.create(&account, &wish()).await;
        let _ = client.reschedule(&account, &move_to(range().start())).await;
        let _ = client.cancel(&account, &uid(UID), Some("krank")).await;
    }
    let asked = server.asked();
    let seen: Vec<_> = asked
        .iter()
        .map(|it| {
            let line = it
                .line
                .split(['?', ' '])
                .take(2)
                .collect::<Vec<_>>()
                .join(" ");
            (line, it.header("cal-api-version").unwrap().to_owned())
        })
        .collect();
    let one = format!("/v2/bookings/{UID}");
    let expected = |list: &str, bookings: &str| {
        [
            ("GET /v2/slots".to_owned(), "2024-09-04".to_owned()),
            ("GET /v2/bookings".to_owned(), list.to_owned()),
            (format!("GET {one}"), bookings.to_owned()),
            ("POST /v2/bookings".to_owned(), bookings.to_owned()),
            (format!("POST {one}/reschedule"), bookings.to_owned()),
            (format!("POST {one}/cancel"), bookings.to_owned()),
        ]
    };
    assert_eq!(seen[..6], expected("2026-05-01", "2026-02-25"));
    assert_eq!(seen[6..], expected("2024-08-13", "2024-08-13"));
    for it in &asked {
        assert_eq!(
            it.header("authorization"),
            Some("Bearer cal_fictional_5ecret")
        );
    }
}

#[tokio::test]
async fn slots_are_asked_in_utc_with_their_ends() {
    let server = Server::start(vec![Reply::data(&json!({}))]).await;
    client()
        .slots(&account(&server.url()), &slot_query())
        .await
        .unwrap();
    let asked = &server.asked()[0];
    for (name, value) in [
        ("eventTypeId", "77"),
        ("start", "2030-03-12T00:00:00Z"),
        ("end", "2030-03-12T23:59:59Z"),
        ("timeZone", "UTC"),
        ("duration", "45"),
        ("format", "range"),
    ] {
        assert_eq!(asked.parameter(name).as_deref(), Some(value));
    }
}

#[tokio::test]
async fn writes_carry_what_was_asked_and_nothing_else() {
    let server = Server::start(vec![
        Reply::data(&booking(UID, "accepted")),
        Reply::data(&booking("nEw", "accepted")),
        Reply::data(&booking(UID, "cancelled")),
    ])
    .await;
    let (client, account) = (client(), account(&server.url()));
    let made = client.create(&account, &wish()).await.unwrap();
    assert_eq!((made.uid, made.range), (uid(UID), range()));
    assert_eq!(made.ours.unwrap().to_string(), OURS);
    let moved = client
        .reschedule(&account, &move_to(range().start()))
        .await
        .unwrap();
    assert_eq!(moved.uid, uid("nEw"));
    client.cancel(&account, &uid(UID), None).await.unwrap();
    client
        .cancel(&account, &uid(UID), Some("krank"))
        .await
        .unwrap();
    let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
    let expected = [
        json!({
            "start": "2030-03-12T15:00:00Z", "eventTypeId": 77,
            "attendee": {
                "name": "Nils Arp", "timeZone": "Europe/Berlin", "language": "de",
                "email": "nils@mail.example", "phoneNumber": "+491713920042",
            },
            "bookingFieldsResponses": {"notes": "Bitte leise klingeln"},
            "metadata": {"gw_booking": OURS},
        }),
        json!({"start": "2030-03-12T15:00:00Z", "reschedulingReason": "spaeter"}),
        json!({"cancellationReason": "Cancelled on request"}),
        json!({"cancellationReason": "krank"}),
    ];
    assert_eq!(bodies, expected);
}

/// Turns red when an address that nobody configured is asked, or asked with the key.
#[tokio::test]
async fn only_allowed_hosts_are_asked() {
    let server = Server::start(vec![Reply::data(&json!({}))]).await;
    let picky = |hosts: &[&str]| {
        let allowed_hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        CalcomClient::new(CalcomSettings {
            allowed_hosts,
            ..settings()
        })
        .unwrap()
    };
    let ask = |client: CalcomClient, url: String| async move {
        class(client.slots(&account(&url), &slot_query()).await)
    };
    assert_eq!(ask(picky(&["api.cal.com"]), server.url()).await, "account");
    for bad in ["ftp://127.0.0.1", "api.cal.com", "", "file:///etc/passwd"] {
        assert_eq!(ask(client(), bad.to_owned()).await, "account", "{bad}");
    }
    let mut odd_key = account(&server.url());
    odd_key.api_key = "two\r\nlines: x".to_owned();
    let odd_key = client().slots(&odd_key, &slot_query()).await;
    assert_eq!(class(odd_key), "account");
    assert!(server.asked().is_empty());
    let allowed = picky(&["127.0.0.1", "API.cal.com"]);
    assert_eq!(
        ask(allowed, format!("{}/base/?q=1#f", server.url())).await,
        "done"
    );
    assert!(server.asked()[0].line.starts_with("GET /base/v2/slots?"));
}

/// Turns red when a limit is taken for a failure of unknown outcome, or its header is not read.
#[tokio::test]
async fn a_limit_says_when_to_come_back() {
    for (headers, seconds) in [
        (
            &[("Retry-After", "7"), ("X-RateLimit-Reset-Default", "30")][..],
            7,
        ),
        (&[("X-RateLimit-Reset-Default", "30")], 30),
        (&[], 60),
    ] {
        let server = Server::start(vec![Reply::status(429, headers, "<html>")]).await;
        let outcome = client().create(&account(&server.url()), &wish()).await;
        let Err(CalendarError::NotExecuted {
            reason, retry_at, ..
        }) = outcome
        else {
            panic!("{outcome:?}");
        };
        assert_eq!(reason, "rate_limited");
        assert_eq!(retry_at, Some(now() + Span::seconds(seconds)));
        assert_eq!(server.asked().len(), 1, "asked again");
    }
}
