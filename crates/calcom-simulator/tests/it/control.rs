//! The control API: ledger, clock, set-up, outsiders, exact replays.

use serde_json::json;

use crate::support::{FOREIGN, HOURLY, KEY, NINE, Receiver, Stand, TEN};

#[tokio::test]
async fn the_ledger_knows_everything() {
    let stand = Stand::new().await;
    let old = stand.book(HOURLY, NINE, "one@mail.example").await.uid();
    let path = format!("/v2/bookings/{old}/reschedule");
    let new = stand
        .call("POST", &path, Some(json!({"start": TEN})))
        .await
        .uid();
    let state = stand.state().await;
    assert_eq!(state["now"], "2030-03-04T06:00:00.000Z");
    let first = &state["bookings"][0];
    assert_eq!(
        (&first["account"], &first["origin"]),
        (&json!(KEY), &json!("api"))
    );
    assert_eq!(first["history"][0]["event"], "created");
    assert_eq!(first["history"][1]["event"], "rescheduled_away");
    assert_eq!(first["history"][1]["detail"], json!(new));
    assert_eq!(state["calls"]["total"], 2);
    assert_eq!(state["calls"]["by_route"]["POST /v2/bookings"], 1);
    assert_eq!(
        state["calls"]["by_route"]["POST /v2/bookings/{uid}/reschedule"],
        1
    );
    assert_eq!(state["calls"]["recent"][0]["status"], 201);
}

#[tokio::test]
async fn outsiders_act_loudly_or_in_silence() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let body = json!({"event_type_id": HOURLY, "start": NINE, "deliver": false, "host_id": 502});
    let silent = stand.control("POST", "outsider/bookings", body).await["booking"].clone();
    assert_eq!(
        (&silent["origin"], &silent["hostIds"]),
        (&json!("outsider"), &json!([502]))
    );
    assert!(receiver.all().is_empty());
    let path = format!(
        "outsider/bookings/{}/reschedule",
        silent["uid"].as_str().unwrap()
    );
    let moved = stand.control("POST", &path, json!({"start": TEN})).await;
    assert_eq!(receiver.triggers(), ["BOOKING_RESCHEDULED"]);
    let path = format!(
        "outsider/bookings/{}/cancel",
        moved["booking"]["uid"].as_str().unwrap()
    );
    stand
        .control("POST", &path, json!({"deliver": false}))
        .await;
    assert_eq!(receiver.all().len(), 1);
    let body = json!({"event_type_id": HOURLY, "start": "2030-03-10T03:00:00Z", "force": true});
    let forced = stand.control("POST", "outsider/bookings", body).await;
    assert_eq!(forced["booking"]["status"], "accepted");
}

#[tokio::test]
async fn a_replay_is_exact() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    stand.book(HOURLY, NINE, "one@mail.example").await;
    stand
        .control("POST", "time", json!({"advance_seconds": 3600}))
        .await;
    let replay = stand
        .control("POST", "deliveries/1/redeliver", json!({}))
        .await;
    assert_eq!((&replay["n"], &replay["replayOf"]), (&json!(2), &json!(1)));
    assert_eq!(replay["status"], 200);
    let all = receiver.all();
    assert_eq!(all[0].bytes, all[1].bytes);
    let signature = "x-cal-signature-256";
    assert_eq!(all[0].headers[signature], all[1].headers[signature]);
    let missing = stand.request("POST", "/_sim/deliveries/9/redeliver", None, None);
    assert_eq!(Stand::read(missing).await.status, 404);
}

#[tokio::test]
async fn the_clock_obeys() {
    let stand = Stand::new().await;
    let moved = stand
        .control("POST", "time", json!({"advance_seconds": -60}))
        .await;
    assert_eq!(
        moved,
        json!({"now": "2030-03-04T05:59:00.000Z", "frozen": true})
    );
    let running = stand.control("POST", "time", json!({"set": NINE})).await;
    assert_eq!(running["frozen"], false);
    for nonsense in [
        json!({}),
        json!({"set": NINE, "reset": true}),
        json!({"sett": NINE}),
    ] {
        let request = stand
            .request("POST", "/_sim/time", None, None)
            .json(&nonsense);
        assert_eq!(Stand::read(request).await.status, 400, "{nonsense}");
    }
    let far = json!({"advance_seconds": i64::MAX});
    let request = stand.request("POST", "/_sim/time", None, None).json(&far);
    assert_eq!(Stand::read(request).await.status, 400);
}

#[tokio::test]
async fn resets_keep_the_set_up_unless_told_otherwise() {
    let stand = Stand::new().await;
    let first = stand.book(HOURLY, NINE, "one@mail.example").await.uid();
    let receiver = Receiver::for_stand(&stand).await;
    stand
        .control("PUT", "settings", json!({"rate_limit_per_minute": 0}))
        .await;
    stand.faults(json!({"fail": 500})).await;
    stand.control("POST", "reset", json!({})).await;
    stand
        .control(
            "POST",
            "time",
            json!({"set": crate::support::NOW, "frozen": true}),
        )
        .await;
    let again = stand.book(HOURLY, NINE, "one@mail.example").await;
    assert_eq!(again.uid(), first, "the same seed, the same ids");
    assert_eq!(receiver.all().len(), 1, "the subscription is still there");
    assert!(!again.headers.contains_key("x-ratelimit-limit-default"));
    stand
        .control("POST", "reset", json!({"everything": true}))
        .await;
    let state = stand.request("GET", "/_sim/webhooks", None, None);
    assert_eq!(Stand::read(state).await.body, json!({"webhooks": []}));
}

#[tokio::test]
async fn the_world_can_be_replaced() {
    let stand = Stand::new().await;
    let world = stand.request("GET", "/_sim/world", None, None);
    let mut world = Stand::read(world).await.body;
    world["accounts"].as_array_mut().unwrap().remove(0);
    world["accounts"][0]["webhooks"] = json!([{"url": "http://127.0.0.1:9/x"}]);
    stand.control("PUT", "world", world.clone()).await;
    let hooks = stand.request("GET", "/_sim/webhooks", None, None);
    let hooks = Stand::read(hooks).await.body;
    assert_eq!(hooks["webhooks"][0]["secret"], "whsec_20");
    assert_eq!(stand.call("GET", "/v2/me", None).await.status, 401);
    assert_eq!(
        stand.book(FOREIGN, NINE, "one@mail.example").await.status,
        401
    );
    world["accounts"][0]["event_types"][0]["host_ids"] = json!([1]);
    let request = stand.request("PUT", "/_sim/world", None, None).json(&world);
    let refused = Stand::read(request).await;
    assert!(
        refused.body["error"]
            .as_str()
            .unwrap()
            .contains("names host 1"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn strangers_pages_cannot_press_buttons() {
    let stand = Stand::new().await;
    let request = stand.request("POST", "/_sim/reset", None, None);
    let answer = Stand::read(request.header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.status, 403);
    let unknown = json!({"account": "nobody", "url": "http://127.0.0.1:9/"});
    let request = stand
        .request("POST", "/_sim/webhooks", None, None)
        .json(&unknown);
    let answer = Stand::read(request).await;
    assert!(
        answer.body["error"]
            .as_str()
            .unwrap()
            .contains("cal_test_15")
    );
}
