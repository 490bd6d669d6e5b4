//! Reschedule, cancel, confirm, decline and mark-absent.

use std::sync::Arc;

use axum::http::StatusCode;

use super::fields::Fields;
use super::refusals::{Operation, explain};
use super::{Call, Reply, output};
use crate::engine::{Cancel, Tell};
use crate::error::ApiError;
use crate::sim::Sim;
use crate::store::create::Policy;
use crate::store::lifecycle::Move;
use crate::store::{Booking, Refusal};

const RESCHEDULE: &[&str] = &[
    "start",
    "rescheduledBy",
    "reschedulingReason",
    "emailVerificationCode",
    "seatUid",
    "rescheduleWithSameHost",
    "allowConflicts",
    "allowBookingOutOfBounds",
    "skipBookingLimits",
];

pub(super) async fn reschedule(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let mut fields = Fields::from_body(&call.body)?;
    fields.only(RESCHEDULE);
    if !fields.has("start") {
        fields.complain(
            "start",
            "isDateString",
            "{} must be a valid ISO 8601 date string",
        );
    }
    let wish = Move {
        start: fields.instant("start").unwrap_or_default(),
        by: fields.string("rescheduledBy"),
        reason: fields.string("reschedulingReason"),
        same_host: fields.boolean("rescheduleWithSameHost").unwrap_or(false),
    };
    let allow = fields.boolean("allowConflicts").unwrap_or(false);
    let seat = fields.string("seatUid");
    fields.check()?;
    let old = readable(sim, call, Operation::Reschedule)?;
    if old
        .attendees
        .iter()
        .any(|attendee| attendee.seat_uid.is_some())
    {
        let missing = explain(Refusal::SeatRequired, Operation::Reschedule);
        let text = "The simulator does not move single seats: cancel the seat and book again.";
        return Err(if seat.is_none() {
            missing
        } else {
            ApiError::bad_request(text)
        });
    }
    if call.effects.reschedule_loses_successor {
        return Err(lose_successor(sim, call));
    }
    let owner = call.account.as_deref() == Some(old.account.as_str());
    let policy = Policy {
        accept_overlaps: call.effects.accept_overlaps || (allow && owner),
        other_host: call.effects.other_host,
        longer_minutes: call.effects.booking_longer_minutes.unwrap_or(0),
        ..Policy::default()
    };
    if call.effects.lose_insert_race {
        return Err(explain(Refusal::LostRace, Operation::Reschedule));
    }
    let moved = sim
        .reschedule(&call.id, &wish, policy, Tell::Subscribers)
        .await
        .map_err(|refusal| explain(refusal, Operation::Reschedule))?;
    Ok(Reply::created(output::booking(&sim.world(), &moved.new)))
}

/// The old booking goes, the new one never comes, nobody is told.
fn lose_successor(sim: &Sim, call: &Call) -> ApiError {
    let mut state = sim.state();
    if let Err(refusal) = state.store.movable(&call.id) {
        return explain(refusal, Operation::Reschedule);
    }
    match state.store.cancel(&call.id, None, None, sim.now()) {
        Ok(_) => ApiError::internal(),
        Err(refusal) => explain(refusal, Operation::Reschedule),
    }
}

pub(super) async fn cancel(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let mut fields = Fields::from_body(&call.body)?;
    fields.only(&["cancellationReason", "cancelSubsequentBookings", "seatUid"]);
    let reason = fields.string("cancellationReason");
    let seat_uid = fields.string("seatUid");
    fields.boolean("cancelSubsequentBookings");
    fields.check()?;
    let booking = readable(sim, call, Operation::Cancel)?;
    let seated = booking
        .attendees
        .iter()
        .any(|attendee| attendee.seat_uid.is_some());
    let owner = call.account.as_deref() == Some(booking.account.as_str());
    if seated && seat_uid.is_none() && !owner {
        return Err(explain(Refusal::NotAHost, Operation::Cancel));
    }
    let wish = Cancel {
        by: canceller(sim, call, &booking),
        reason,
        seat_uid,
        asks_to_move: false,
    };
    let cancelled = sim
        .cancel(&call.id, wish, Tell::Subscribers)
        .await
        .map_err(|refusal| explain(refusal, Operation::Cancel))?;
    Ok(Reply::ok(output::booking(&sim.world(), &cancelled)))
}

/// Whoever holds the key; without one, the attendee.
fn canceller(sim: &Sim, call: &Call, booking: &Booking) -> Option<String> {
    let world = sim.world();
    match call.account.as_deref().and_then(|key| world.account(key)) {
        Some(account) => Some(account.owner().email.clone()),
        None => booking
            .attendees
            .first()
            .map(|attendee| attendee.email.clone()),
    }
}

pub(super) async fn confirm(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    own(sim, call)?;
    let booking = sim
        .confirm(&call.id)
        .await
        .map_err(|refusal| explain(refusal, Operation::Decide))?;
    Ok(Reply::ok(output::booking(&sim.world(), &booking)))
}

pub(super) async fn decline(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    own(sim, call)?;
    let mut fields = Fields::from_body(&call.body)?;
    fields.only(&["reason"]);
    let reason = fields.string("reason");
    fields.check()?;
    let booking = sim
        .decline(&call.id, reason)
        .await
        .map_err(|refusal| explain(refusal, Operation::Decide))?;
    Ok(Reply::ok(output::booking(&sim.world(), &booking)))
}

pub(super) async fn mark_absent(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    own(sim, call)?;
    let mut fields = Fields::from_body(&call.body)?;
    fields.only(&["host", "attendees"]);
    let host = fields.boolean("host");
    let given = fields.array("attendees");
    if given.as_ref().is_some_and(Vec::is_empty) {
        fields.complain(
            "attendees",
            "arrayMinSize",
            "{} must contain at least 1 elements",
        );
    }
    let attendees: Option<Vec<(String, bool)>> = given
        .unwrap_or_default()
        .iter()
        .map(|one| Some((one["email"].as_str()?.to_owned(), one["absent"].as_bool()?)))
        .collect();
    if attendees.is_none() {
        fields.complain(
            "attendees",
            "nested",
            "each value in {} must have email and absent",
        );
    }
    fields.check()?;
    let booking = sim
        .mark_absent(&call.id, host, attendees.unwrap_or_default())
        .await
        .map_err(|refusal| explain(refusal, Operation::Decide))?;
    Ok(Reply::ok(output::booking(&sim.world(), &booking)))
}

/// The booking in the path: whoever knows the uid may see and change it.
fn readable(sim: &Sim, call: &Call, operation: Operation) -> Result<Booking, ApiError> {
    let state = sim.state();
    let found = state.store.get(&call.id).cloned();
    found.ok_or_else(|| explain(Refusal::NoSuchBooking(call.id.clone()), operation))
}

/// The host's own decisions need the host's key.
fn own(sim: &Sim, call: &Call) -> Result<(), ApiError> {
    let account = call.account()?;
    let booking = readable(sim, call, Operation::Decide)?;
    if booking.account == account {
        return Ok(());
    }
    let text = "User is not authorized to change this booking";
    Err(ApiError::exception(StatusCode::UNAUTHORIZED, text))
}
