//! Book, look, move, cancel.

mod change;
mod create;
mod list;
mod refused;

use serde_json::{Value, json};

use crate::support::{Gateway, Reply};

pub(super) const EIGHT: &str = "2025-10-13T08:00:00+02:00";
pub(super) const NINE: &str = "2025-10-13T09:00:00+02:00";

pub(super) fn wish(start: &str) -> Value {
    json!({"service_id": 1, "start": start,
        "customer": {"name": "Erika Muster", "phone": "0171 3920042"}})
}

pub(super) async fn book(gateway: &Gateway, start: &str) -> Reply {
    gateway.post("/api/v1/bookings", &wish(start)).await
}

pub(super) async fn booked(gateway: &Gateway, start: &str) -> String {
    let answer = book(gateway, start).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    format!(
        "/api/v1/bookings/{}",
        answer.json["id"].as_str().expect("an id")
    )
}
