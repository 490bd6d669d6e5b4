//! Slots and reservations over HTTP.

use serde_json::{Value, json};

use crate::support::{Answer, HOURLY, KEY, NINE, OTHER_KEY, SHORT, Stand};

async fn slots(stand: &Stand, query: &str) -> Answer {
    let path = format!("/v2/slots?eventTypeId={HOURLY}&{query}");
    stand.call("GET", &path, None).await
}

const DAY: &str = "start=2030-03-12&end=2030-03-12";

fn starts(day: &Value) -> Vec<&str> {
    day.as_array()
        .unwrap()
        .iter()
        .map(|slot| slot["start"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn days_and_offsets_follow_the_zone() {
    let stand = Stand::new().await;
    let utc = slots(&stand, DAY).await;
    let day = &utc.data()["2030-03-12"];
    assert_eq!(day.as_array().unwrap().len(), 10);
    assert_eq!(day[0], json!({"start": "2030-03-12T07:00:00.000Z"}));
    let query = format!("{DAY}&timeZone=America/Chicago&format=range");
    let chicago = slots(&stand, &query).await;
    let first = &chicago.data()["2030-03-12"][0];
    assert_eq!(first["start"], "2030-03-12T02:00:00.000-05:00");
    assert_eq!(first["end"], "2030-03-12T03:00:00.000-05:00");
    let kiritimati = slots(&stand, &format!("{DAY}&timeZone=Pacific/Kiritimati")).await;
    let days: Vec<&String> = kiritimati.data().as_object().unwrap().keys().collect();
    assert_eq!(days, ["2030-03-12", "2030-03-13"]);
}

#[tokio::test]
async fn nothing_free_is_an_empty_object() {
    let stand = Stand::new().await;
    let sunday = slots(&stand, "start=2030-03-10&end=2030-03-10").await;
    assert_eq!(sunday.body, json!({"status": "success", "data": {}}));
    let reversed = slots(&stand, "start=2030-03-12&end=2030-03-10").await;
    assert!(reversed.error().starts_with("Invalid time range given"));
    let path = format!("/v2/slots?eventTypeId=4711&{DAY}");
    let unknown = stand.call("GET", &path, None).await;
    assert_eq!(
        (unknown.status, unknown.error()),
        (404, "Event Type not found")
    );
}

#[tokio::test]
async fn a_slot_stays_until_every_host_is_taken() {
    let stand = Stand::new().await;
    let nine = "2030-03-12T08:00:00.000Z";
    for (email, still_there) in [("one@mail.example", true), ("two@mail.example", false)] {
        stand.book(HOURLY, NINE, email).await;
        let answer = slots(&stand, DAY).await;
        assert_eq!(
            starts(&answer.data()["2030-03-12"]).contains(&nine),
            still_there
        );
    }
    let short = format!("/v2/slots?eventTypeId={SHORT}&{DAY}");
    let short = stand.call("GET", &short, None).await;
    let short = starts(&short.data()["2030-03-12"]).join(" ");
    assert!(!short.contains("T08:15") && short.contains("T09:00"));
    let uid = stand.state().await["bookings"][0]["uid"]
        .as_str()
        .unwrap()
        .to_owned();
    let moving = slots(&stand, &format!("{DAY}&bookingUidToReschedule={uid}")).await;
    assert!(starts(&moving.data()["2030-03-12"]).contains(&nine));
}

#[tokio::test]
async fn slots_by_slug_and_name() {
    let stand = Stand::new().await;
    let path = format!("/v2/slots?eventTypeSlug=beratung&username=ben-vogt&{DAY}");
    assert_eq!(
        stand
            .call("GET", &path, None)
            .await
            .data()
            .as_object()
            .unwrap()
            .len(),
        1
    );
    let path = format!("/v2/slots?eventTypeSlug=beratung&username=nobody&{DAY}");
    let unknown = stand.call("GET", &path, None).await;
    assert_eq!(
        (unknown.status, unknown.error()),
        (404, "User with username nobody not found")
    );
    let path = format!("/v2/slots?eventTypeSlug=beratung&teamSlug=team&{DAY}");
    let team = stand.call("GET", &path, None).await;
    assert_eq!(
        (team.status, team.error()),
        (404, "Team with slug team not found")
    );
}

#[tokio::test]
async fn the_cache_repeats_itself_for_its_time() {
    let stand = Stand::new().await;
    stand
        .control("PUT", "settings", json!({"slots_cache_ms": 2000}))
        .await;
    let before = slots(&stand, DAY).await;
    for email in ["one@mail.example", "two@mail.example"] {
        stand.book(HOURLY, NINE, email).await;
    }
    assert_eq!(slots(&stand, DAY).await.body, before.body);
    stand
        .control("POST", "time", json!({"advance_seconds": 2}))
        .await;
    assert_ne!(slots(&stand, DAY).await.body, before.body);
}

fn hold(start: &str) -> Value {
    json!({"eventTypeId": HOURLY, "slotStart": start})
}

#[tokio::test]
async fn holds_hide_slots_and_protect_nothing() {
    let stand = Stand::new().await;
    let path = "/v2/slots/reservations";
    let first = stand.call("POST", path, Some(hold(NINE))).await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(first.data()["slotEnd"], "2030-03-12T09:00:00.000Z");
    assert_eq!(first.data()["reservationDuration"], 5);
    assert_eq!(first.data()["reservationUntil"], "2030-03-04T06:05:00.000Z");
    let second = stand.call("POST", path, Some(hold(NINE))).await;
    assert_eq!(second.status, 201, "the other host");
    let third = stand.call("POST", path, Some(hold(NINE))).await;
    assert_eq!(third.status, 422);
    assert!(
        third
            .error()
            .starts_with("This time slot is already reserved by another user.")
    );
    let nine = "2030-03-12T08:00:00.000Z";
    let hidden = slots(&stand, DAY).await;
    assert!(!starts(&hidden.data()["2030-03-12"]).contains(&nine));
    assert_eq!(stand.book(HOURLY, NINE, "a@mail.example").await.status, 201);
    stand
        .control("POST", "time", json!({"advance_seconds": 301}))
        .await;
    let shown = slots(&stand, DAY).await;
    assert!(starts(&shown.data()["2030-03-12"]).contains(&nine));
}

#[tokio::test]
async fn holds_can_be_read_moved_and_dropped() {
    let stand = Stand::new().await;
    let first = stand
        .call("POST", "/v2/slots/reservations", Some(hold(NINE)))
        .await;
    stand
        .call("POST", "/v2/slots/reservations", Some(hold(NINE)))
        .await;
    let uid = first.data()["reservationUid"].as_str().unwrap();
    let path = format!("/v2/slots/reservations/{uid}");
    let read = stand.call("GET", &path, None).await;
    assert_eq!(read.data().get("reservationDuration"), None);
    let in_place = stand.call("PATCH", &path, Some(hold(NINE))).await;
    assert_eq!(in_place.status, 422, "its own row counts as an overlap");
    let moved = stand
        .call("PATCH", &path, Some(hold("2030-03-12T10:00:00Z")))
        .await;
    assert_eq!(moved.data()["slotStart"], "2030-03-12T10:00:00.000Z");
    for _ in 0..2 {
        let gone = stand.call("DELETE", &path, None).await;
        assert_eq!(
            (gone.status, gone.body),
            (200, json!({"status": "success"}))
        );
    }
    assert_eq!(stand.call("GET", &path, None).await.data(), &Value::Null);
    let missing = stand.call("PATCH", &path, Some(hold(NINE))).await;
    assert_eq!(missing.error(), format!("Slot with uid={uid} not found"));
}

#[tokio::test]
async fn own_hold_times_need_the_owner() {
    let stand = Stand::new().await;
    let mut body = hold(NINE);
    body["reservationDuration"] = json!(30);
    let path = "/v2/slots/reservations";
    for (key, status) in [(None, 401), (Some(OTHER_KEY), 403), (Some(KEY), 201)] {
        let request = stand
            .request("POST", path, Some("2024-09-04"), key)
            .json(&body);
        assert_eq!(Stand::read(request).await.status, status);
    }
    let unknown = json!({"eventTypeId": 4711, "slotStart": NINE});
    let unknown = stand.call("POST", path, Some(unknown)).await;
    assert_eq!(
        (unknown.status, unknown.error()),
        (404, "Event Type with ID=4711 not found")
    );
}
