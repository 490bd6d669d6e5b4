//! Delivers webhooks: to all subscribers at once, awaited by the call that caused them, never
//! repeated. Faults can drop, double, delay, reorder or mis-sign a delivery. Everything is logged.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::sign::{NO_SECRET, signature};
use super::{Event, payload};
use crate::error_text::chain;
use crate::faults::WebhookEffects;
use crate::format::utc_ms;

/// Cal.com sets no limit; this one only keeps a hung receiver from holding the simulator for ever.
const RECEIVER_LIMIT: Duration = Duration::from_secs(120);

/// A signed body on its way to one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parcel {
    pub(crate) account: String,
    pub(crate) url: String,
    pub(crate) trigger: String,
    pub(crate) booking_uid: String,
    pub(crate) body: String,
    pub(crate) signature: String,
    pub(crate) content_type: &'static str,
    /// The faults it travels under.
    pub(crate) faults: Vec<&'static str>,
    /// The delivery it repeats.
    pub(crate) replay_of: Option<usize>,
    /// What it is written from again when it is sent.
    pub(crate) draft: Option<Draft>,
}

/// All that a body and its signature are made of, faults included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) event: Event,
    pub(crate) secret: Option<String>,
    pub(crate) effects: WebhookEffects,
}

impl Draft {
    pub(crate) fn body(&self, sent_at: DateTime<Utc>) -> String {
        let body = payload::envelope(&self.event, sent_at, self.effects.null_uid);
        if self.effects.form_encoded {
            payload::form(&body)
        } else {
            body.to_string()
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        if self.effects.form_encoded {
            "application/x-www-form-urlencoded"
        } else {
            "application/json"
        }
    }

    pub(crate) fn signature(&self, body: &str) -> String {
        match (self.effects.no_secret, self.effects.wrong_secret) {
            (true, _) => NO_SECRET.to_owned(),
            (false, true) => signature(Some("a-secret-that-nobody-knows"), body.as_bytes()),
            (false, false) => signature(self.secret.as_deref(), body.as_bytes()),
        }
    }
}

#[derive(Debug, Clone)]
struct Delivery {
    parcel: Parcel,
    at: DateTime<Utc>,
    state: &'static str,
    status: Option<u16>,
    error: Option<String>,
    ms: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Courier {
    client: reqwest::Client,
    log: Mutex<Vec<Delivery>>,
    /// Numbers of deliveries that wait to be sent in reverse.
    held: Mutex<Vec<usize>>,
}

impl Courier {
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: client()?,
            log: Mutex::default(),
            held: Mutex::default(),
        })
    }

    /// Writes a delivery into the log; the answer is its number, from 1.
    pub(crate) fn record(&self, parcel: Parcel, state: &'static str, at: DateTime<Utc>) -> usize {
        let mut log = self.log();
        log.push(Delivery {
            parcel,
            at,
            state,
            status: None,
            error: None,
            ms: None,
        });
        log.len()
    }

    /// Posts a recorded delivery and waits for the receiver's answer.
    pub(crate) async fn send(&self, number: usize) {
        let Some(parcel) = self.parcel(number) else {
            return;
        };
        let begun = Instant::now();
        let request = self
            .client
            .post(&parcel.url)
            .header("Content-Type", parcel.content_type)
            .header("X-Cal-Signature-256", &parcel.signature)
            .header("X-Cal-Webhook-Version", "2021-10-20")
            .body(parcel.body);
        let answer = request.send().await.map_err(|error| chain(&error));
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (state, status, error) = match answer {
            Ok(response) => {
                let state = if response.status().is_success() {
                    "delivered"
                } else {
                    "refused"
                };
                (state, Some(response.status().as_u16()), None)
            }
            Err(error) => ("failed", None, Some(error)),
        };
        if let Some(error) = &error {
            tracing::warn!(url = %parcel.url, %error, "webhook was not delivered");
        }
        if let Some(delivery) = self.log().get_mut(number - 1) {
            (delivery.state, delivery.status, delivery.error) = (state, status, error);
            delivery.ms = Some(ms);
        }
    }

    /// Keeps a recorded delivery back; with the `limit`-th one all go out, last one first. The
    /// caller sends what it gets.
    pub(crate) fn hold(&self, number: usize, limit: usize) -> Vec<usize> {
        let mut held = self
            .held
            .lock()
            .expect("no code panics while it holds the queue");
        held.push(number);
        if held.len() < limit {
            Vec::new()
        } else {
            reversed(&mut held)
        }
    }

    /// Everything that is still kept back, last one first.
    pub(crate) fn release(&self) -> Vec<usize> {
        reversed(
            &mut self
                .held
                .lock()
                .expect("no code panics while it holds the queue"),
        )
    }

    pub(crate) fn parcel(&self, number: usize) -> Option<Parcel> {
        let index = number.checked_sub(1)?;
        self.log()
            .get(index)
            .map(|delivery| delivery.parcel.clone())
    }

    /// Changes what a recorded delivery says.
    pub(crate) fn rewrite(&self, number: usize, body: String, signature: String) {
        if let Some(delivery) = self.log().get_mut(number.saturating_sub(1)) {
            (delivery.parcel.body, delivery.parcel.signature) = (body, signature);
        }
    }

    pub(crate) fn clear(&self) {
        self.release();
        self.log().clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        let log = self.log();
        log.iter()
            .enumerate()
            .map(|(index, delivery)| delivery.to_json(index + 1))
            .collect()
    }

    pub(crate) fn delivery_json(&self, number: usize) -> Value {
        let index = number.saturating_sub(1);
        self.log()
            .get(index)
            .map_or(Value::Null, |delivery| delivery.to_json(number))
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Vec<Delivery>> {
        self.log
            .lock()
            .expect("no code panics while it holds the log")
    }
}

impl Delivery {
    fn to_json(&self, number: usize) -> Value {
        let parcel = &self.parcel;
        json!({
            "n": number,
            "at": utc_ms(self.at),
            "account": parcel.account,
            "url": parcel.url,
            "trigger": parcel.trigger,
            "bookingUid": parcel.booking_uid,
            "state": self.state,
            "status": self.status,
            "ms": self.ms,
            "error": self.error,
            "faults": parcel.faults,
            "replayOf": parcel.replay_of,
            "signature": parcel.signature,
            "body": parcel.body,
        })
    }
}

fn reversed(held: &mut Vec<usize>) -> Vec<usize> {
    let mut all = std::mem::take(held);
    all.reverse();
    all
}

/// A client for plain posts: no redirects, no proxies, and a TLS provider, which reqwest wants to
/// exist even when nobody speaks TLS.
fn client() -> Result<reqwest::Client, reqwest::Error> {
    // An error only says that somebody in this process has installed one before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(RECEIVER_LIMIT)
        .build()
}
