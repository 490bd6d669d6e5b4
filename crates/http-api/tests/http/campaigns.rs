//! Campaigns, consent, and the page behind a link in a message.

use axum::body::Body;
use axum::extract::Request;
use booking_domain::ids::CustomerId;
use booking_domain::ports::Queue;
use booking_test_support::builders::{COMPANY, DEMO_KEY, OTHER_KEY};
use serde_json::{Value, json};

use crate::support::{ADMIN_KEY, Gateway, LINK_KEY, Reply, bearing};

async fn ask(gateway: &Gateway, key: &str, (method, path, body): (&str, &str, Value)) -> Reply {
    let request = bearing(key, method, path).header("content-type", "application/json");
    let body = match body {
        Value::Null => Body::empty(),
        body => Body::from(body.to_string()),
    };
    gateway.send(request.body(body).expect("a request")).await
}

async fn page(gateway: &Gateway, (method, language): (&str, &str), token: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("/unsubscribe/{token}"))
        .header("accept-language", language)
        .header("content-type", "application/x-www-form-urlencoded");
    let body = Body::from("List-Unsubscribe=One-Click");
    gateway.send(request.body(body).expect("a request")).await
}

/// A customer who has booked.
async fn customer(gateway: &Gateway) -> i64 {
    let booking = json!({"service_id": 1, "start": "2025-10-13T08:00:00+02:00",
        "customer": {"name": "Anna", "email": "anna@mail.example"}});
    let booked = gateway.post("/api/v1/bookings", &booking).await;
    booked.json["customer"]["id"].as_i64().expect("an id")
}

fn campaign(name: &str, segment: Value) -> Value {
    json!({"name": name, "subject": "Wieder da", "text": "Guten Tag", "segment": segment})
}

/// From the consent to the campaign, and from the link in it to the opt-out, idempotent at every
/// step.
///
/// Red when looking at the page changes something, or a campaign goes to who opted out.
#[tokio::test]
async fn a_campaign_from_consent_to_opt_out() {
    let gateway = Gateway::new().await;
    let id = customer(&gateway).await;
    let dry = json!({"name": "x", "subject": "s", "text": "t", "segment": {}, "dry_run": true});
    let trial = async || {
        let asked = ("POST", "/api/v1/campaigns", dry.clone());
        let answer = ask(&gateway, ADMIN_KEY, asked).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["recipients"].as_u64()
    };
    assert_eq!(trial().await, Some(0));
    let consent = format!("/api/v1/customers/{id}/consent");
    for _ in 0..2 {
        let said = json!({"marketing": true, "source": "web form"});
        let holds = ask(&gateway, DEMO_KEY, ("PUT", &consent, said)).await;
        assert_eq!(holds.status, 200, "{}", holds.text);
        assert_eq!(holds.json["marketing_since"], "2025-10-10T08:00:00Z");
    }
    assert_eq!(trial().await, Some(1));
    let wish = campaign("herbst", json!({"service_id": 1}));
    let started = ask(
        &gateway,
        ADMIN_KEY,
        ("POST", "/api/v1/campaigns", wish.clone()),
    )
    .await;
    assert_eq!(
        (started.status, &started.json["recipients"]),
        (202, &json!(1))
    );
    assert_eq!(started.json["status"], "preparing");
    let again = ask(&gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", wish)).await;
    assert_eq!(
        (again.status, &again.json["id"]),
        (202, &started.json["id"])
    );
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = campaign("herbst", json!({}));
    let other = ask(&gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", other)).await;
    other.assert_problem(409, "campaign_exists");
    for _ in 0..2 {
        gateway
            .app
            .run_due(Queue::Notifications)
            .await
            .expect("run");
    }
    let path = format!(
        "/api/v1/campaigns/{}",
        started.json["id"].as_str().expect("an id")
    );
    let view = ask(&gateway, ADMIN_KEY, ("GET", &path, Value::Null)).await;
    let counts = json!({"queued": 0, "sent": 1, "not_sent": 0, "failed": 0});
    assert_eq!(
        (&view.json["counts"], &view.json["status"]),
        (&counts, &json!("done"))
    );
    let list = ask(
        &gateway,
        ADMIN_KEY,
        ("GET", "/api/v1/campaigns", Value::Null),
    )
    .await;
    assert_eq!(list.json, json!({"data": [view.json], "next_cursor": null}));

    let token = LINK_KEY.token(COMPANY, CustomerId::new(id));
    let german = page(&gateway, ("GET", "de-DE,en;q=0.5"), &token).await;
    assert_eq!(german.status, 200);
    assert_eq!(
        german.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(german.text.contains("Praxis Sonnenhof") && german.text.contains("<html lang=\"de\">"));
    assert!(german.text.contains("<form method=\"post\">") && !german.text.contains("<script"));
    assert_eq!(trial().await, Some(1), "looking changes nothing");
    for _ in 0..2 {
        let done = page(&gateway, ("POST", "en"), &token).await;
        assert_eq!(done.status, 200);
        assert!(done.text.contains("<html lang=\"en\">"), "{}", done.text);
        assert_eq!(trial().await, Some(0));
    }
    for bad in ["00", &token[2..], &token.replace(&token[60..], "0000")] {
        for method in ["GET", "POST"] {
            let unknown = page(&gateway, (method, "de"), bad).await;
            assert_eq!(unknown.status, 404, "{bad}");
            assert!(unknown.text.contains("Unbekannter Link"));
        }
    }
}

/// Another company's campaigns and customers are answered like what does not exist.
#[tokio::test]
async fn companies_do_not_share_campaigns_and_customers() {
    let gateway = Gateway::new().await;
    let id = customer(&gateway).await;
    let wish = campaign("herbst", json!({}));
    let started = ask(&gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", wish)).await;
    let mine = started.json["id"].as_str().expect("an id");
    for other in [mine, "0199cd00-0000-7000-8000-000000000009", "abc"] {
        let path = format!("/api/v1/campaigns/{other}");
        let answer = ask(&gateway, OTHER_KEY, ("GET", &path, Value::Null)).await;
        answer.assert_problem(404, "campaign_not_found");
    }
    for other in [id.to_string().as_str(), "999999", "abc", "-1"] {
        let path = format!("/api/v1/customers/{other}/consent");
        let said = json!({"marketing": true, "source": "web form"});
        let answer = ask(&gateway, OTHER_KEY, ("PUT", &path, said)).await;
        answer.assert_problem(404, "customer_not_found");
    }
    let service = campaign("massage", json!({"service_id": 21}));
    let foreign = ask(&gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", service)).await;
    foreign.assert_problem(404, "service_not_found");
}

#[tokio::test]
async fn what_is_wrong_with_a_campaign_is_told_by_field() {
    let gateway = Gateway::new().await;
    let wish = json!({"name": " ", "subject": "a\nb", "text": "", "locale": "fr", "segment":
        {"last_visit_before": "gestern", "last_visit_after": "2025-01-01"}});
    let answer = ask(&gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", wish)).await;
    answer.assert_problem(422, "validation_failed");
    assert_eq!(
        answer.wrong_fields(),
        [
            "segment.last_visit_before",
            "name",
            "subject",
            "text",
            "locale"
        ]
    );
    let void = json!({"last_visit_before": "2025-01-01", "last_visit_after": "2025-01-01"});
    let void = ask(
        &gateway,
        ADMIN_KEY,
        ("POST", "/api/v1/campaigns", campaign("x", void)),
    )
    .await;
    assert_eq!(void.wrong_fields(), ["segment.last_visit_before"]);
    let source = json!({"marketing": true, "source": "anna@mail.example"});
    let source = ask(
        &gateway,
        DEMO_KEY,
        ("PUT", "/api/v1/customers/1/consent", source),
    )
    .await;
    assert_eq!(source.wrong_fields(), ["source"]);
}
