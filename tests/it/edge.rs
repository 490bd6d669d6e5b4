//! A cache in front of the gateway: what answers tell it, and how it is told what to forget.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use booking_domain::time::Day;
use booking_test_support::wait::until;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, Options};

const SOON: Duration = Duration::from_secs(60);
pub(crate) const TOKEN: &str = "purge_token_0000";

/// Takes purges, or is silent.
#[derive(Clone, Default)]
pub(crate) struct Sink(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    silent: bool,
    /// Requests that came while it was silent.
    unanswered: u32,
    purges: Vec<BTreeSet<String>>,
    /// Requests that were not as described.
    wrong: Vec<String>,
}

impl Sink {
    /// The sink, and the address of its purges.
    pub(crate) async fn start() -> anyhow::Result<(Self, String)> {
        let sink = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/purge", listener.local_addr()?);
        let routes = Router::new().route("/purge", post(purge));
        let routes = routes.with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok((sink, url))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Inside) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The purges since the last look, in order; all so far were as described.
    #[track_caller]
    pub(crate) fn purges(&self) -> Vec<BTreeSet<String>> {
        self.with(|inside| {
            assert_eq!(inside.wrong, Vec::<String>::new());
            std::mem::take(&mut inside.purges)
        })
    }
}

async fn purge(State(sink): State<Sink>, headers: HeaderMap, body: String) {
    let silent = sink.with(|inside| {
        inside.unanswered += u32::from(inside.silent);
        inside.silent
    });
    if silent {
        std::future::pending::<()>().await;
    }
    let sent: Value = serde_json::from_str(&body).unwrap_or_default();
    let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    let keys = header("surrogate-key").unwrap_or_default().split(' ');
    let keys: Vec<_> = keys.map(str::to_owned).collect();
    let token = format!("Bearer {TOKEN}");
    let as_described =
        sent == json!({"surrogate_keys": keys}) && header("authorization") == Some(token.as_str());
    sink.with(|inside| {
        if as_described {
            inside.purges.push(keys.into_iter().collect());
        } else {
            inside.wrong.push(format!("{headers:?} {body}"));
        }
    });
}

async fn start() -> anyhow::Result<(Installation, Sink)> {
    let (sink, url) = Sink::start().await?;
    let installation = Installation::start(Options {
        hosts: 1,
        settings: vec![
            ("BOOKING__EDGE__PURGE_URL", url),
            ("BOOKING__EDGE__PURGE_TOKEN", TOKEN.to_owned()),
        ],
        ..Options::default()
    })
    .await?;
    Ok((installation, sink))
}

impl Installation {
    async fn book_nine(&self, day: Day) -> anyhow::Result<Value> {
        let wish = json!({"service_id": 1, "start": at(day, 9),
                          "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
        let (status, body) = self.ask(Method::POST, "/api/v1/bookings", wish).await?;
        ensure!(status == 201, "{status} {body}");
        Ok(body)
    }

    /// A look at a day of the service, with this validator.
    async fn look(&self, day: Day, known: &str) -> anyhow::Result<Response> {
        let path = format!("/api/v1/availability?service_id=1&start={day}&end={day}");
        let request = self.http.get(self.gateways[0].url(&path));
        let request = request.bearer_auth(KEY_15).header("if-none-match", known);
        Ok(request.send().await?)
    }

    /// Ends when every event has been delivered.
    async fn all_told(&self) -> anyhow::Result<()> {
        until(SOON, "every listener has heard", || async {
            let left = "SELECT (SELECT count(*) FROM outbox) \
                + (SELECT count(*) FROM jobs WHERE queue = 'listeners')";
            let left = self.database.sql(left).await?;
            ensure!(left.trim() == "0", "{left} are left");
            Ok(())
        })
        .await
    }
}

fn header(response: &Response, name: &str) -> anyhow::Result<String> {
    let value = response.headers().get(name);
    let value = value.with_context(|| format!("no {name}"))?;
    Ok(value.to_str()?.to_owned())
}

/// The keys of both services that Anna performs, on these days.
fn siblings_on(days: &[Day]) -> BTreeSet<String> {
    let of = |event_type: i64| {
        days.iter()
            .map(move |day| format!("day-{event_type}-{day}"))
    };
    of(2_563_193).chain(of(2_563_194)).collect()
}

/// Turns red when the hook is not built from the configuration, when one side of a move or the
/// sibling event type is left out, or when body, header or token is not sent.
#[tokio::test]
async fn every_change_is_purged() -> anyhow::Result<()> {
    let (it, sink) = start().await?;
    let (before, after) = (working_day(3), working_day(5));
    let booked = it.book_nine(before).await?;
    it.all_told().await?;
    let held_and_confirmed = vec![siblings_on(&[before]); 2];
    assert_eq!(sink.purges(), held_and_confirmed);

    let id = booked["id"].as_str().context("id")?;
    let path = format!("/api/v1/bookings/{id}/reschedule");
    let wish = json!({"start": at(after, 14)});
    let (status, body) = it.ask(Method::POST, &path, wish).await?;
    assert_eq!(status, 200, "{body}");
    it.all_told().await?;
    assert_eq!(sink.purges().pop(), Some(siblings_on(&[before, after])));

    let path = format!("/api/v1/bookings/{id}/cancel");
    let (status, body) = it.ask(Method::POST, &path, json!({})).await?;
    assert_eq!(status, 200, "{body}");
    it.all_told().await?;
    assert_eq!(sink.purges().pop(), Some(siblings_on(&[after])));
    Ok(())
}

/// The edge takes connections and never answers, which is worse than refusing them.
///
/// Turns red when a purge has no limit (the relay then waits for ever), or one that failed counts as
/// delivered.
#[tokio::test]
async fn a_dead_edge_delays_nothing_and_is_told_when_it_is_back() -> anyhow::Result<()> {
    let (it, sink) = start().await?;
    let (first, second) = (working_day(3), working_day(5));
    let offered = it.look(first, "").await?;
    let etag = header(&offered, "etag")?;
    sink.with(|inside| inside.silent = true);
    it.book_nine(first).await?;
    it.book_nine(second).await?;
    let now: Value = it
        .look(first, &etag)
        .await?
        .error_for_status()?
        .json()
        .await?;
    let slots = now["slots"].as_array().context("slots")?;
    let nine = at(first, 9);
    assert!(
        !slots.is_empty() && slots.iter().all(|slot| slot["start"] != nine),
        "{now}"
    );
    until(SOON, "the edge is tried", || async {
        sink.with(|inside| inside.unanswered > 0)
    })
    .await?;
    assert_eq!(sink.purges(), vec![]);

    sink.with(|inside| inside.silent = false);
    it.all_told().await?;
    let purges = sink.purges();
    assert!(
        purges.len() >= 4,
        "both holds and confirmations: {purges:?}"
    );
    let told: BTreeSet<_> = purges.into_iter().flatten().collect();
    assert_eq!(told, siblings_on(&[first, second]));
    Ok(())
}

/// Turns red when 304 loses a header, when `Age` stands still, or when a booking leaves the
/// validator of its day as it was.
#[tokio::test]
async fn an_edge_can_ask_whether_its_copy_is_still_good() -> anyhow::Result<()> {
    let it = Installation::start(Options::default()).await?;
    let day = working_day(3);
    let first = it.look(day, "").await?;
    assert_eq!(first.status(), 200);
    let age: u32 = header(&first, "age")?.parse()?;
    let etag = header(&first, "etag")?;
    let keys = header(&first, "surrogate-key")?;
    let named: BTreeSet<_> = keys.split(' ').collect();
    let expected = [
        "company-15",
        "event-type-2563193",
        &format!("day-2563193-{day}"),
    ];
    assert!(named.is_superset(&expected.into()), "{keys}");

    let grown = until(SOON, "the age grows", || async {
        let again = it.look(day, &etag).await?;
        let older = header(&again, "age")?.parse::<u32>()?;
        ensure!(older > age, "{age} {older}");
        Ok(again)
    })
    .await?;
    assert_eq!(grown.status(), 304);
    assert!(header(&grown, "cache-status")?.starts_with("booking-gateway; hit; ttl="));
    for (name, expected) in [
        ("etag", etag.as_str()),
        ("surrogate-key", &keys),
        ("cache-control", "private, no-cache"),
        ("vary", "authorization"),
    ] {
        assert_eq!(header(&grown, name)?, expected, "{name}");
    }

    it.book_nine(day).await?;
    let changed = it.look(day, &etag).await?;
    assert_eq!(changed.status(), 200);
    assert_ne!(header(&changed, "etag")?, etag);
    Ok(())
}
