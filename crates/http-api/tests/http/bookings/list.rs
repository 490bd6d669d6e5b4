//! Lists.

use serde_json::json;

use super::booked;
use crate::support::Gateway;

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let gateway = Gateway::new().await;
    for hour in 8..12 {
        booked(&gateway, &format!("2025-10-13T{hour:02}:00:00+02:00")).await;
    }
    let path = booked(&gateway, "2025-10-14T08:00:00+02:00").await;
    gateway.post(&format!("{path}/cancel"), &json!({})).await;
    let list = async |query: &str| {
        let answer = gateway.get(&format!("/api/v1/bookings?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.json["data"].as_array().expect("a list").len()
    };
    for (query, count) in [
        ("", 5),
        ("status=confirmed", 4),
        ("status=cancelled", 1),
        ("from=2025-10-14", 1),
        ("to=2025-10-13", 4),
        (
            "from=2025-10-13T09:00:00%2B02:00&to=2025-10-13T11:00:00%2B02:00",
            2,
        ),
        ("service_id=2", 0),
        ("service_id=21", 0),
        ("customer_phone=0171/3920042", 5),
        ("customer_phone=+491713920042", 5),
        ("customer_phone=%2B491713920043", 0),
        ("customer_email=nobody@mail.example", 0),
        ("sync_status=synced", 5),
        ("requires_review=true", 0),
        ("requires_review=false&limit=200", 5),
    ] {
        assert_eq!(list(query).await, count, "{query}");
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = gateway
            .get(&format!("/api/v1/bookings?limit=2{cursor}"))
            .await;
        seen.extend(page.json["data"].as_array().expect("a list").clone());
        cursor = match page.json["next_cursor"].as_str() {
            Some(next) => format!("&cursor={next}"),
            None => break,
        };
    }
    assert_eq!(seen, gateway.appointments().await);
}

#[tokio::test]
async fn bad_lists_name_what_is_wrong() {
    let gateway = Gateway::new().await;
    for (query, field) in [
        ("status=lost", "status"),
        ("sync_status=perhaps", "sync_status"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("cursor=abc", "cursor"),
        ("from=2025-10-13T08:00:00", "from"),
        ("to=yesterday", "to"),
        ("service_id=one", "service_id"),
        ("customer_phone=12", "customer_phone"),
        ("customer_email=x", "customer_email"),
        ("requires_review=2", "requires_review"),
        ("time_zone=UTC", "time_zone"),
    ] {
        let answer = gateway.get(&format!("/api/v1/bookings?{query}")).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
    let reversed = gateway
        .get("/api/v1/bookings?from=2025-10-14&to=2025-10-13")
        .await;
    reversed.assert_problem(422, "invalid_range");
}
