//! Versions, keys, validation and the rate limit, in Cal.com's order.

use serde_json::json;

use crate::support::{FOREIGN, HOURLY, KEY, NINE, OTHER_KEY, Stand, wish};

#[tokio::test]
async fn the_version_is_looked_at_before_the_key() {
    let stand = Stand::new().await;
    for key in [None, Some("wrong"), Some(KEY)] {
        let request = stand.request("POST", "/v2/bookings", Some("2024-09-04"), key);
        let answer = Stand::read(request.json(&json!({}))).await;
        assert_eq!(
            (answer.status, answer.error()),
            (404, "Cannot POST /v2/bookings")
        );
    }
    let request = stand.request("GET", "/v2/slots?eventTypeId=1", None, Some(KEY));
    let answer = Stand::read(request).await;
    assert_eq!(
        (answer.status, answer.error()),
        (404, "Cannot GET /v2/slots?eventTypeId=1")
    );
    assert_eq!(answer.body["error"]["code"], "NotFoundException");
}

#[tokio::test]
async fn without_a_version_the_old_api_answers() {
    let stand = Stand::new().await;
    stand.book(HOURLY, NINE, "tomas@mail.example").await;
    let body = wish(HOURLY, NINE, "x@mail.example");
    let create = Stand::read(
        stand
            .request("POST", "/v2/bookings", None, Some(KEY))
            .json(&body),
    );
    let create = create.await;
    assert!(
        create.status == 400 && create.error().contains("language"),
        "{}",
        create.body
    );
    let path = "/v2/bookings?attendeeEmail=nobody@mail.example";
    let list = Stand::read(stand.request("GET", path, Some("1999-01-01"), Some(KEY))).await;
    assert_eq!(
        list.data()["bookings"].as_array().unwrap().len(),
        1,
        "filters are ignored"
    );
}

#[tokio::test]
async fn wrong_keys_are_401_even_where_none_is_needed() {
    let stand = Stand::new().await;
    let path = format!("/v2/slots?eventTypeId={HOURLY}&start=2030-03-12&end=2030-03-12");
    let texts = [
        ("cal_live_wrong", "CustomThrottlerGuard - Invalid API Key"),
        (
            "wrong",
            "ApiAuthStrategy - api key - Your api key is not valid",
        ),
    ];
    for (key, text) in texts {
        let request = stand.request("GET", &path, Some("2024-09-04"), Some(key));
        let answer = Stand::read(request).await;
        assert_eq!((answer.status, answer.error()), (401, text));
    }
    let nobody = stand.request("GET", &path, Some("2024-09-04"), None);
    assert_eq!(Stand::read(nobody).await.status, 200);
    let list = stand.request("GET", "/v2/bookings", Some("2026-05-01"), None);
    let list = Stand::read(list).await;
    assert_eq!(list.status, 403);
    assert!(
        list.error()
            .starts_with("PermissionsGuard - no authentication provided")
    );
    let me = stand.request("GET", "/v2/me", None, None);
    assert_eq!(Stand::read(me).await.status, 401);
}

#[tokio::test]
async fn unknown_properties_are_refused() {
    let stand = Stand::new().await;
    let mut body = wish(HOURLY, NINE, "x@mail.example");
    body["reservationUid"] = json!("x");
    let create = stand.call("POST", "/v2/bookings", Some(body)).await;
    let text = "reservationUid property is wrong,property reservationUid should not exist ";
    assert_eq!((create.status, create.error()), (400, text));
    let path = format!("/v2/slots?eventTypeId={HOURLY}&username=anna-berg&start=a&end=b");
    let slots = stand.call("GET", &path, None).await;
    assert_eq!(slots.status, 400);
    assert!(slots.error().contains("property username should not exist"));
    let uid = stand.book(HOURLY, NINE, "tomas@mail.example").await.uid();
    for path in ["cancel", "reschedule"] {
        let path = format!("/v2/bookings/{uid}/{path}");
        let body = json!({"start": NINE, "foo": 1});
        let answer = stand.call("POST", &path, Some(body)).await;
        assert!(
            answer.error().contains("property foo should not exist"),
            "{}",
            answer.body
        );
    }
    let broken = stand
        .request("POST", "/v2/bookings", Some("2026-02-25"), Some(KEY))
        .body("{");
    assert_eq!(Stand::read(broken).await.status, 400);
}

#[tokio::test]
async fn the_rate_limit_blocks_one_key_for_a_minute() {
    let stand = Stand::new().await;
    let settings = json!({"rate_limit_per_minute": 3, "retry_after": true});
    stand.control("PUT", "settings", settings).await;
    for remaining in ["2", "1", "0"] {
        let answer = stand.call("GET", "/v2/me", None).await;
        assert_eq!(answer.headers["x-ratelimit-remaining-default"], remaining);
    }
    let over = stand.call("GET", "/v2/me", None).await;
    let text = "CustomThrottlerGuard - Too many requests. Please try again later.";
    assert_eq!((over.status, over.error()), (429, text));
    assert_eq!(over.body["error"]["code"], "ThrottlerException");
    assert_eq!(over.headers["x-ratelimit-reset-default"], "60");
    assert_eq!(over.headers["retry-after"], "60");
    let other = stand.request("GET", "/v2/me", None, Some(OTHER_KEY));
    assert_eq!(Stand::read(other).await.status, 200);
    stand
        .control("POST", "time", json!({"advance_seconds": 61}))
        .await;
    assert_eq!(stand.call("GET", "/v2/me", None).await.status, 200);
}

#[tokio::test]
async fn event_types_belong_to_their_account() {
    let stand = Stand::new().await;
    let own = stand
        .call("GET", &format!("/v2/event-types/{HOURLY}"), None)
        .await;
    assert_eq!(own.data()["lengthInMinutes"], 60);
    assert_eq!(own.data()["schedulingType"], "roundRobin");
    assert_eq!(own.data()["hosts"][1]["userId"], 502);
    let foreign = stand
        .call("GET", &format!("/v2/event-types/{FOREIGN}"), None)
        .await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        foreign.error(),
        format!("Event type with id {FOREIGN} not found")
    );
    let all = stand.call("GET", "/v2/event-types", None).await;
    assert_eq!(all.data().as_array().unwrap().len(), 2);
    let hers = stand
        .call("GET", "/v2/event-types?username=clara-sommer", None)
        .await;
    assert_eq!(hers.data()[0]["id"], FOREIGN);
    let me = stand.call("GET", "/v2/me", None).await;
    assert_eq!(me.data()["email"], "anna@praxis.example");
}

#[tokio::test]
async fn a_taken_port_is_explained() {
    let stand = Stand::new().await;
    let options = booking_calcom_simulator::SimulatorOptions {
        listen: stand.simulator.address(),
        seed: 1,
        world: booking_calcom_simulator::World::demo(),
        log: false,
    };
    let error = booking_calcom_simulator::start(options)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&stand.simulator.address().to_string()),
        "{error}"
    );
    assert!(error.contains("choose another address"), "{error}");
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let stand = Stand::new().await;
    let address = stand.simulator.address();
    stand.simulator.stop().await;
    tokio::net::TcpListener::bind(address).await.unwrap();
}
