//! Messages to customers from the real gateway to a real mail server, opened by a parser that is not
//! ours.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::messages::{MailServer, Mood, ReceivedMail};
use booking_test_support::wait::until;
use mail_parser::{MessageParser, MimeHeaders};
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_20, Options};

/// Longer than a lease, which a killed process leaves behind.
const LIMIT: Duration = Duration::from_secs(120);

/// What is in a mail.
struct Opened {
    id: String,
    text: String,
    /// The lines of the invitation, unfolded.
    invite: Vec<String>,
}

impl Opened {
    fn new(mail: &ReceivedMail) -> anyhow::Result<Self> {
        let parsed = MessageParser::new().parse(&mail.data).context("a mail")?;
        let part = |kind: &str| {
            let is_it = |it: &&mail_parser::MessagePart<'_>| {
                let kind_of = it.content_type();
                kind_of.is_some_and(|it| it.subtype() == Some(kind))
            };
            parsed.parts.iter().find(is_it)
        };
        let words = |kind| part(kind).and_then(|it| it.text_contents().map(str::to_owned));
        let invite = words("calendar").unwrap_or_default().replace("\r\n ", "");
        Ok(Self {
            id: parsed.message_id().context("a Message-ID")?.to_owned(),
            text: words("plain").context("a text")?,
            invite: invite.lines().map(str::to_owned).collect(),
        })
    }

    fn value(&self, name: &str) -> Option<&str> {
        let mut lines = self.invite.iter();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
    }
}

struct Scene {
    it: Installation,
    server: MailServer,
}

impl Scene {
    async fn start() -> anyhow::Result<Self> {
        let server = MailServer::start().await?;
        let settings = vec![
            ("BOOKING__SMTP__URL", server.url()),
            ("BOOKING__SMTP__FROM", "termine@praxis.example".to_owned()),
            ("BOOKING__PUBLIC_URL", "https://booking.example".to_owned()),
        ];
        let it = Installation::start(Options {
            settings,
            ..Options::default()
        })
        .await?;
        Ok(Self { it, server })
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let (status, answer) = self.it.ask(Method::POST, path, body).await?;
        ensure!(matches!(status, 200..=202), "{status} to {path}: {answer}");
        Ok(answer)
    }

    async fn booked(&self, hour: u8) -> anyhow::Result<Value> {
        let wish = json!({"service_id": 1, "start": at(working_day(5), hour),
            "customer": {"name": "Erika Muster", "email": "erika@mail.example", "locale": "de"}});
        self.post("/api/v1/bookings", wish).await
    }

    /// The mails, once there are so many.
    async fn mails(&self, n: usize) -> anyhow::Result<Vec<Opened>> {
        let mails = until(LIMIT, "the mails arrive", || async {
            let mails = self.server.mails();
            (mails.len() >= n).then_some(mails)
        })
        .await?;
        ensure!(mails.len() == n, "{} mails", mails.len());
        mails.iter().map(Opened::new).collect()
    }

    /// The lines of the history about messages.
    async fn log(&self, id: &str) -> anyhow::Result<Vec<String>> {
        let path = format!("/api/v1/bookings/{id}/history?limit=200");
        let (_, history) = self.it.ask(Method::GET, &path, Value::Null).await?;
        let lines = history["data"].as_array().context("lines")?.iter();
        let noted = lines.filter(|it| it["type"] == "notification");
        let words = noted.map(|it| format!("{} {}", it["name"], it["detail"]).replace('"', ""));
        Ok(words.collect())
    }
}

/// Booked, moved, called off: three mails, one appointment in the customer's calendar.
///
/// Red when `SEQUENCE` does not grow, the appointment's name changes with a move, or something is
/// told twice.
#[tokio::test]
async fn an_appointment_lives_in_the_customers_calendar() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let booked = scene.booked(9).await?;
    let id = booked["id"].as_str().context("an id")?;
    let first = scene.mails(1).await?;
    ensure!(first[0].text.contains("Beratung"), "{}", first[0].text);
    let moved = json!({"start": at(working_day(6), 11)});
    let path = format!("/api/v1/bookings/{id}/reschedule");
    scene.post(&path, moved).await?;
    scene.mails(2).await?;
    scene
        .post(&format!("/api/v1/bookings/{id}/cancel"), json!({}))
        .await?;
    let mails = scene.mails(3).await?;
    let methods: Vec<_> = mails.iter().map(|it| it.value("METHOD")).collect();
    ensure!(
        methods == [Some("REQUEST"), Some("REQUEST"), Some("CANCEL")],
        "{methods:?}"
    );
    let uids: BTreeSet<_> = mails.iter().filter_map(|it| it.value("UID")).collect();
    ensure!(uids.len() == 1, "{uids:?}");
    let mut sequences = Vec::new();
    for mail in &mails {
        let sequence = mail.value("SEQUENCE").context("a sequence")?;
        sequences.push(sequence.parse::<u32>()?);
    }
    ensure!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
    until(LIMIT, "the log knows", || async {
        let log = scene.log(id).await?;
        let sent = log.iter().filter(|it| it.ends_with("email: sent")).count();
        ensure!(sent == 3, "{log:?}");
        anyhow::Ok(())
    })
    .await?;
    let metrics = scene.it.metrics_of(0).await?;
    let counted = "booking_notifications_total{channel=\"email\",template=\"appointment_booked\",outcome=\"sent\"} 1";
    ensure!(metrics.contains(counted), "{metrics}");
    Ok(())
}

/// The gateway is killed while the mail server says nothing: after the restart the mail arrives, and
/// none of another id ever does.
///
/// Red when the log does not know of the try, or a message gets a new id with each.
#[tokio::test]
async fn a_kill_while_the_server_hangs_loses_and_doubles_nothing() -> anyhow::Result<()> {
    let mut scene = Scene::start().await?;
    scene.server.be(Mood::Silent);
    let booked = scene.booked(9).await?;
    let id = booked["id"].as_str().context("an id")?;
    let tries = format!(
        "SELECT coalesce(max(attempt), 0) FROM notifications WHERE appointment_id = '{id}'"
    );
    until(LIMIT, "it is tried", || async {
        let tries = scene.it.database.sql(&tries).await?;
        ensure!(tries == "1", "{tries}");
        anyhow::Ok(())
    })
    .await?;
    scene.it.gateways[0].kill9().await?;
    scene.server.hang_up();
    scene.server.be(Mood::Takes);
    scene.it.gateways[0].restart().await?;
    scene.it.gateways[0].wait_ready().await?;
    until(LIMIT, "the log knows", || async {
        let log = scene.log(id).await?;
        ensure!(log.iter().any(|it| it.ends_with("email: sent")), "{log:?}");
        anyhow::Ok(())
    })
    .await?;
    let mails = scene.server.mails();
    ensure!(!mails.is_empty());
    let mut ids = BTreeSet::new();
    for mail in &mails {
        ids.insert(Opened::new(mail)?.id);
    }
    ensure!(ids.len() == 1, "{ids:?}");
    let sql = format!("SELECT id FROM notifications WHERE appointment_id = '{id}'");
    let known = scene.it.database.sql(&sql).await?;
    ensure!(
        ids.iter().all(|it| it.starts_with(known.trim())),
        "{ids:?} {known}"
    );
    Ok(())
}

/// Consent, campaign, the link in the mail, opt-out: with the audit log telling who said what.
#[tokio::test]
async fn a_campaign_reaches_who_agreed_until_they_opt_out() -> anyhow::Result<()> {
    let scene = Scene::start().await?;
    let booked = scene.booked(9).await?;
    let customer = &booked["customer"]["id"];
    scene.mails(1).await?;
    let path = format!("/api/v1/customers/{customer}/consent");
    let said = json!({"marketing": true, "source": "web form"});
    let (status, _) = scene.it.ask(Method::PUT, &path, said.clone()).await?;
    ensure!(status == 200);
    let foreign = scene
        .it
        .ask_as(KEY_20, 0, (Method::PUT, &path), said)
        .await?;
    ensure!(foreign.0 == 404, "{foreign:?}");
    let wish =
        json!({"name": "herbst", "subject": "Wieder da", "text": "Guten Tag", "segment": {}});
    let started = scene.post("/api/v1/campaigns", wish.clone()).await?;
    let again = scene.post("/api/v1/campaigns", wish).await?;
    ensure!(started["id"] == again["id"]);
    let mails = scene.mails(2).await?;
    let link = mails[1]
        .text
        .split_whitespace()
        .find(|it| it.contains("/unsubscribe/"));
    let link = link.with_context(|| mails[1].text.clone())?;
    let token = link.rsplit('/').next().context("a token")?;
    let page = scene.it.gateways[0].url(&format!("/unsubscribe/{token}"));
    let question = scene
        .it
        .http
        .get(&page)
        .header("accept-language", "de")
        .send()
        .await?;
    ensure!(question.status() == 200);
    let question = question.text().await?;
    ensure!(question.contains("Praxis Sonnenschein"), "{question}");
    let form = "application/x-www-form-urlencoded";
    let request = scene.it.http.post(&page).header("content-type", form);
    let done = request.body("List-Unsubscribe=One-Click").send().await?;
    ensure!(done.status() == 200);
    let audit = "SELECT string_agg(action || ' ' || actor || ' ' || detail, ';' ORDER BY seq)
                 FROM audit_log WHERE appointment_id IS NULL";
    let audit = scene.it.database.sql(audit).await?;
    let given = format!(" customer {customer}: web form;");
    let out = format!("opted_out customer customer {customer}: unsubscribe link");
    ensure!(
        audit.starts_with("consent_given api key bk_") && audit.contains(&given),
        "{audit}"
    );
    ensure!(audit.ends_with(&out), "{audit}");
    let dry = json!({"name": "x", "subject": "s", "text": "t", "segment": {}, "dry_run": true});
    let left = scene.post("/api/v1/campaigns", dry).await?;
    ensure!(left["recipients"] == 0, "{left}");
    Ok(())
}
