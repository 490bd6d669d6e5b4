//! A simulator on a free port with a frozen clock, a client for it, and a webhook receiver.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use booking_calcom_simulator::{Simulator, SimulatorOptions, World, start};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "cal_test_15";
pub(crate) const OTHER_KEY: &str = "cal_test_20";
/// 60 minutes, round robin over two hosts.
pub(crate) const HOURLY: u64 = 2_563_193;
/// 15 minutes, the same two hosts.
pub(crate) const SHORT: u64 = 2_563_194;
/// 30 minutes, one host, the other account.
pub(crate) const FOREIGN: u64 = 2_563_299;
/// The Monday on which all tests happen, 07:00 in Berlin.
pub(crate) const NOW: &str = "2030-03-04T06:00:00Z";
/// A free hour on the Tuesday of the following week, 09:00 in Berlin.
pub(crate) const NINE: &str = "2030-03-12T08:00:00Z";
pub(crate) const TEN: &str = "2030-03-12T09:00:00Z";

pub(crate) struct Stand {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn data(&self) -> &Value {
        &self.body["data"]
    }

    pub(crate) fn uid(&self) -> String {
        self.body["data"]["uid"]
            .as_str()
            .expect("a booking")
            .to_owned()
    }

    pub(crate) fn error(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}

impl Stand {
    pub(crate) async fn new() -> Self {
        Self::with(World::demo()).await
    }

    pub(crate) async fn with(world: World) -> Self {
        let options = SimulatorOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            seed: 15,
            world,
            log: false,
        };
        let simulator = start(options).await.expect("port 0 is always free");
        // The simulator has installed the TLS provider that the client asks for.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let stand = Self { simulator, http };
        stand
            .control("POST", "time", json!({"set": NOW, "frozen": true}))
            .await;
        stand
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.base_url())
    }

    /// A request with exactly these headers.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        version: Option<&str>,
        key: Option<&str>,
    ) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method.parse().unwrap(), self.url(path));
        if let Some(version) = version {
            request = request.header("cal-api-version", version);
        }
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        request
    }

    pub(crate) async fn read(request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            headers,
            body,
        }
    }

    /// A call with the key and the version that fits the path.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let version = if path.starts_with("/v2/slots") {
            "2024-09-04"
        } else if path.starts_with("/v2/event-types") {
            "2024-06-14"
        } else if path.starts_with("/v2/bookings?") {
            "2026-05-01"
        } else {
            "2026-02-25"
        };
        let mut request = self.request(method, path, Some(version), Some(KEY));
        if let Some(body) = body {
            request = request.json(&body);
        }
        Self::read(request).await
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let request = self
            .request(method, &format!("/_sim/{path}"), None, None)
            .json(&body);
        let answer = Self::read(request).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        answer.body
    }

    pub(crate) async fn state(&self) -> Value {
        Self::read(self.request("GET", "/_sim/state", None, None))
            .await
            .body
    }

    pub(crate) async fn faults(&self, rules: Value) {
        self.control("PUT", "faults", rules).await;
    }

    pub(crate) async fn book(&self, event_type: u64, start: &str, email: &str) -> Answer {
        self.call("POST", "/v2/bookings", Some(wish(event_type, start, email)))
            .await
    }

    /// Subscribes a receiver for account 15.
    pub(crate) async fn subscribe(&self, receiver: &Receiver) {
        self.control(
            "POST",
            "webhooks",
            json!({"account": KEY, "url": receiver.url}),
        )
        .await;
    }
}

pub(crate) fn wish(event_type: u64, start: &str, email: &str) -> Value {
    json!({
        "start": start,
        "eventTypeId": event_type,
        "attendee": {"name": "Tomas Lind", "email": email, "timeZone": "Europe/Berlin"},
        "metadata": {"gw_booking": format!("b-{email}")},
    })
}

/// What arrived at the receiver.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) body: Value,
    /// Status of the booking at the simulator while the webhook was being received.
    pub(crate) status_meanwhile: Value,
}

/// A tiny subscriber. While it receives a webhook it asks the simulator about the booking.
pub(crate) struct Receiver {
    pub(crate) url: String,
    inbox: Arc<Mutex<Vec<Received>>>,
}

#[derive(Clone)]
struct Inbox {
    received: Arc<Mutex<Vec<Received>>>,
    simulator: String,
    http: reqwest::Client,
}

impl Receiver {
    pub(crate) async fn for_stand(stand: &Stand) -> Self {
        let inbox: Arc<Mutex<Vec<Received>>> = Arc::default();
        let state = Inbox {
            received: Arc::clone(&inbox),
            simulator: stand.simulator.base_url(),
            http: stand.http.clone(),
        };
        let router = Router::new()
            .route("/hook", post(receive))
            .with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let receiver = Self { url, inbox };
        stand.subscribe(&receiver).await;
        receiver
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.inbox.lock().unwrap().clone()
    }

    pub(crate) fn triggers(&self) -> Vec<String> {
        let text = |one: &Received| one.body["triggerEvent"].as_str().unwrap().to_owned();
        self.all().iter().map(text).collect()
    }

    /// Waits until so many have arrived.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        wait_until(|| self.all().len() >= count).await;
        self.all()
    }
}

/// Waits for a condition; the limit is only there to end a test that went wrong.
pub(crate) async fn wait_until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waiting)
        .await
        .expect("the condition comes true");
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, bytes: Bytes) -> &'static str {
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let uid = body["payload"]["uid"].as_str().unwrap_or_default();
    let url = format!("{}/v2/bookings/{uid}", inbox.simulator);
    let seen = inbox
        .http
        .get(url)
        .header("cal-api-version", "2026-02-25")
        .send()
        .await
        .unwrap();
    let seen: Value = seen.json().await.unwrap();
    let status_meanwhile = seen["data"]["status"].clone();
    let received = Received {
        headers,
        bytes,
        body,
        status_meanwhile,
    };
    inbox.received.lock().unwrap().push(received);
    "ok"
}
