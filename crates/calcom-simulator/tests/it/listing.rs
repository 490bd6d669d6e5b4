//! `GET /v2/bookings`: filters, both pagings, what each status means.

use serde_json::{Value, json};

use crate::support::{Answer, HOURLY, KEY, NINE, SHORT, Stand};

async fn by_offset(stand: &Stand, query: &str) -> Answer {
    let path = format!("/v2/bookings?{query}");
    Stand::read(stand.request("GET", &path, Some("2024-08-13"), Some(KEY))).await
}

async fn by_cursor(stand: &Stand, query: &str) -> Answer {
    stand
        .call("GET", &format!("/v2/bookings?{query}"), None)
        .await
}

fn hours(answer: &Answer) -> Vec<&str> {
    let rows = answer.data().as_array().unwrap();
    rows.iter()
        .map(|row| &row["start"].as_str().unwrap()[11..13])
        .collect()
}

/// Five bookings, from 07:00 to 11:00 UTC on one day.
async fn five() -> Stand {
    let stand = Stand::new().await;
    for hour in 7..12 {
        let start = format!("2030-03-12T{hour:02}:00:00Z");
        let email = format!("p{hour}@mail.example");
        assert_eq!(stand.book(HOURLY, &start, &email).await.status, 201);
    }
    stand
}

#[tokio::test]
async fn offset_pages() {
    let stand = five().await;
    let page = by_offset(&stand, "take=2&skip=2").await;
    assert_eq!(hours(&page), ["09", "10"]);
    assert_eq!(
        page.body["pagination"],
        json!({"returnedItems": 2, "totalItems": 5, "itemsPerPage": 2, "remainingItems": 1,
            "currentPage": 2, "totalPages": 3, "hasNextPage": true, "hasPreviousPage": true})
    );
    let down = by_offset(&stand, "sortStart=desc&take=1").await;
    assert_eq!(hours(&down), ["11"]);
    assert_eq!(by_offset(&stand, "take=251").await.status, 400);
}

#[tokio::test]
async fn cursor_pages_cover_everything_once() {
    let stand = five().await;
    let mut seen = Vec::new();
    let mut query = "status=upcoming&limit=2".to_owned();
    loop {
        let page = by_cursor(&stand, &query).await;
        seen.extend(hours(&page).iter().map(|hour| (*hour).to_owned()));
        let pagination = &page.body["pagination"];
        assert_eq!(
            pagination["hasMore"],
            json!(pagination["nextCursor"].is_string())
        );
        match pagination["nextCursor"].as_str() {
            Some(cursor) => query = format!("status=upcoming&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["07", "08", "09", "10", "11"]);
    let latest = by_cursor(&stand, "limit=1").await;
    assert_eq!(hours(&latest), ["11"], "without a status the list descends");
    assert_eq!(by_cursor(&stand, "status=upcoming,past").await.status, 400);
    assert_eq!(by_offset(&stand, "status=upcoming,past").await.status, 200);
}

#[tokio::test]
async fn filters_and_inclusive_bounds() {
    let stand = five().await;
    stand
        .book(SHORT, "2030-03-13T08:00:00Z", "plus+tag@mail.example")
        .await;
    let window = "afterStart=2030-03-12T08:00:00Z&beforeEnd=2030-03-12T10:00:00Z";
    assert_eq!(hours(&by_offset(&stand, window).await), ["08", "09"]);
    let who = by_offset(&stand, "attendeeEmail=p9@mail.example").await;
    assert_eq!(hours(&who), ["09"]);
    // A plus sign that was not encoded arrives as a blank, and is understood.
    let plus = by_cursor(&stand, "attendeeEmail=plus+tag@mail.example").await;
    assert_eq!(plus.data().as_array().unwrap().len(), 1);
    let both = format!("eventTypeIds={SHORT},1&eventTypeId={HOURLY}");
    assert_eq!(
        by_offset(&stand, &both)
            .await
            .data()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let typo = by_offset(&stand, "atendeeEmail=p9@mail.example").await;
    assert_eq!(
        typo.data().as_array().unwrap().len(),
        6,
        "unknown keys are ignored"
    );
    let other = stand.request(
        "GET",
        "/v2/bookings",
        Some("2026-05-01"),
        Some("cal_test_20"),
    );
    assert_eq!(Stand::read(other).await.data(), &json!([]));
}

#[tokio::test]
async fn changes_come_back_by_their_time() {
    let stand = five().await;
    stand
        .control("POST", "time", json!({"advance_seconds": 600}))
        .await;
    let uid = stand.state().await["bookings"][1]["uid"]
        .as_str()
        .unwrap()
        .to_owned();
    stand
        .call(
            "POST",
            &format!("/v2/bookings/{uid}/cancel"),
            Some(json!({})),
        )
        .await;
    let changed = by_cursor(&stand, "afterUpdatedAt=2030-03-04T06:10:00Z").await;
    assert_eq!(changed.data()[0]["uid"], json!(uid));
    assert_eq!(changed.data()[0]["updatedAt"], "2030-03-04T06:10:00.000Z");
    let untouched = by_cursor(&stand, "status=upcoming").await;
    assert_eq!(untouched.data()[0]["updatedAt"], Value::Null);
    assert_eq!(hours(&by_cursor(&stand, "status=cancelled").await), ["08"]);
}

#[tokio::test]
async fn the_past_is_another_status() {
    let stand = five().await;
    stand
        .control("POST", "time", json!({"set": NINE, "frozen": true}))
        .await;
    assert_eq!(hours(&by_cursor(&stand, "status=past").await), ["07"]);
    let upcoming = by_cursor(&stand, "status=upcoming").await;
    assert_eq!(
        hours(&upcoming),
        ["07", "08", "09", "10", "11"],
        "an end right now counts twice"
    );
}
