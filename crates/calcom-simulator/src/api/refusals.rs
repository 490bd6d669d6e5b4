//! Cal.com's texts and statuses for what the booking engine refuses.

use axum::http::StatusCode;
use serde_json::json;

use crate::error::ApiError;
use crate::store::Refusal;

/// The operation that was tried; texts differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Read,
    Reschedule,
    Cancel,
    Decide,
}

impl Operation {
    fn verb(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Decide => "change",
            Self::Create | Self::Read | Self::Reschedule => "reschedule",
        }
    }
}

pub(crate) fn slot_taken(team: bool) -> ApiError {
    ApiError::bad_request(if team {
        "One of the hosts either already has booking at this time or is not available"
    } else {
        "User either already has booking at this time or is not available"
    })
}

/// The error for a refusal.
pub(crate) fn explain(refusal: Refusal, operation: Operation) -> ApiError {
    match refusal {
        Refusal::SlotTaken { team } => slot_taken(team),
        Refusal::LostRace => ApiError::engine(StatusCode::CONFLICT, "booking_conflict_error"),
        Refusal::EventTypeNotFound(id) => {
            ApiError::not_found(format!("Event type with id {id} not found."))
        }
        Refusal::InThePast => ApiError::bad_request("Attempting to book a meeting in the past."),
        Refusal::TooSoon => ApiError::bad_request(
            "The event type can't be booked at the \"start\" time provided. This could be because \
             it's too soon (violating the minimum booking notice) or too far in the future \
             (outside the event's scheduling window). Try fetching available slots first using \
             the GET /v2/slots endpoint.",
        ),
        Refusal::LengthNotOffered(options) => ApiError::bad_request(length_text(&options)),
        Refusal::NoSuchBooking(uid) => ApiError::not_found(match operation {
            Operation::Cancel => format!("Booking with uid={uid} not found"),
            _ => format!("Booking with uid={uid} was not found in the database"),
        }),
        refusal => explain_state(refusal, operation),
    }
}

/// Refusals that come from the state a booking is in.
fn explain_state(refusal: Refusal, operation: Operation) -> ApiError {
    let verb = operation.verb();
    match refusal {
        Refusal::AlreadyMoved { uid, to } => ApiError::bad_request(format!(
            "Can't {verb} booking with uid={uid} because it has been cancelled and rescheduled \
             already to booking with uid={to}. You can {verb} booking with uid={to} instead."
        )),
        Refusal::AlreadyCancelled(uid) if operation == Operation::Cancel => {
            ApiError::bad_request(format!(
                "Can't cancel booking with uid={uid} because it has been cancelled already. \
                 Please provide uid of a booking that is not cancelled."
            ))
        }
        Refusal::AlreadyCancelled(uid) => ApiError::bad_request(format!(
            "Can't {verb} booking with uid={uid} because it has been cancelled. Please provide \
             uid of a booking that is not cancelled."
        )),
        Refusal::AlreadyRejected(uid) => ApiError::bad_request(format!(
            "Can't {verb} booking with uid={uid} because it has been rejected."
        )),
        Refusal::AlreadyEnded => ApiError::engine(
            StatusCode::BAD_REQUEST,
            "Cannot cancel a booking that has already ended",
        ),
        Refusal::AlreadyConfirmed => {
            let details = json!({"message": "Booking already confirmed"});
            let status = StatusCode::BAD_REQUEST;
            ApiError::framework(status, "TRPCError", "Booking already confirmed", details)
        }
        Refusal::NotStarted => ApiError::bad_request(
            "Bookings can only be marked as absent after their start time has passed.",
        ),
        refusal => explain_seats(refusal),
    }
}

fn explain_seats(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::SeatRequired => ApiError::bad_request(
            "seatUid property is wrong,seatUid is required for a seated booking ",
        ),
        Refusal::NoSuchSeat => ApiError::bad_request("Seat with the given seatUid not found."),
        Refusal::NotAHost => {
            ApiError::exception(StatusCode::UNAUTHORIZED, "User not a host of this event")
        }
        Refusal::AlreadySignedUp => ApiError::engine(
            StatusCode::CONFLICT,
            "already_signed_up_for_this_booking_error",
        ),
        Refusal::NoSeatsLeft => ApiError::exception(
            StatusCode::CONFLICT,
            "No more seats left at this seated booking.",
        ),
        // No-shows of unknown people and whatever else is left end in the engine.
        _ => ApiError::internal(),
    }
}

fn length_text(options: &[u32]) -> String {
    if options.is_empty() {
        return "Can't specify 'lengthInMinutes' because event type does not have multiple \
                possible lengths. Please, remove the 'lengthInMinutes' field from the request."
            .to_owned();
    }
    let options: Vec<String> = options.iter().map(u32::to_string).collect();
    format!(
        "Provided 'lengthInMinutes' is not one of the possible lengths for the event type. The \
         possible lengths are: {}",
        options.join(", ")
    )
}
