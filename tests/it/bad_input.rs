//! Requests that must be refused, against a running gateway on Postgres: status, code, form of the
//! answer, and that nothing was written.
//!
//! Mutations that turn it red: committing before `check_wish` (customers grow); claiming the
//! idempotency key in a transaction of its own (idempotency_keys grows); filing a webhook before its
//! signature is verified (webhook_inbox grows); `WHERE id = $1` without the company (another
//! company's appointment is shown).

mod cases;

use anyhow::Context;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;

use self::cases::all_cases;
use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, KEY_20, Options};
use crate::run::output;

/// A request and how it must be refused.
struct Case {
    name: String,
    request: RequestBuilder,
    status: u16,
    code: &'static str,
    /// The member of `errors` that must be there.
    field: Option<&'static str>,
}

/// The installation, and what the requests name.
struct Scene {
    it: Installation,
    /// A key that may only read.
    reader: String,
    /// A key whose time is over.
    expired: String,
    /// A live appointment of company 15.
    ours: String,
    /// A cancelled one.
    cancelled: String,
    /// A live appointment of company 20.
    theirs: String,
}

impl Scene {
    async fn start() -> anyhow::Result<Self> {
        let it = Installation::start(Options::default()).await?;
        let reader = new_key(&it, "--scopes=read").await?;
        let expired = new_key(&it, "--scopes=admin").await?;
        let prefix: String = expired.chars().take(14).collect();
        let over = format!(
            "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE prefix = '{prefix}'"
        );
        it.database.sql(&over).await?;
        let ours = booked(&it, KEY_15, 1, 9).await?;
        let cancelled = booked(&it, KEY_15, 1, 11).await?;
        let path = format!("/api/v1/bookings/{cancelled}/cancel");
        let (status, body) = it.ask(Method::POST, &path, json!({})).await?;
        assert_eq!(status, 200, "{body}");
        let theirs = booked(&it, KEY_20, 3, 9).await?;
        Ok(Self {
            it,
            reader,
            expired,
            ours,
            cancelled,
            theirs,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.it.http.request(method, self.it.gateways[0].url(path))
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path).bearer_auth(KEY_15)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path)
            .bearer_auth(KEY_15)
            .json(body)
    }

    /// A booking that would be fine, with these members changed.
    fn book(&self, changed: Value) -> RequestBuilder {
        self.post("/api/v1/bookings", &wish(changed))
    }

    /// A webhook to this company's address, with this signature.
    fn webhook(&self, company: i64, signature: &str) -> RequestBuilder {
        self.request(Method::POST, &format!("/api/calcom/webhook/{company}"))
            .header("content-type", "application/json")
            .header("x-cal-signature-256", signature)
            .body(news())
    }

    /// Rows of everything that a request could write, and how often appointments were changed.
    async fn written(&self) -> anyhow::Result<String> {
        let counts = [
            "appointments",
            "customers",
            "live_claims",
            "outbox",
            "sagas",
        ]
        .into_iter()
        .chain([
            "idempotency_keys",
            "webhook_inbox",
            "appointment_booking_uids",
        ])
        .map(|table| format!("'{table}', (SELECT count(*) FROM {table})"))
        .chain([
            "'changes', (SELECT sum(version) FROM appointments)".to_owned(),
            "'versions', (SELECT sum(ver) FROM availability_versions)".to_owned(),
        ]);
        let sql = format!(
            "SELECT json_build_object({})",
            counts.collect::<Vec<_>>().join(", ")
        );
        self.it.database.sql(&sql).await
    }
}

async fn new_key(it: &Installation, scopes: &str) -> anyhow::Result<String> {
    let create = ["api-key", "create", "--company=15", scopes];
    Ok(output(it.command(&create)).await?.trim().to_owned())
}

async fn booked(it: &Installation, key: &str, service: i64, hour: u8) -> anyhow::Result<String> {
    let body = json!({"service_id": service, "start": at(working_day(3), hour),
                      "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
    let (status, body) = it
        .ask_as(key, 0, (Method::POST, "/api/v1/bookings"), body)
        .await?;
    assert_eq!(status, 201, "{body}");
    Ok(body["id"].as_str().context("id")?.to_owned())
}

/// A booking that would be fine, with these members changed.
fn wish(changed: Value) -> Value {
    let mut wish = json!({"service_id": 1, "start": at(working_day(4), 9),
                          "customer": {"name": "Max Muster", "email": "max@mail.example"}});
    for (name, value) in changed.as_object().into_iter().flatten() {
        wish[name] = value.clone();
    }
    wish
}

/// News about a booking that is not known here.
fn news() -> String {
    json!({"triggerEvent": "BOOKING_CREATED", "createdAt": "2030-01-07T08:00:00.000Z",
           "payload": {"uid": "unheard-of", "eventTypeId": 1, "status": "ACCEPTED",
                       "startTime": "2030-01-08T08:00:00Z", "endTime": "2030-01-08T09:00:00Z",
                       "organizer": {"id": 501, "email": "anna@praxis.example"},
                       "attendees": [{"name": "Rita Ruf", "email": "rita@mail.example",
                                      "timeZone": "Europe/Berlin"}]}})
    .to_string()
}

fn signed(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(news().as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The answer is a problem document with this status, code and field.
async fn check(response: Response, case: &Case) -> anyhow::Result<()> {
    let name = &case.name;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await?;
    assert_eq!(status, case.status, "{name}: {text}");
    assert_eq!(
        headers["content-type"], "application/problem+json",
        "{name}"
    );
    let body: Value = serde_json::from_str(&text).with_context(|| format!("{name}: {text}"))?;
    assert_eq!(body["code"], case.code, "{name}: {text}");
    assert_eq!(body["status"], case.status, "{name}");
    assert_eq!(body["type"], format!("/problems/{}", case.code), "{name}");
    for member in ["title", "detail"] {
        assert!(
            body[member].as_str().is_some_and(|it| !it.is_empty()),
            "{name}: {text}"
        );
    }
    let id = headers.get("x-request-id").context("a request id")?;
    assert_eq!(body["request_id"], id.to_str()?, "{name}");
    if let Some(field) = case.field {
        let errors = body["errors"]
            .as_array()
            .with_context(|| format!("{name}: {text}"))?;
        assert!(
            errors.iter().any(|it| it["field"] == field),
            "{name}: {field} in {text}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_bad_request_is_refused_in_words_and_writes_nothing() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let before = scene.written().await?;
    for case in all_cases(&scene) {
        let request = case.request.try_clone().context("a body in memory")?;
        let response = request.send().await.with_context(|| case.name.clone())?;
        check(response, &case).await?;
        assert_eq!(
            scene.written().await?,
            before,
            "{} wrote something",
            case.name
        );
    }
    the_same_requests_without_their_mistake_work(&scene, &before).await
}

/// What keeps the table honest: the key, the wish and the news that it varies are good ones.
async fn the_same_requests_without_their_mistake_work(
    scene: &Scene,
    before: &str,
) -> anyhow::Result<()> {
    let taken = scene.webhook(15, &signed("whsec_15")).send().await?;
    assert_eq!(taken.status(), 200);
    let answer: Value = taken.json().await?;
    assert_eq!(answer["status"], "ignored", "{answer}");
    let kept = "SELECT count(*) FROM webhook_inbox WHERE status = 'quarantined'";
    assert_eq!(
        scene.it.database.sql(kept).await?,
        "1",
        "kept for a person to see"
    );
    let booked = scene
        .book(json!({}))
        .header("idempotency-key", "wish-1")
        .send()
        .await?;
    assert_eq!(
        booked.status(),
        201,
        "the refused wish did not use the key up"
    );
    assert_ne!(scene.written().await?, before);
    Ok(())
}
