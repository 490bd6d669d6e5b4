//! `/booking/{uid}`: the confirmation, with the ways to cancel and to move.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::calendar;
use super::html::{alert, escape, not_found, page};
use crate::api::{Operation, explain};
use crate::engine::{Cancel, Tell};
use crate::format::parse_instant;
use crate::sim::Sim;
use crate::store::create::Policy;
use crate::store::lifecycle::Move;
use crate::store::{Booking, Status};

#[derive(Debug, Deserialize)]
pub(super) struct CancelForm {
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct MoveForm {
    #[serde(default)]
    start: String,
}

pub(super) async fn show(State(sim): State<Arc<Sim>>, Path(uid): Path<String>) -> Response {
    booking_page(&sim, &uid, None)
}

pub(super) async fn cancel(
    State(sim): State<Arc<Sim>>,
    Path(uid): Path<String>,
    Form(form): Form<CancelForm>,
) -> Response {
    let Some(booking) = find(&sim, &uid) else {
        return missing();
    };
    let reason = form.reason.trim();
    let wish = Cancel {
        by: attendee_email(&booking),
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        seat_uid: None,
        asks_to_move: false,
    };
    match sim.cancel(&uid, wish, Tell::Subscribers).await {
        Ok(_) => Redirect::to(&format!("/booking/{uid}")).into_response(),
        Err(refusal) => booking_page(
            &sim,
            &uid,
            Some(explain(refusal, Operation::Cancel).message()),
        ),
    }
}

pub(super) async fn relocate(
    State(sim): State<Arc<Sim>>,
    Path(uid): Path<String>,
    Form(form): Form<MoveForm>,
) -> Response {
    let Some(booking) = find(&sim, &uid) else {
        return missing();
    };
    let Some(start) = parse_instant(&form.start) else {
        return booking_page(&sim, &uid, Some("Please choose a time first."));
    };
    let wish = Move {
        start,
        by: attendee_email(&booking),
        reason: None,
        same_host: false,
    };
    match sim
        .reschedule(&uid, &wish, Policy::default(), Tell::Subscribers)
        .await
    {
        Ok(moved) => Redirect::to(&format!("/booking/{}", moved.new.uid)).into_response(),
        Err(refusal) => booking_page(
            &sim,
            &uid,
            Some(explain(refusal, Operation::Reschedule).message()),
        ),
    }
}

fn find(sim: &Sim, uid: &str) -> Option<Booking> {
    sim.state().store.get(uid).cloned()
}

fn missing() -> Response {
    not_found("There is no such booking here. It may have been made before the last reset.")
}

fn attendee_email(booking: &Booking) -> Option<String> {
    booking
        .attendees
        .first()
        .map(|attendee| attendee.email.clone())
}

fn booking_page(sim: &Sim, uid: &str, problem: Option<&str>) -> Response {
    let Some(booking) = find(sim, uid) else {
        return missing();
    };
    let (heading, ended) = match (booking.status, &booking.rescheduled_to) {
        (Status::Accepted, _) => ("You are booked", false),
        (Status::Pending, _) => ("Waiting for confirmation", false),
        (Status::Cancelled, Some(_)) => ("This booking was moved", true),
        (Status::Cancelled, None) => ("This booking is cancelled", true),
        (Status::Rejected, _) => ("This booking was declined", true),
    };
    let class = if ended { "status ended" } else { "status" };
    let body = format!(
        "<h1>{heading}</h1>\n<p><span class=\"{class}\">{}</span></p>{}\n\
         <section class=\"card\" aria-label=\"Your booking\">\n{}\n{}</section>",
        booking.status.as_str(),
        alert(problem),
        facts(sim, &booking),
        actions(&booking),
    );
    let status = if problem.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    page(status, heading, &body)
}

fn facts(sim: &Sim, booking: &Booking) -> String {
    let world = sim.world();
    let event_type = world
        .event_type(booking.event_type_id)
        .map(|(_, event_type)| event_type);
    let zone = event_type.map_or(chrono_tz::Tz::UTC, |event_type| event_type.time_zone);
    let names: Vec<&str> = booking
        .host_ids
        .iter()
        .filter_map(|id| world.host(*id))
        .map(|host| host.name.as_str())
        .collect();
    let people: Vec<String> = booking
        .attendees
        .iter()
        .map(|attendee| format!("{} ({})", attendee.name, attendee.email))
        .collect();
    let rows = [
        (
            "What",
            event_type
                .map_or("", |event_type| event_type.title.as_str())
                .to_owned(),
        ),
        ("When", calendar::long_span(booking.span, zone)),
        ("With", names.join(", ")),
        ("For", people.join(", ")),
        ("Booking", booking.uid.clone()),
    ];
    let rows: Vec<String> = rows
        .iter()
        .map(|(term, value)| format!("<dt>{term}</dt><dd>{}</dd>", escape(value)))
        .collect();
    format!("<dl>{}</dl>", rows.join("\n"))
}

fn actions(booking: &Booking) -> String {
    let uid = &booking.uid;
    if let Some(to) = &booking.rescheduled_to {
        return format!(
            "<div class=\"actions\"><a class=\"button\" href=\"/booking/{to}\">\
             See the new booking</a></div>"
        );
    }
    let again = booking.event_type_id;
    if !booking.status.is_live() {
        return format!(
            "<div class=\"actions\"><a class=\"button\" href=\"/book/{again}\">Book again</a></div>"
        );
    }
    format!(
        "<div class=\"actions\"><a class=\"button\" href=\"/book/{again}?move={uid}\">\
         Move to another time</a></div>\n\
         <form method=\"post\" action=\"/booking/{uid}/cancel\" class=\"row actions\">\n\
         <div class=\"field\"><label for=\"reason\">Reason (optional)</label>\
         <input id=\"reason\" name=\"reason\"></div>\
         <button class=\"bad\">Cancel this booking</button></form>"
    )
}
