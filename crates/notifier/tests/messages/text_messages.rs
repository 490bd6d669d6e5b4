//! What a gateway for text messages is sent, and what its answers mean.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use booking_domain::ports::{CarrierError, MessageCarrier, MessageContent};
use booking_notifier::{SmsCarrier, SmsSettingsError};
use booking_test_support::messages::{SmsGateway, facts, message};
use tokio::net::TcpListener;

/// Red when a field, a header or the token is left out, or the id that comes back is lost.
#[tokio::test]
async fn the_request_is_as_documented() {
    let gateway = SmsGateway::start().await.unwrap();
    let message = message(MessageContent::Booked(facts()), "de");
    let carrier = SmsCarrier::new(&gateway.url(), Some("secret")).unwrap();
    let name = carrier.carry(&message).await.unwrap();
    let id = message.id.to_string();
    assert_eq!(name, Some(format!("sms_{id}")));
    SmsCarrier::new(&gateway.url(), None)
        .unwrap()
        .carry(&message)
        .await
        .unwrap();
    let sent = gateway.messages();
    let header = |n: usize, name: &str| sent[n].headers.get(name).map(String::as_str);
    assert_eq!(header(0, "authorization"), Some("Bearer secret"));
    assert_eq!(header(1, "authorization"), None);
    assert_eq!(header(0, "idempotency-key"), Some(id.as_str()));
    assert_eq!(header(0, "content-type"), Some("application/json"));
    let body = serde_json::json!({
        "to": "+491713920042",
        "text": "Praxis Sonnenschein: Ihr Termin Beratung ist bestätigt: \
                 Mo 13.10.2025 08:00 Uhr (Berlin), Mitte",
        "reference": id,
    });
    assert_eq!(sent[0].body, body);
}

/// A gateway that answers `/{status}` with that status, and `/elsewhere` with another address.
async fn answering() -> String {
    let status = |code: axum::extract::Path<u16>| async move {
        StatusCode::from_u16(code.0).unwrap_or(StatusCode::IM_A_TEAPOT)
    };
    let elsewhere = || async { Redirect::temporary("/202").into_response() };
    let long = || async { format!("{{\"id\":\"{}\"}}", "x".repeat(100_000)) };
    let routes = Router::new()
        .route("/{status}", post(status))
        .route("/elsewhere", post(elsewhere))
        .route("/long", post(long));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

/// Red when a status is sorted otherwise, a redirection is followed, or too long an answer is read
/// for an id.
#[tokio::test]
async fn answers_are_sorted_by_what_may_pass() {
    let url = answering().await;
    let message = message(MessageContent::Booked(facts()), "de");
    for (path, fate) in [
        ("200", "taken"),
        ("202", "taken"),
        ("204", "taken"),
        ("long", "taken"),
        ("elsewhere", "unavailable"),
        ("401", "unavailable"),
        ("408", "unavailable"),
        ("409", "unavailable"),
        ("429", "unavailable"),
        ("500", "unavailable"),
        ("503", "unavailable"),
        ("400", "refused"),
        ("403", "refused"),
        ("404", "refused"),
        ("422", "refused"),
    ] {
        let carrier = SmsCarrier::new(&format!("{url}/{path}"), None).unwrap();
        let found = match carrier.carry(&message).await {
            Ok(None) => "taken",
            Ok(Some(_)) => "taken, with an id",
            Err(CarrierError::Unavailable(_)) => "unavailable",
            Err(CarrierError::Refused(_)) => "refused",
        };
        assert_eq!(found, fate, "{path}");
    }
}

/// Red when a token may travel unencrypted, or an address is taken that is none.
#[test]
fn what_could_never_be_sent_is_refused_at_the_start() {
    let error = |url, token| SmsCarrier::new(url, token).err();
    for url in ["", "sms.example/messages", "ftp://sms.example/", "https://"] {
        assert!(
            matches!(error(url, None), Some(SmsSettingsError::Address)),
            "{url}"
        );
    }
    let clear = error("http://sms.example/", Some("token"));
    assert!(matches!(clear, Some(SmsSettingsError::TokenInTheClear)));
    assert!(error("http://sms.example/", None).is_none());
    assert!(error("http://127.0.0.1/", Some("token")).is_none());
    let lines = error("https://sms.example/", Some("two\nlines"));
    assert!(matches!(lines, Some(SmsSettingsError::Token)));
}

/// Red when the address, which may contain a secret, gets into the error.
#[tokio::test]
async fn nobody_there_is_told_without_the_address() {
    let carrier = SmsCarrier::new("http://127.0.0.1:9/x?key=secret", None).unwrap();
    let error = carrier.check().await.unwrap_err();
    assert!(matches!(error, CarrierError::Unavailable(_)), "{error}");
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
}
