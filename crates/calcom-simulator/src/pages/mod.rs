//! Pages for people: the booking page a customer would see, and a front page with the fault
//! controls. Plain HTML made on the server; everything works without scripts.

mod book;
mod booking;
mod calendar;
mod html;
mod index;

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::control::same_site_only;
use crate::sim::Sim;

pub(crate) fn router() -> Router<Arc<Sim>> {
    Router::new()
        .route("/", get(index::show))
        .route("/controls/faults", post(index::add_fault))
        .route("/controls/clear", post(index::clear_faults))
        .route("/book/{event_type}", get(book::show).post(book::submit))
        .route("/booking/{uid}", get(booking::show))
        .route("/booking/{uid}/cancel", post(booking::cancel))
        .route("/booking/{uid}/move", post(booking::relocate))
        .route("/style.css", get(style))
        .layer(from_fn(same_site_only))
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("style.css"),
    )
}
