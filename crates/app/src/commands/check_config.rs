//! `check-config`: try every component, say what is wrong and how to mend it.

use std::path::Path;

use anyhow::bail;
use booking_domain::budget::Priority;
use booking_domain::ports::{CalendarError, CalendarPort, CarrierError, MessageCarrier, SlotQuery};
use booking_domain::tenant::Company;
use booking_domain::time::{Span, TimeRange};
use booking_postgres::Severity;
use booking_telemetry::error_chain;
use secrecy::ExposeSecret;

use super::{output, start_log};
use crate::config::{Config, load};
use crate::wiring::{
    DatabaseUrl, OpenStore, PATIENCE, calendar, clock, connect_postgres, connect_redis,
    database_url, edge, open_store, settings, sms, smtp, with_sealed_setup,
};

/// What came out, and whether anything is wrong.
#[derive(Default)]
struct Findings {
    wrong: u32,
}

impl Findings {
    fn fine(&self, component: &str, text: &str) {
        output::line(format!("ok       {component:<12} {text}"));
    }

    fn note(&self, component: &str, text: &str) {
        output::line(format!("note     {component:<12} {text}"));
    }

    fn wrong(&mut self, component: &str, text: &str) {
        self.wrong += 1;
        output::line(format!("WRONG    {component:<12} {text}"));
    }

    /// What came of knocking at whoever carries messages.
    fn carrier(
        &mut self,
        component: &str,
        checked: Result<(), CarrierError>,
        (fine, keys): (&str, &str),
    ) {
        match checked {
            Ok(()) => self.fine(component, fine),
            Err(CarrierError::Unavailable(trouble)) => {
                let trouble = error_chain(trouble.as_ref());
                self.wrong(component, &format!("{trouble}; look at {keys}"));
            }
            Err(CarrierError::Refused(reason)) => {
                self.wrong(component, &format!("{reason}; look at {keys}"));
            }
        }
    }
}

pub(crate) async fn run(file: Option<&Path>) -> anyhow::Result<()> {
    let config = load(file)?;
    let mut findings = Findings::default();
    match settings(&config) {
        Ok(_) => findings.fine("values", "the configuration is well formed"),
        Err(error) => findings.wrong("values", &error_chain(error.as_ref())),
    }
    for key in &config.without_effect {
        findings.note("values", &format!("this version does not use {key}"));
    }
    let store = check_database(&config, &mut findings).await;
    check_redis(&config, &mut findings).await;
    check_edge(&config, &mut findings);
    check_messages(&config, &mut findings).await;
    if let Some(store) = store {
        check_companies(&config, &store, &mut findings).await;
    }
    if config.listen.parse::<std::net::SocketAddr>().is_err() {
        findings.wrong(
            "listen",
            "BOOKING__LISTEN is no address like 127.0.0.1:8080",
        );
    }
    // Last, because from here on log lines would get between the findings.
    if let Err(error) = start_log(&config) {
        findings.wrong("log", &error_chain(error.as_ref()));
    }
    match findings.wrong {
        0 => Ok(()),
        1 => bail!("one thing is wrong, see above"),
        n => bail!("{n} things are wrong, see above"),
    }
}

async fn check_database(config: &Config, findings: &mut Findings) -> Option<OpenStore> {
    if let Ok(DatabaseUrl::Postgres(url)) = database_url(config) {
        match connect_postgres(config, url).await {
            Ok(store) => {
                for finding in store.check().await.unwrap_or_default() {
                    match finding.severity {
                        Severity::Fine => findings.fine("database", &finding.text),
                        Severity::Warning => findings.note("database", &finding.text),
                        // Said once more below, with everything that hinders opening it.
                        Severity::Error => {}
                    }
                }
            }
            Err(error) => {
                findings.wrong("database", &error_chain(error.as_ref()));
                return None;
            }
        }
    }
    let opened = match open_store(config).await {
        Ok(store) => with_sealed_setup(store, config),
        Err(error) => Err(error),
    };
    match opened {
        Ok(store) => {
            findings.fine("database", "answers, and its schema is current");
            Some(store)
        }
        Err(error) => {
            findings.wrong("database", &error_chain(error.as_ref()));
            None
        }
    }
}

async fn check_redis(config: &Config, findings: &mut Findings) {
    if config
        .redis_url
        .as_ref()
        .is_none_or(|url| url.expose_secret().is_empty())
    {
        return findings.note(
            "redis",
            "not configured: the cache lives in each process alone",
        );
    }
    match connect_redis(config, PATIENCE).await {
        Ok(Some(cache)) => match cache.ping().await {
            Ok(()) => findings.fine("redis", "answers"),
            Err(error) => findings.wrong(
                "redis",
                &format!(
                    "{}; is BOOKING__REDIS_URL right, and does it run?",
                    error_chain(&error)
                ),
            ),
        },
        Ok(None) => {}
        Err(error) => findings.wrong("redis", &error_chain(error.as_ref())),
    }
}

/// Looks at the address only: a purge that nobody needs is not sent.
fn check_edge(config: &Config, findings: &mut Findings) {
    match edge(config) {
        Ok(None) => {}
        Ok(Some(_)) => findings.fine("edge", "purges are sent (the address was not tried)"),
        Err(error) => findings.wrong("edge", &error_chain(error.as_ref())),
    }
}

/// Connects to both, and sends nothing.
async fn check_messages(config: &Config, findings: &mut Findings) {
    match smtp(config) {
        Ok(None) => findings.note(
            "smtp",
            "no BOOKING__SMTP__URL: nobody gets an e-mail, the delivery log says so",
        ),
        Ok(Some(carrier)) => {
            let from = carrier.sender();
            let fine = format!("the mail server lets us in; mails come from {from}");
            let keys = "BOOKING__SMTP__URL (host, port, user, password, smtps:// or smtp://)";
            findings.carrier("smtp", carrier.check().await, (&fine, keys));
        }
        Err(error) => findings.wrong("smtp", &error_chain(error.as_ref())),
    }
    match sms(config) {
        Ok(None) => findings.note(
            "sms",
            "no BOOKING__SMS__URL: nobody gets a text message, the delivery log says so",
        ),
        Ok(Some(carrier)) => {
            let fine = "the gateway for text messages answers (no message was sent)";
            let keys = "BOOKING__SMS__URL and BOOKING__SMS__TOKEN";
            findings.carrier("sms", carrier.check().await, (fine, keys));
        }
        Err(error) => findings.wrong("sms", &error_chain(error.as_ref())),
    }
}

async fn check_companies(config: &Config, store: &OpenStore, findings: &mut Findings) {
    let companies = match store.ports.setup.companies().await {
        Ok(companies) => companies,
        Err(error) => return findings.wrong("companies", &error_chain(&error)),
    };
    if companies.is_empty() {
        findings.note("companies", "none yet: make one with `tenant import FILE`");
    }
    for company in companies {
        check_calendar(config, (store, &company), findings).await;
    }
}

/// Asks Cal.com for tomorrow's slots of one service: shows address, key and event type at once.
async fn check_calendar(
    config: &Config,
    (store, company): (&OpenStore, &Company),
    findings: &mut Findings,
) {
    let name = format!("company {}", company.id);
    let Some(account) = &company.calcom else {
        let text =
            "has no Cal.com account: nothing is synced (BOOKING__CALCOM__API_KEY or its own)";
        return findings.note(&name, text);
    };
    let setup = match store.ports.setup.load(company.id).await {
        Ok(Some(setup)) => setup,
        Ok(None) => return,
        Err(error) => return findings.wrong(&name, &error_chain(&error)),
    };
    let Some((service, event_type)) = setup
        .services
        .iter()
        .find_map(|it| it.event_type.map(|event_type| (it, event_type)))
    else {
        return findings.note(&name, "has no service with a Cal.com event type");
    };
    let tomorrow = clock().now() + Span::DAY;
    let query = SlotQuery {
        event_type,
        window: TimeRange::lasting(tomorrow, 24 * 60),
        duration_minutes: service.duration_minutes,
        priority: Priority::Read,
    };
    let answer = match calendar(config, None) {
        Ok(calendar) => calendar.slots(account, &query).await,
        Err(error) => return findings.wrong(&name, &error_chain(error.as_ref())),
    };
    let place = &account.base_url;
    match answer {
        Ok(_) => findings.fine(&name, &format!("Cal.com at {place} answers")),
        Err(CalendarError::Refused(refusal)) => {
            let text = format!(
                "Cal.com at {place} refuses event type {event_type} of service {}: {refusal}; look \
                 at the service's calcom_event_type_id and the company's calcom.api_key",
                service.id
            );
            findings.wrong(&name, &text);
        }
        Err(error) => {
            let hint = "is the address right, and does it run?";
            findings.wrong(
                &name,
                &format!("{} at {place}; {hint}", error_chain(&error)),
            );
        }
    }
}
