//! `/_sim/world`, `/_sim/settings` and `/_sim/webhooks`: who exists, how strict the service is,
//! who is told.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, App, Complaint, read};
use crate::sim::Sim;
use crate::webhooks::{Subscription, TRIGGERS, default_triggers};
use crate::world::{Settings, World};

pub(super) async fn world(State(sim): App) -> Answer {
    Ok(axum::Json(json!(*sim.world())))
}

pub(super) async fn put_world(State(sim): App, body: Bytes) -> Answer {
    let wanted: World = read(&body)?;
    wanted.validate().map_err(Complaint::wrong)?;
    sim.replace_world(wanted);
    world(State(sim)).await
}

pub(super) async fn settings(State(sim): App) -> Answer {
    Ok(axum::Json(json!(sim.world().settings)))
}

/// Settings that are not mentioned keep their value.
pub(super) async fn put_settings(State(sim): App, body: Bytes) -> Answer {
    let changes: Value = read(&body)?;
    let mut merged = json!(sim.world().settings);
    match (merged.as_object_mut(), changes) {
        (Some(merged), Value::Object(changes)) => merged.extend(changes),
        _ => return Err(Complaint::wrong("settings are a JSON object")),
    }
    let wanted: Settings =
        serde_json::from_value(merged).map_err(|error| Complaint::wrong(error.to_string()))?;
    {
        let mut state = sim.state();
        Arc::make_mut(&mut state.world).settings = wanted;
        state.slots_cache.clear();
    }
    sim.limiter.clear();
    settings(State(sim)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscribe {
    account: String,
    url: String,
    secret: Option<String>,
    triggers: Option<Vec<String>>,
}

/// Adds a subscription; one with the same account and URL is replaced.
pub(super) async fn subscribe(State(sim): App, body: Bytes) -> Answer {
    let wish: Subscribe = read(&body)?;
    let world = sim.world();
    let account = world.account(&wish.account).ok_or_else(|| {
        let known: Vec<&str> = world
            .accounts
            .iter()
            .map(|one| one.api_key.as_str())
            .collect();
        Complaint::wrong(format!(
            "unknown account {:?}; known: {}",
            wish.account,
            known.join(", ")
        ))
    })?;
    if !url::Url::parse(&wish.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(Complaint::wrong(format!(
            "{:?} is not an http or https address",
            wish.url
        )));
    }
    let triggers = wish.triggers.unwrap_or_else(default_triggers);
    if let Some(unknown) = triggers
        .iter()
        .find(|name| !TRIGGERS.contains(&name.as_str()))
    {
        let known = TRIGGERS.join(", ");
        return Err(Complaint::wrong(format!(
            "unknown trigger {unknown:?}; known: {known}"
        )));
    }
    let mut state = sim.state();
    state
        .subscriptions
        .retain(|one| one.account != wish.account || one.url != wish.url);
    let subscription = Subscription {
        id: state.store.uuid(),
        account: wish.account,
        url: wish.url,
        secret: wish.secret.or_else(|| account.webhook_secret.clone()),
        triggers,
        active: true,
    };
    let answer = shown(&subscription);
    state.subscriptions.push(subscription);
    Ok(axum::Json(answer))
}

pub(super) async fn webhooks(State(sim): App) -> Answer {
    Ok(axum::Json(json!({"webhooks": all(&sim)})))
}

pub(super) async fn unsubscribe_all(State(sim): App) -> Answer {
    sim.state().subscriptions.clear();
    webhooks(State(sim)).await
}

fn all(sim: &Sim) -> Vec<Value> {
    sim.state().subscriptions.iter().map(shown).collect()
}

fn shown(subscription: &Subscription) -> Value {
    json!({"id": subscription.id, "account": subscription.account, "url": subscription.url,
        "secret": subscription.secret, "triggers": subscription.triggers,
        "active": subscription.active})
}
