//! What the edge is sent, and what its answers mean.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what is missing ends the test"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use booking_domain::availability::SurrogateKey;
use booking_domain::cache_key::Tag;
use booking_domain::ids::{EventTypeId, ServiceId};
use booking_domain::ports::{EdgeError, EdgePurge};
use booking_domain::time::Day;
use booking_notifier::{PurgeHook, PurgeHookError};
use tokio::net::TcpListener;

type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

async fn take(State(heard): State<Heard>, headers: HeaderMap, body: String) {
    heard.lock().unwrap().push((headers, body));
}

/// An edge: `/purge` takes what is sent, `/busy` does not, `/elsewhere` leads away, `/slow` takes
/// 1.5 s, `/never` says nothing.
async fn edge() -> (String, Heard) {
    let heard = Heard::default();
    let never = || async { std::future::pending::<Response>().await };
    let slow = || tokio::time::sleep(Duration::from_millis(1_500));
    let routes = Router::new()
        .route("/purge", post(take))
        .route("/busy", post(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route(
            "/elsewhere",
            post(|| async { Redirect::temporary("/purge").into_response() }),
        )
        .route("/never", post(never))
        .route("/slow", post(slow))
        .with_state(heard.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, heard)
}

fn day(epoch_days: i32) -> SurrogateKey {
    SurrogateKey::Day(Tag {
        event_type: EventTypeId::new(2_563_193),
        day: Day::from_epoch_days(epoch_days),
    })
}

fn refused(sent: Result<(), EdgeError>) -> Option<u16> {
    match sent {
        Err(EdgeError::Refused { status }) => Some(status),
        Ok(()) | Err(EdgeError::Unreachable(_)) => None,
    }
}

/// Red when a key, the header, the body or the token is left out.
#[tokio::test]
async fn the_keys_are_sent_in_header_and_body_with_the_token() {
    let (url, heard) = edge().await;
    let keys = [day(20_374), SurrogateKey::Service(ServiceId::new(3))];
    let url = format!("{url}/purge?zone=7");
    PurgeHook::new(&url, Some("secret"))
        .unwrap()
        .purge(&keys)
        .await
        .unwrap();
    PurgeHook::new(&url, None)
        .unwrap()
        .purge(&keys)
        .await
        .unwrap();
    let heard = heard.lock().unwrap();
    for (headers, body) in heard.iter() {
        assert_eq!(headers["surrogate-key"], "day-2563193-2025-10-13 service-3");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        let expected = r#"{"surrogate_keys":["day-2563193-2025-10-13","service-3"]}"#;
        assert_eq!(body, expected);
    }
    let token = |at: usize| {
        heard[at]
            .0
            .get(header::AUTHORIZATION)
            .map(|it| it.as_bytes())
    };
    assert_eq!((token(0), token(1)), (Some(&b"Bearer secret"[..]), None));
}

/// Red when the keys of a long change are sent in one header, or the second request is forgotten.
#[tokio::test]
async fn many_keys_are_several_requests() {
    let (url, heard) = edge().await;
    let keys: Vec<_> = (0..300).map(day).collect();
    let hook = PurgeHook::new(&format!("{url}/purge"), None).unwrap();
    hook.purge(&keys).await.unwrap();
    let heard = heard.lock().unwrap();
    let sent: Vec<_> = heard
        .iter()
        .map(|(headers, _)| headers["surrogate-key"].to_str().unwrap().to_owned())
        .collect();
    assert!(sent.iter().all(|it| it.len() < 8 * 1_024), "{sent:?}");
    let names: Vec<_> = keys.iter().map(SurrogateKey::to_string).collect();
    assert_eq!((sent.len(), sent.join(" ")), (3, names.join(" ")));
}

/// Red when only the connection counts as success, or the token follows a redirection.
#[tokio::test]
async fn anything_but_2xx_is_a_failure() {
    let (url, heard) = edge().await;
    for (path, status) in [("busy", 503), ("elsewhere", 307), ("nowhere", 404)] {
        let hook = PurgeHook::new(&format!("{url}/{path}"), Some("secret")).unwrap();
        assert_eq!(refused(hook.purge(&[day(1)]).await), Some(status), "{path}");
    }
    assert!(heard.lock().unwrap().is_empty());
}

/// One never answers, the other takes its time for each of three requests.
///
/// Red when a purge has no limit of its own, or each of its requests has one.
#[tokio::test(start_paused = true)]
async fn an_edge_that_is_too_slow_is_given_up() {
    let (url, _) = edge().await;
    let keys: Vec<_> = (0..300).map(day).collect();
    for path in ["never", "slow"] {
        let hook = PurgeHook::new(&format!("{url}/{path}"), None).unwrap();
        let began = tokio::time::Instant::now();
        let given_up = tokio::time::timeout(Duration::from_secs(60), hook.purge(&keys)).await;
        let error = given_up.expect("a limit of its own").unwrap_err();
        assert!(
            matches!(error, EdgeError::Unreachable(_)),
            "{path}: {error}"
        );
        assert_eq!(began.elapsed().as_secs(), 2, "{path}");
    }
}

/// Red when the address, which may contain a secret, gets into the error.
#[tokio::test]
async fn nobody_there_is_told_without_the_address() {
    let hook = PurgeHook::new("http://127.0.0.1:9/purge?key=secret", None).unwrap();
    let error = hook.purge(&[day(1)]).await.unwrap_err();
    assert!(matches!(error, EdgeError::Unreachable(_)), "{error}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

/// Red when a scheme that is not HTTP is accepted, or a token that would break the header.
#[test]
fn what_could_never_be_sent_is_refused_at_the_start() {
    let error = |url, token| PurgeHook::new(url, token).err();
    for url in [
        "",
        "edge.example/purge",
        "ftp://edge.example/",
        "https://",
        "/purge",
    ] {
        assert!(
            matches!(error(url, None), Some(PurgeHookError::Address)),
            "{url}"
        );
    }
    let url = "https://edge.example/purge";
    assert!(error(url, Some("plain")).is_none());
    assert!(matches!(
        error(url, Some("two\nlines")),
        Some(PurgeHookError::Token)
    ));
}
