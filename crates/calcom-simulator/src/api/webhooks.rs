//! `/v2/webhooks`: a key's own subscriptions.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::fields::Fields;
use super::{Call, Reply};
use crate::error::ApiError;
use crate::sim::{Sim, State};
use crate::webhooks::{Subscription, TRIGGERS};

pub(super) fn create(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = call.account()?;
    let mut fields = Fields::from_body(&call.body)?;
    for required in ["active", "triggers"] {
        if !fields.has(required) {
            fields.complain(required, "isDefined", "{} should not be null or undefined");
        }
    }
    let url = fields.required_string("subscriberUrl");
    let changes = changes(&mut fields);
    fields.check_globally()?;
    check_url(&url)?;
    let mut state = sim.state();
    check_unique(&state, account, &url, None)?;
    let mut subscription = Subscription {
        id: state.store.uuid(),
        account: account.to_owned(),
        url,
        secret: None,
        triggers: Vec::new(),
        active: true,
    };
    changes.apply(&mut subscription);
    let data = subscription.to_json(owner(&state, account));
    state.subscriptions.push(subscription);
    Ok(Reply::created(data))
}

pub(super) fn list(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = call.account()?;
    let mut fields = Fields::from_query(&call.query);
    let take = fields.integer("take").unwrap_or(250).min(250);
    let skip = fields.integer("skip").unwrap_or(0);
    fields.check_globally()?;
    let state = sim.state();
    let owner = owner(&state, account);
    let rows: Vec<Value> = state
        .subscriptions
        .iter()
        .filter(|one| one.account == account)
        .skip(usize::try_from(skip).unwrap_or(usize::MAX))
        .take(usize::try_from(take).unwrap_or(250))
        .map(|one| one.to_json(owner))
        .collect();
    Ok(Reply::ok(json!(rows)))
}

pub(super) fn get(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = call.account()?;
    let state = sim.state();
    let index = find(&state, account, &call.id)?;
    Ok(Reply::ok(
        state.subscriptions[index].to_json(owner(&state, account)),
    ))
}

pub(super) fn update(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = call.account()?;
    let mut fields = Fields::from_body(&call.body)?;
    let url = fields.string("subscriberUrl");
    let changes = changes(&mut fields);
    fields.check_globally()?;
    let mut state = sim.state();
    let index = find(&state, account, &call.id)?;
    if let Some(url) = url {
        check_url(&url)?;
        check_unique(&state, account, &url, Some(&call.id))?;
        state.subscriptions[index].url = url;
    }
    changes.apply(&mut state.subscriptions[index]);
    let owner = owner(&state, account);
    Ok(Reply::ok(state.subscriptions[index].to_json(owner)))
}

pub(super) fn delete(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = call.account()?;
    let mut state = sim.state();
    let index = find(&state, account, &call.id)?;
    let owner = owner(&state, account);
    let gone = state.subscriptions.remove(index);
    Ok(Reply::ok(gone.to_json(owner)))
}

/// What a body wants to set.
struct Changes {
    secret: Option<String>,
    triggers: Option<Vec<String>>,
    active: Option<bool>,
}

impl Changes {
    fn apply(self, subscription: &mut Subscription) {
        if let Some(secret) = self.secret {
            subscription.secret = Some(secret);
        }
        if let Some(triggers) = self.triggers {
            subscription.triggers = triggers;
        }
        if let Some(active) = self.active {
            subscription.active = active;
        }
    }
}

fn changes(fields: &mut Fields) -> Changes {
    let triggers = fields.strings("triggers");
    if triggers
        .iter()
        .flatten()
        .any(|trigger| !TRIGGERS.contains(&trigger.as_str()))
    {
        fields.complain(
            "triggers",
            "isEnum",
            "each value in {} must be a known trigger",
        );
    }
    Changes {
        secret: fields.string("secret"),
        triggers,
        active: fields.boolean("active"),
    }
}

fn check_url(url: &str) -> Result<(), ApiError> {
    let usable = url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if usable {
        return Ok(());
    }
    let text = format!("Webhook URL is not allowed: {url:?} is not an http or https address");
    Err(ApiError::bad_request(text))
}

fn check_unique(
    state: &State,
    account: &str,
    url: &str,
    except: Option<&str>,
) -> Result<(), ApiError> {
    let clash = state
        .subscriptions
        .iter()
        .any(|one| one.account == account && one.url == url && Some(one.id.as_str()) != except);
    if clash {
        let text = "Webhook with this subscriber url already exists for this user";
        return Err(ApiError::exception(StatusCode::CONFLICT, text));
    }
    Ok(())
}

fn find(state: &State, account: &str, id: &str) -> Result<usize, ApiError> {
    let index = state.subscriptions.iter().position(|one| one.id == id);
    let index =
        index.ok_or_else(|| ApiError::not_found(format!("Webhook with ID {id} not found!")))?;
    if state.subscriptions[index].account == account {
        return Ok(index);
    }
    let text = "You are not the owner of this webhook";
    Err(ApiError::exception(StatusCode::FORBIDDEN, text))
}

fn owner(state: &State, account: &str) -> u64 {
    state
        .world
        .account(account)
        .map_or(0, |account| account.owner().id)
}
