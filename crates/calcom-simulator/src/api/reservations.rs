//! `/v2/slots/reservations`: courtesy holds.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::fields::Fields;
use super::{Call, Reply};
use crate::error::ApiError;
use crate::format::utc_ms;
use crate::sim::Sim;
use crate::store::Span;
use crate::store::reservations::{HoldRefusal, Reservation};
use crate::world::{EventType, World};

const DEFAULT_MINUTES: u32 = 5;

struct Wish {
    event_type: EventType,
    span: Span,
    minutes: u32,
}

pub(super) fn create(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let wish = parse(&sim.world(), call)?;
    let mut state = sim.state();
    let held = state
        .store
        .reserve(&wish.event_type, wish.span, wish.minutes, sim.now())
        .map_err(explain)?;
    Ok(Reply::created(to_json(&held, true)))
}

pub(super) fn get(sim: &Arc<Sim>, call: &Call) -> Reply {
    let state = sim.state();
    let held = state.store.reservation(&call.id);
    Reply::ok(held.map_or(Value::Null, |held| to_json(held, false)))
}

pub(super) fn update(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let wish = parse(&sim.world(), call)?;
    let mut state = sim.state();
    let changed = state
        .store
        .change_reservation(
            &call.id,
            &wish.event_type,
            (wish.span, wish.minutes),
            sim.now(),
        )
        .map_err(explain)?;
    match changed {
        Some(held) => Ok(Reply::ok(to_json(&held, true))),
        None => Err(ApiError::not_found(format!(
            "Slot with uid={} not found",
            call.id
        ))),
    }
}

pub(super) fn delete(sim: &Arc<Sim>, call: &Call) -> Reply {
    sim.state().store.drop_reservation(&call.id);
    Reply {
        status: StatusCode::OK,
        body: json!({"status": "success"}),
    }
}

fn parse(world: &World, call: &Call) -> Result<Wish, ApiError> {
    let mut fields = Fields::from_body(&call.body)?;
    if !fields.has("eventTypeId") {
        fields.complain("eventTypeId", "isInt", "{} must be an integer number");
    }
    let id = fields.integer("eventTypeId").unwrap_or_default();
    let start_text = fields.required_string("slotStart");
    let slot_minutes = fields.minutes("slotDuration");
    let hold_minutes = fields.minutes("reservationDuration");
    fields.check_globally()?;
    let start = crate::format::parse_instant(&start_text)
        .ok_or_else(|| ApiError::bad_request("Invalid start date"))?;
    let (account, event_type) = world
        .event_type(id)
        .ok_or_else(|| ApiError::not_found(format!("Event Type with ID={id} not found")))?;
    if hold_minutes.is_some() {
        may_choose_duration(call, &account.api_key)?;
    }
    if let Some(minutes) = slot_minutes
        && !event_type.length_options.contains(&minutes)
    {
        return Err(ApiError::bad_request(format!(
            "slotDuration {minutes} is not one of the event type's possible lengths"
        )));
    }
    Ok(Wish {
        event_type: event_type.clone(),
        span: Span::new(start, slot_minutes.unwrap_or(event_type.length_in_minutes)),
        minutes: hold_minutes.unwrap_or(DEFAULT_MINUTES),
    })
}

fn may_choose_duration(call: &Call, owner: &str) -> Result<(), ApiError> {
    match call.account.as_deref() {
        None => Err(ApiError::exception(
            StatusCode::UNAUTHORIZED,
            "reservationDuration can only be used for authenticated requests - provide an api key \
             or an access token, or remove reservationDuration from the request body.",
        )),
        Some(account) if account != owner => Err(ApiError::exception(
            StatusCode::FORBIDDEN,
            "reservationDuration can only be used by the owner or a host of the event type.",
        )),
        Some(_) => Ok(()),
    }
}

fn explain(refusal: HoldRefusal) -> ApiError {
    let text = match refusal {
        HoldRefusal::AlreadyBooked => {
            "Can't reserve a slot if the event is already booked.".to_owned()
        }
        HoldRefusal::AlreadyReserved => "This time slot is already reserved by another user. \
                                         Please choose a different time."
            .to_owned(),
        HoldRefusal::NoSeatsLeft { booking } => {
            format!("Booking with id={booking} has no more seats left.")
        }
    };
    ApiError::exception(StatusCode::UNPROCESSABLE_ENTITY, text)
}

fn to_json(held: &Reservation, with_duration: bool) -> Value {
    let mut data = json!({
        "eventTypeId": held.event_type_id,
        "slotStart": utc_ms(held.span.start),
        "slotEnd": utc_ms(held.span.end),
        "slotDuration": held.span.minutes(),
        "reservationUid": held.uid,
        "reservationUntil": utc_ms(held.until),
    });
    if with_duration {
        data["reservationDuration"] = json!(held.minutes);
    }
    data
}
