//! `GET /_sim/state`: the whole ledger, for tests that want to know what really happened.

use axum::extract::State;
use serde_json::{Value, json};

use super::{Answer, App};
use crate::api::output;
use crate::format::utc_ms;
use crate::store::Booking;
use crate::store::reservations::Reservation;
use crate::world::World;

pub(super) async fn show(State(sim): App) -> Answer {
    let now = sim.now();
    let faults = sim.faults.to_json();
    let state = sim.state();
    let bookings: Vec<Value> = state
        .store
        .bookings()
        .iter()
        .map(|booking| entry(&state.world, booking))
        .collect();
    let holds: Vec<Value> = state.store.active_reservations(now).map(hold).collect();
    Ok(axum::Json(json!({
        "now": utc_ms(now),
        "seed": sim.seed,
        "bookings": bookings,
        "double_bookings": state.store.double_bookings(),
        "reservations": holds,
        "calls": state.calls.to_json(),
        "faults": faults,
    })))
}

/// A booking as the API shows it, and what only the ledger knows.
pub(super) fn entry(world: &World, booking: &Booking) -> Value {
    let mut value = output::booking(world, booking);
    value["account"] = json!(booking.account);
    value["origin"] = json!(booking.origin.as_str());
    value["hostIds"] = json!(booking.host_ids);
    value["releasedAt"] = json!(booking.released_at.map(utc_ms));
    value["history"] = booking
        .history
        .iter()
        .map(|change| {
            json!({"at": utc_ms(change.at), "event": change.event, "detail": change.detail})
        })
        .collect();
    value
}

fn hold(hold: &Reservation) -> Value {
    json!({
        "reservationUid": hold.uid,
        "eventTypeId": hold.event_type_id,
        "hostIds": hold.host_ids,
        "slotStart": utc_ms(hold.span.start),
        "slotEnd": utc_ms(hold.span.end),
        "reservationUntil": utc_ms(hold.until),
    })
}
