//! `/_sim/outsider/bookings`: what people do at Cal.com behind the caller's back, with or without
//! a webhook.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, App, Complaint, read, state};
use crate::api::{Operation, explain};
use crate::engine::{Cancel, Tell};
use crate::sim::Sim;
use crate::store::create::{NewBooking, Policy};
use crate::store::lifecycle::Move;
use crate::store::{Attendee, Origin, Refusal};

fn yes() -> bool {
    true
}

fn tell(deliver: bool) -> Tell {
    if deliver {
        Tell::Subscribers
    } else {
        Tell::Nobody
    }
}

fn complain(refusal: Refusal, operation: Operation) -> Complaint {
    let error = explain(refusal, operation);
    Complaint(error.status, error.message().to_owned())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    #[serde(alias = "eventTypeId")]
    event_type_id: u64,
    start: DateTime<Utc>,
    #[serde(default = "yes")]
    deliver: bool,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    time_zone: Option<Tz>,
    /// Only this host.
    host_id: Option<u64>,
    #[serde(default)]
    metadata: Map<String, Value>,
    /// Book over other bookings and outside the opening hours.
    #[serde(default)]
    force: bool,
}

pub(super) async fn create(State(sim): App, body: Bytes) -> Answer {
    let wish: Create = read(&body)?;
    let new = NewBooking {
        event_type_id: wish.event_type_id,
        start: wish.start,
        length: None,
        attendee: Attendee {
            name: wish.name.unwrap_or_else(|| "Olga Outsider".to_owned()),
            email: wish
                .email
                .unwrap_or_else(|| "olga@outside.example".to_owned()),
            phone: wish.phone,
            time_zone: wish.time_zone.unwrap_or(Tz::UTC),
            language: "en".to_owned(),
            absent: false,
            seat_uid: None,
        },
        guests: Vec::new(),
        metadata: wish.metadata,
        responses: Map::new(),
        location: None,
        wanted_hosts: wish.host_id.into_iter().collect(),
        origin: Origin::Outsider,
    };
    let policy = Policy {
        accept_overlaps: wish.force,
        ..Policy::default()
    };
    let created = sim
        .create(new, policy, tell(wish.deliver))
        .await
        .map_err(|refusal| complain(refusal, Operation::Create))?;
    Ok(axum::Json(
        json!({"booking": state::entry(&sim.world(), created.booking())}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelWish {
    #[serde(default = "yes")]
    deliver: bool,
    reason: Option<String>,
    by: Option<String>,
}

pub(super) async fn cancel(State(sim): App, Path(uid): Path<String>, body: Bytes) -> Answer {
    end(&sim, &uid, (read(&body)?, false)).await
}

/// The host asks for another time: the booking ends, and the customer is to choose a new one.
pub(super) async fn request_reschedule(
    State(sim): App,
    Path(uid): Path<String>,
    body: Bytes,
) -> Answer {
    end(&sim, &uid, (read(&body)?, true)).await
}

async fn end(sim: &Arc<Sim>, uid: &str, (wish, asks_to_move): (CancelWish, bool)) -> Answer {
    let cancel = Cancel {
        by: wish.by,
        reason: wish.reason,
        seat_uid: None,
        asks_to_move,
    };
    let booking = sim
        .cancel(uid, cancel, tell(wish.deliver))
        .await
        .map_err(|refusal| complain(refusal, Operation::Cancel))?;
    Ok(axum::Json(
        json!({"booking": state::entry(&sim.world(), &booking)}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reassign {
    host_id: u64,
    #[serde(default = "yes")]
    deliver: bool,
}

/// Another host of the event type takes the booking over.
pub(super) async fn reassign(State(sim): App, Path(uid): Path<String>, body: Bytes) -> Answer {
    let wish: Reassign = read(&body)?;
    let booking = sim
        .reassign(&uid, wish.host_id, tell(wish.deliver))
        .await
        .map_err(|refusal| complain(refusal, Operation::Reschedule))?;
    Ok(axum::Json(
        json!({"booking": state::entry(&sim.world(), &booking)}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RescheduleWish {
    start: DateTime<Utc>,
    #[serde(default = "yes")]
    deliver: bool,
    reason: Option<String>,
    by: Option<String>,
}

pub(super) async fn reschedule(State(sim): App, Path(uid): Path<String>, body: Bytes) -> Answer {
    let wish: RescheduleWish = read(&body)?;
    let step = Move {
        start: wish.start,
        by: wish.by,
        reason: wish.reason,
        same_host: false,
    };
    let moved = sim
        .reschedule(&uid, &step, Policy::default(), tell(wish.deliver))
        .await
        .map_err(|refusal| complain(refusal, Operation::Reschedule))?;
    let world = sim.world();
    Ok(axum::Json(json!({
        "booking": state::entry(&world, &moved.new),
        "previous": state::entry(&world, &moved.old),
    })))
}
