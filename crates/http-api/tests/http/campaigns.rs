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
    who_speaks(gateway, "08", Value::Null).await
}

/// A customer who has booked, at this hour, and speaks this language.
async fn who_speaks(gateway: &Gateway, hour: &str, locale: Value) -> i64 {
    let booking = json!({"service_id": 1, "start": format!("2025-10-13T{hour}:00:00+02:00"),
        "customer": {"name": "Anna", "email": format!("anna{hour}@mail.example"),
            "locale": locale}});
    let booked = gateway.post("/api/v1/bookings", &booking).await;
    let id = booked.json["customer"]["id"].as_i64();
    id.unwrap_or_else(|| panic!("{}", booked.text))
}

fn campaign(name: &str, segment: Value) -> Value {
    json!({"name": name, "subject": "Wieder da", "text": "Guten Tag", "segment": segment})
}

/// How many would get a campaign.
async fn trial(gateway: &Gateway) -> Option<u64> {
    let dry = json!({"name": "x", "subject": "s", "text": "t", "segment": {}, "dry_run": true});
    let answer = ask(gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", dry)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["recipients"].as_u64()
}

/// Somebody who has booked agrees to campaigns; twice, which changes nothing.
async fn somebody_agrees(gateway: &Gateway) -> i64 {
    let id = customer(gateway).await;
    assert_eq!(trial(gateway).await, Some(0));
    let consent = format!("/api/v1/customers/{id}/consent");
    for _ in 0..2 {
        let said = json!({"marketing": true, "source": "web form"});
        let holds = ask(gateway, DEMO_KEY, ("PUT", &consent, said)).await;
        assert_eq!(holds.status, 200, "{}", holds.text);
        assert_eq!(holds.json["marketing_since"], "2025-10-10T08:00:00Z");
    }
    assert_eq!(trial(gateway).await, Some(1));
    id
}

/// From the consent to the messages, idempotent at every step.
#[tokio::test]
async fn a_campaign_goes_to_who_agreed() {
    let gateway = Gateway::new().await;
    somebody_agrees(&gateway).await;
    let path = "/api/v1/campaigns";
    let wish = campaign("herbst", json!({"service_id": 1}));
    let started = ask(&gateway, ADMIN_KEY, ("POST", path, wish.clone())).await;
    assert_eq!(
        (started.status, &started.json["recipients"]),
        (202, &json!(1))
    );
    assert_eq!(started.json["status"], "preparing");
    let again = ask(&gateway, ADMIN_KEY, ("POST", path, wish)).await;
    assert_eq!(
        (again.status, &again.json["id"]),
        (202, &started.json["id"])
    );
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = campaign("herbst", json!({}));
    let other = ask(&gateway, ADMIN_KEY, ("POST", path, other)).await;
    other.assert_problem(409, "campaign_exists");
    for _ in 0..2 {
        let ran = gateway.app.run_due(Queue::Notifications).await;
        ran.expect("run");
    }
    let one = format!("{path}/{}", started.json["id"].as_str().expect("an id"));
    let view = ask(&gateway, ADMIN_KEY, ("GET", &one, Value::Null)).await;
    let counts = json!({"queued": 0, "sent": 1, "not_sent": 0, "failed": 0});
    assert_eq!(
        (&view.json["counts"], &view.json["status"]),
        (&counts, &json!("done"))
    );
    let list = ask(&gateway, ADMIN_KEY, ("GET", path, Value::Null)).await;
    assert_eq!(list.json, json!({"data": [view.json], "next_cursor": null}));
}

/// Red when looking at the page changes something, or a token that is not whole is taken.
#[tokio::test]
async fn the_page_behind_a_link_asks_and_the_button_opts_out() {
    let gateway = Gateway::new().await;
    let id = somebody_agrees(&gateway).await;
    let token = LINK_KEY.token(COMPANY, CustomerId::new(id));
    let german = page(&gateway, ("GET", "de-DE,en;q=0.5"), &token).await;
    assert_eq!(german.status, 200);
    let kind = german.header("content-type");
    assert_eq!(kind, Some("text/html; charset=utf-8"));
    for part in [
        "Praxis Sonnenhof",
        "<html lang=\"de\">",
        "<form method=\"post\">",
    ] {
        assert!(german.text.contains(part), "{}", german.text);
    }
    assert!(!german.text.contains("<script"));
    assert_eq!(trial(&gateway).await, Some(1), "looking changes nothing");
    for _ in 0..2 {
        let done = page(&gateway, ("POST", "en"), &token).await;
        assert_eq!(done.status, 200);
        assert!(done.text.contains("<html lang=\"en\">"), "{}", done.text);
        assert_eq!(trial(&gateway).await, Some(0));
    }
    for bad in ["00", &token[2..], &token.replace(&token[60..], "0000")] {
        for method in ["GET", "POST"] {
            let unknown = page(&gateway, (method, "de"), bad).await;
            assert_eq!(unknown.status, 404, "{bad}");
            assert!(unknown.text.contains("Unbekannter Link"));
        }
    }
}

/// Red when the page is not in the customer's own language, where that is known and one of its two.
#[tokio::test]
async fn the_page_speaks_the_customers_language() {
    let gateway = Gateway::new().await;
    for (hour, locale, accepted, expected) in [
        ("08", json!("de-AT"), "en-GB,en;q=0.9", "de"),
        ("09", json!("en"), "de", "en"),
        ("10", json!("tr"), "en", "en"),
        ("11", Value::Null, "en", "en"),
        ("14", Value::Null, "fr", "de"),
    ] {
        let id = who_speaks(&gateway, hour, locale.clone()).await;
        let token = LINK_KEY.token(COMPANY, CustomerId::new(id));
        for method in ["GET", "POST"] {
            let page = page(&gateway, (method, accepted), &token).await;
            let language = format!("<html lang=\"{expected}\">");
            assert!(
                page.text.contains(&language),
                "{locale} {accepted} {method}"
            );
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
    let wish = json!({"name": "x", "subject": "Für {{name}}", "text": "{{ name }}, kommen Sie!",
        "segment": {}});
    let answer = ask(&gateway, ADMIN_KEY, ("POST", "/api/v1/campaigns", wish)).await;
    assert_eq!(answer.wrong_fields(), ["subject", "text"]);
    assert!(answer.text.contains("no placeholders"), "{}", answer.text);
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
