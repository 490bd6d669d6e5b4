//! `POST /v2/bookings`.

use std::sync::Arc;

use chrono_tz::Tz;
use serde_json::{Map, json};

use super::booking_input::{self, Input};
use super::refusals::{Operation, explain};
use super::{Call, Reply, output};
use crate::engine::Tell;
use crate::error::ApiError;
use crate::sim::Sim;
use crate::store::create::{Created, NewBooking, Policy};
use crate::store::{Attendee, Origin, Refusal};

pub(super) async fn create(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let world = sim.world();
    let Input {
        new,
        allow_conflicts,
    } = booking_input::parse(&world, &call.body)?;
    if call.effects.lose_insert_race {
        return Err(lose_race(sim, new).await);
    }
    let owner = world
        .event_type(new.event_type_id)
        .map(|(account, _)| account.api_key.as_str());
    let is_owner = owner.is_some() && owner == call.account.as_deref();
    let policy = Policy {
        accept_overlaps: call.effects.accept_overlaps || (allow_conflicts && is_owner),
        other_host: call.effects.other_host,
        longer_minutes: call.effects.booking_longer_minutes.unwrap_or(0),
        ..Policy::default()
    };
    let created = sim
        .create(new, policy, Tell::Subscribers)
        .await
        .map_err(|refusal| explain(refusal, Operation::Create))?;
    let mut data = output::booking(&world, created.booking());
    if let Created::Seat { seat_uid, .. } = &created {
        data["seatUid"] = json!(seat_uid);
    }
    Ok(Reply::created(data))
}

/// Somebody else is a moment faster: their booking is in the books, the caller's is not.
async fn lose_race(sim: &Arc<Sim>, wanted: NewBooking) -> ApiError {
    let winner = NewBooking {
        attendee: Attendee {
            name: "Faster Person".to_owned(),
            email: "faster@mail.example".to_owned(),
            phone: None,
            time_zone: Tz::UTC,
            language: "en".to_owned(),
            absent: false,
            seat_uid: None,
        },
        guests: Vec::new(),
        metadata: Map::new(),
        responses: Map::new(),
        origin: Origin::Outsider,
        ..wanted
    };
    match sim
        .create(winner, Policy::default(), Tell::Subscribers)
        .await
    {
        Ok(_) => explain(Refusal::LostRace, Operation::Create),
        Err(refusal) => explain(refusal, Operation::Create),
    }
}

/// The old version of the operation does not know today's body.
pub(super) fn legacy() -> Result<Reply, ApiError> {
    let texts = [
        "start property is wrong,start must be a valid ISO 8601 date string ",
        "eventTypeId property is wrong,eventTypeId must be a number ",
        "timeZone property is wrong,timeZone must be a string ",
        "language property is wrong,language must be a string ",
        "metadata property is wrong,metadata must be an object ",
    ];
    Err(ApiError::bad_request(texts.join(", ")))
}
