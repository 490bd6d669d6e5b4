//! The front page: what can be booked, and buttons that break things.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::html::{escape, page};
use crate::format::utc_seconds;
use crate::sim::Sim;

#[derive(Debug, Deserialize)]
pub(super) struct Preset {
    #[serde(default)]
    preset: String,
}

/// Name, what the button says, what it does.
type Row = (&'static str, &'static str, fn() -> Value);

const PRESETS: &[Row] = &[
    ("slow", "Answer 3 s late", || json!({"latency_ms": 3000})),
    ("down", "Answer 503 to everything", || json!({"fail": 503})),
    (
        "storm",
        "429 for the next 5 calls",
        || json!({"rate_limit_storm": true, "times": 5}),
    ),
    (
        "lost-answer",
        "Next booking: done, but no answer",
        || json!({"route": "POST /v2/bookings", "commit_then_timeout": true, "times": 1}),
    ),
    (
        "false-500",
        "Next booking: done, but 500",
        || json!({"route": "POST /v2/bookings", "commit_then_500": true, "times": 1}),
    ),
    (
        "race",
        "Next booking: somebody is faster (409)",
        || json!({"route": "POST /v2/bookings", "lose_insert_race": true, "times": 1}),
    ),
    (
        "stale-slots",
        "Slots 30 s out of date",
        || json!({"slots_lag_seconds": 30}),
    ),
    (
        "empty-slots",
        "No slots at all",
        || json!({"empty_slots": true}),
    ),
    (
        "drop-webhook",
        "Lose the next webhook",
        || json!({"webhooks": {"drop": true}, "times": 1}),
    ),
    (
        "double-webhook",
        "Send the next webhook twice",
        || json!({"webhooks": {"duplicate": true}, "times": 1}),
    ),
    (
        "late-webhook",
        "Next webhook 30 s late",
        || json!({"webhooks": {"delay_ms": 30000}, "times": 1}),
    ),
    (
        "forged-webhook",
        "Next webhook badly signed",
        || json!({"webhooks": {"wrong_secret": true}, "times": 1}),
    ),
];

pub(super) async fn add_fault(State(sim): State<Arc<Sim>>, Form(form): Form<Preset>) -> Redirect {
    if let Some((_, _, rule)) = PRESETS.iter().find(|(name, _, _)| *name == form.preset) {
        sim.faults
            .add(&rule())
            .expect("the presets are valid rules");
    }
    Redirect::to("/")
}

pub(super) async fn clear_faults(State(sim): State<Arc<Sim>>) -> Response {
    sim.faults.clear();
    sim.send_later(sim.courier.release(), 0);
    Redirect::to("/").into_response()
}

pub(super) async fn show(State(sim): State<Arc<Sim>>) -> Response {
    let body = format!(
        "<h1>Simulated Cal.com</h1>\n<p class=\"soft\">API v2 under <code>/v2</code>, control API \
         under <code>/_sim</code>. The clock says {}.</p>\n{}\n{}\n{}",
        utc_seconds(sim.now()),
        event_types(&sim),
        faults(&sim),
        figures(&sim),
    );
    page(StatusCode::OK, "Simulated Cal.com", &body)
}

fn event_types(sim: &Sim) -> String {
    let world = sim.world();
    let sections: Vec<String> = world
        .accounts
        .iter()
        .map(|account| {
            let items: Vec<String> = account
                .event_types
                .iter()
                .map(|event_type| {
                    format!(
                        "<li><a href=\"/book/{}\">{}</a><span class=\"soft\">{} min · {}</span></li>",
                        event_type.id,
                        escape(&event_type.title),
                        event_type.length_in_minutes,
                        event_type.id
                    )
                })
                .collect();
            let hosts: Vec<String> =
                account.hosts.iter().map(|host| escape(&host.name)).collect();
            format!(
                "<section class=\"card\"><h2>Book with {}</h2>\n<ul class=\"list\">{}</ul></section>",
                hosts.join(" and "),
                items.join("\n")
            )
        })
        .collect();
    sections.join("\n")
}

fn faults(sim: &Sim) -> String {
    let buttons: Vec<String> = PRESETS
        .iter()
        .map(|(name, label, _)| {
            format!(
                "<button name=\"preset\" value=\"{name}\">{}</button>",
                escape(label)
            )
        })
        .collect();
    let rules = sim.faults.to_json();
    let active: Vec<String> = rules
        .as_array()
        .into_iter()
        .flatten()
        .map(|rule| escape(&rule.to_string()))
        .collect();
    let active = if active.is_empty() {
        "<p class=\"soft\">Nothing is broken.</p>".to_owned()
    } else {
        format!(
            "<pre>{}</pre>\n<form method=\"post\" action=\"/controls/clear\" class=\"actions\">\
             <button class=\"main\">Mend everything</button></form>",
            active.join("\n")
        )
    };
    format!(
        "<section class=\"card\" aria-labelledby=\"faults\"><h2 id=\"faults\">Break something</h2>\n\
         {active}\n<form method=\"post\" action=\"/controls/faults\" class=\"choices\">{}</form>\n\
         </section>",
        buttons.join("\n")
    )
}

fn figures(sim: &Sim) -> String {
    let state = sim.state();
    format!(
        "<section class=\"card\"><h2>The books</h2>\n<dl><dt>Bookings</dt><dd>{}</dd>\
         <dt>API calls</dt><dd>{}</dd><dt>Subscriptions</dt><dd>{}</dd></dl>\n\
         <p class=\"actions\"><a href=\"/_sim/state\">Ledger</a> \
         <a href=\"/_sim/deliveries\">Webhook log</a> <a href=\"/_sim/world\">Set-up</a></p>\
         </section>",
        state.store.bookings().len(),
        state.calls.total,
        state.subscriptions.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Faults;

    #[test]
    fn every_preset_is_a_valid_rule() {
        for (name, _, rule) in PRESETS {
            Faults::default()
                .add(&rule())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
