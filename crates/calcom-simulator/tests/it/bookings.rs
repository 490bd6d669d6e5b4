//! Making bookings: who gets them, what is taken, what comes back.

use booking_calcom_simulator::{Scheduling, World};
use serde_json::json;

use crate::support::{FOREIGN, HOURLY, KEY, NINE, SHORT, Stand, wish};

const TEAM_TAKEN: &str =
    "One of the hosts either already has booking at this time or is not available";
const TAKEN: &str = "User either already has booking at this time or is not available";

#[tokio::test]
async fn a_booking_comes_back_whole() {
    let stand = Stand::new().await;
    let answer = stand.book(HOURLY, NINE, "tomas@mail.example").await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let data = answer.data();
    assert_eq!(data["status"], "accepted");
    assert_eq!(data["start"], "2030-03-12T08:00:00.000Z");
    assert_eq!(data["end"], "2030-03-12T09:00:00.000Z");
    assert_eq!(data["duration"], 60);
    assert_eq!(data["hosts"][0]["id"], 501);
    assert_eq!(data["eventType"], json!({"id": HOURLY, "slug": "beratung"}));
    assert_eq!(
        data["metadata"],
        json!({"gw_booking": "b-tomas@mail.example"})
    );
    assert_eq!(data["attendees"][0]["email"], "tomas@mail.example");
    assert_eq!(data["title"], "Beratung between Anna Berg and Tomas Lind");
    assert_eq!(answer.uid().len(), 22);
    assert_eq!(answer.headers["x-ratelimit-limit-default"], "120");
    let again = stand
        .call("GET", &format!("/v2/bookings/{}", answer.uid()), None)
        .await;
    assert_eq!(again.data(), answer.data());
}

#[tokio::test]
async fn two_hosts_take_two_bookings_and_then_it_is_taken() {
    let stand = Stand::new().await;
    let first = stand.book(HOURLY, NINE, "one@mail.example").await;
    let second = stand.book(HOURLY, NINE, "two@mail.example").await;
    let hosts = [
        &first.data()["hosts"][0]["id"],
        &second.data()["hosts"][0]["id"],
    ];
    assert_eq!(hosts, [501, 502]);
    let third = stand.book(HOURLY, NINE, "three@mail.example").await;
    assert_eq!((third.status, third.error()), (400, TEAM_TAKEN));
    assert_eq!(third.body["error"]["code"], "BadRequestException");
    assert_eq!(third.body["path"], "/v2/bookings");
    assert_eq!(third.body["error"]["details"]["statusCode"], 400);
    assert!(third.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn turns_go_to_whoever_waited_longest() {
    let stand = Stand::new().await;
    let mut hosts = Vec::new();
    for hour in 8..12 {
        let start = format!("2030-03-12T{hour:02}:00:00Z");
        let email = format!("p{hour}@mail.example");
        let answer = stand.book(HOURLY, &start, &email).await;
        hosts.push(answer.data()["hosts"][0]["id"].as_u64().unwrap());
    }
    assert_eq!(hosts, [501, 502, 501, 502]);
}

#[tokio::test]
async fn event_types_that_share_hosts_share_their_time() {
    let stand = Stand::new().await;
    stand.book(HOURLY, NINE, "one@mail.example").await;
    let quick = stand
        .book(SHORT, "2030-03-12T08:30:00Z", "two@mail.example")
        .await;
    assert_eq!(quick.data()["hosts"][0]["id"], 502);
    let third = stand
        .book(SHORT, "2030-03-12T08:30:00Z", "three@mail.example")
        .await;
    assert_eq!((third.status, third.error()), (400, TEAM_TAKEN));
    let next = stand
        .book(SHORT, "2030-03-12T08:45:00Z", "four@mail.example")
        .await;
    assert_eq!(next.data()["hosts"][0]["id"], 502);
    assert_eq!(stand.state().await["double_bookings"], json!([]));
}

#[tokio::test]
async fn many_at_once_never_share_a_host() {
    let stand = Stand::new().await;
    let calls = (0..20).map(|n| {
        let (stand, email) = (&stand, format!("p{n}@mail.example"));
        async move { stand.book(HOURLY, NINE, &email).await.status }
    });
    let mut statuses = futures_util::future::join_all(calls).await;
    statuses.sort_unstable();
    assert_eq!(statuses[..3], [201, 201, 400]);
    assert_eq!(stand.state().await["double_bookings"], json!([]));
}

#[tokio::test]
async fn a_personal_type_has_the_personal_text() {
    let stand = Stand::new().await;
    let first = stand.book(FOREIGN, NINE, "one@mail.example").await;
    assert_eq!(first.status, 201);
    // The same person again: their own booking is the conflict.
    let repeat = stand.book(FOREIGN, NINE, "one@mail.example").await;
    assert_eq!((repeat.status, repeat.error()), (400, TAKEN));
}

#[tokio::test]
async fn round_robin_answers_a_repeat_with_the_original() {
    let stand = Stand::new().await;
    let first = stand.book(HOURLY, NINE, "one@mail.example").await;
    let repeat = stand.book(HOURLY, NINE, "ONE@mail.example").await;
    assert_eq!((repeat.status, repeat.uid()), (201, first.uid()));
    let off = json!({"same_attendee_returns_original": false});
    stand.control("PUT", "settings", off).await;
    let third = stand.book(HOURLY, NINE, "one@mail.example").await;
    assert_ne!(third.uid(), first.uid());
    assert_eq!(third.data()["hosts"][0]["id"], 502);
}

#[tokio::test]
async fn closed_past_and_unknown_are_refused() {
    let stand = Stand::new().await;
    let closed = stand
        .book(HOURLY, "2030-03-12T04:00:00Z", "a@mail.example")
        .await;
    assert_eq!((closed.status, closed.error()), (400, TEAM_TAKEN));
    let past = stand
        .book(HOURLY, "2030-03-01T08:00:00Z", "a@mail.example")
        .await;
    assert_eq!(past.error(), "Attempting to book a meeting in the past.");
    let unknown = stand.book(4711, NINE, "a@mail.example").await;
    assert_eq!(
        (unknown.status, unknown.error()),
        (404, "Event type with id 4711 not found.")
    );
    let mut body = wish(HOURLY, NINE, "a@mail.example");
    body["lengthInMinutes"] = json!(30);
    let length = stand.call("POST", "/v2/bookings", Some(body)).await;
    assert!(
        length
            .error()
            .starts_with("Can't specify 'lengthInMinutes'")
    );
}

#[tokio::test]
async fn minimum_notice_is_kept() {
    let mut world = World::demo();
    world.accounts[0].event_types[0].minimum_booking_notice = 60 * 24 * 30;
    let stand = Stand::with(world).await;
    let soon = stand.book(HOURLY, NINE, "a@mail.example").await;
    let text = "The event type can't be booked at the \"start\" time provided";
    assert!(
        soon.status == 400 && soon.error().starts_with(text),
        "{}",
        soon.body
    );
}

#[tokio::test]
async fn buffers_and_collective_types() {
    let mut world = World::demo();
    world.accounts[0].event_types[0].scheduling = Scheduling::Collective;
    world.accounts[0].event_types[1].after_event_buffer = 15;
    let stand = Stand::with(world).await;
    let both = stand.book(HOURLY, NINE, "a@mail.example").await;
    assert_eq!(both.data()["hosts"].as_array().unwrap().len(), 2);
    // The quarter of an hour before would need its buffer inside the booking.
    let before = stand
        .book(SHORT, "2030-03-12T07:45:00Z", "b@mail.example")
        .await;
    assert_eq!((before.status, before.error()), (400, TEAM_TAKEN));
    let earlier = stand
        .book(SHORT, "2030-03-12T07:30:00Z", "b@mail.example")
        .await;
    assert_eq!(earlier.status, 201);
}

#[tokio::test]
async fn seats_fill_up() {
    let mut world = World::demo();
    world.accounts[1].event_types[0].seats = Some(2);
    let stand = Stand::with(world).await;
    let first = stand.book(FOREIGN, NINE, "one@mail.example").await;
    let second = stand.book(FOREIGN, NINE, "two@mail.example").await;
    assert_eq!(first.uid(), second.uid());
    assert_ne!(first.data()["seatUid"], second.data()["seatUid"]);
    let same = stand.book(FOREIGN, NINE, "two@mail.example").await;
    assert_eq!(
        same.body,
        json!({"statusCode": 409,
        "message": "already_signed_up_for_this_booking_error"})
    );
    let third = stand.book(FOREIGN, NINE, "three@mail.example").await;
    assert_eq!(
        (third.status, third.error()),
        (409, "No more seats left at this seated booking.")
    );
    let path = format!("/v2/bookings/{}/cancel", first.uid());
    let leave = stand
        .call(
            "POST",
            &path,
            Some(json!({"seatUid": first.data()["seatUid"]})),
        )
        .await;
    assert_eq!(leave.data()["attendees"].as_array().unwrap().len(), 1);
    assert_eq!(leave.data()["status"], "accepted");
}

#[tokio::test]
async fn only_an_owner_may_allow_conflicts() {
    let stand = Stand::new().await;
    stand.book(FOREIGN, NINE, "one@mail.example").await;
    let mut body = wish(FOREIGN, NINE, "two@mail.example");
    body["allowConflicts"] = json!(true);
    let stranger = stand.call("POST", "/v2/bookings", Some(body.clone())).await;
    assert_eq!((stranger.status, stranger.error()), (400, TAKEN));
    let owner = stand
        .request(
            "POST",
            "/v2/bookings",
            Some("2026-02-25"),
            Some(crate::support::OTHER_KEY),
        )
        .json(&body);
    assert_eq!(Stand::read(owner).await.status, 201);
    let doubles = stand.state().await["double_bookings"].clone();
    assert_eq!(doubles.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn phone_only_attendees_get_an_address() {
    let stand = Stand::new().await;
    let mut body = wish(HOURLY, NINE, "x@mail.example");
    body["attendee"] =
        json!({"name": "Rita", "phoneNumber": "+491701234567", "timeZone": "Europe/Berlin"});
    let answer = stand.call("POST", "/v2/bookings", Some(body)).await;
    assert_eq!(
        answer.data()["attendees"][0]["email"],
        "491701234567@sms.cal.com"
    );
    assert_eq!(
        answer.data()["bookingFieldsResponses"]["attendeePhoneNumber"],
        "+491701234567"
    );
    assert_eq!(stand.state().await["bookings"][0]["account"], KEY);
}
