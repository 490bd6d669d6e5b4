//! The booking page, used the way a browser without scripts would.

use serde_json::json;

use crate::support::{HOURLY, NINE, Receiver, Stand, TEN};

async fn get(stand: &Stand, path: &str) -> (u16, String) {
    let response = stand.http.get(stand.url(path)).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Posts a form; answers the status and where it leads, or the page.
async fn post(stand: &Stand, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = stand.http.post(stand.url(path)).body(body);
    let form = "application/x-www-form-urlencoded";
    let response = request.header("content-type", form).send().await.unwrap();
    let status = response.status().as_u16();
    match response.headers().get("location") {
        Some(target) => (status, target.to_str().unwrap().to_owned()),
        None => (status, response.text().await.unwrap()),
    }
}

#[tokio::test]
async fn booking_moving_and_cancelling_by_form() {
    let stand = Stand::new().await;
    let receiver = Receiver::for_stand(&stand).await;
    let book = format!("/book/{HOURLY}");
    let (status, page) = get(&stand, &format!("{book}?day=2030-03-12")).await;
    assert_eq!(status, 200);
    assert!(page.contains("Tuesday, 12 March 2030") && page.contains(">09:00</button>"));
    assert!(page.contains(&format!("value=\"{NINE}\"")));
    let (_, page) = get(&stand, &format!("{book}?start={NINE}")).await;
    assert!(page.contains("name=\"email\"") && page.contains("09:00–10:00 (Europe/Berlin)"));

    let form = [
        ("start", NINE),
        ("name", "Rita <Ruf>"),
        ("email", "rita@mail.example"),
        ("phone", "+49 170 123-4567"),
    ];
    let (status, confirmation) = post(&stand, &book, &form).await;
    assert_eq!(status, 303);
    let (_, page) = get(&stand, &confirmation).await;
    assert!(page.contains("You are booked") && page.contains("Rita &lt;Ruf&gt;"));
    assert!(page.contains("With</dt><dd>Anna Berg"));
    let state = stand.state().await;
    assert_eq!(state["bookings"][0]["origin"], "page");
    assert_eq!(
        state["bookings"][0]["attendees"][0]["phoneNumber"],
        "+491701234567"
    );

    let uid = confirmation.rsplit('/').next().unwrap();
    let (_, page) = get(&stand, &format!("{book}?move={uid}&start={TEN}")).await;
    assert!(page.contains("Move to Tuesday, 12 March 2030, 10:00–11:00"));
    let (status, moved) = post(&stand, &format!("{confirmation}/move"), &[("start", TEN)]).await;
    assert_eq!(status, 303);
    let (_, page) = get(&stand, &confirmation).await;
    assert!(page.contains("This booking was moved") && page.contains(&moved));
    let (status, _) = post(&stand, &format!("{moved}/cancel"), &[("reason", "ill")]).await;
    assert_eq!(status, 303);
    let (_, page) = get(&stand, &moved).await;
    assert!(page.contains("This booking is cancelled"));
    let (status, page) = post(&stand, &format!("{moved}/cancel"), &[("reason", "")]).await;
    assert!(status == 409 && page.contains("cancelled already"));
    let expected = [
        "BOOKING_CREATED",
        "BOOKING_RESCHEDULED",
        "BOOKING_CANCELLED",
    ];
    assert_eq!(receiver.triggers(), expected);
}

#[tokio::test]
async fn mistakes_in_the_form_are_explained_and_nothing_is_lost() {
    let stand = Stand::new().await;
    let book = format!("/book/{HOURLY}");
    let form = [
        ("start", NINE),
        ("name", "Rita"),
        ("email", "no address"),
        ("phone", ""),
    ];
    let (status, page) = post(&stand, &book, &form).await;
    assert_eq!(status, 422);
    assert!(page.contains("role=\"alert\"") && page.contains("value=\"Rita\""));
    let form = [
        ("start", NINE),
        ("name", "Rita"),
        ("email", "r@mail.example"),
        ("phone", "0170"),
    ];
    let (status, page) = post(&stand, &book, &form).await;
    assert!(status == 422 && page.contains("country code"));
    let (status, page) = post(&stand, &book, &[("name", "Rita")]).await;
    assert!(status == 409 && page.contains("choose a time"));
}

#[tokio::test]
async fn somebody_else_was_faster() {
    let stand = Stand::new().await;
    for email in ["one@mail.example", "two@mail.example"] {
        stand.book(HOURLY, NINE, email).await;
    }
    let form = [
        ("start", NINE),
        ("name", "Rita"),
        ("email", "r@mail.example"),
    ];
    let (status, page) = post(&stand, &format!("/book/{HOURLY}"), &form).await;
    assert_eq!(status, 409);
    assert!(page.contains("Please choose another time") && !page.contains(">09:00</button>"));
}

#[tokio::test]
async fn the_front_page_breaks_and_mends_things() {
    let stand = Stand::new().await;
    let (_, page) = get(&stand, "/").await;
    assert!(page.contains("Nothing is broken") && page.contains("/book/2563193"));
    let (status, _) = post(&stand, "/controls/faults", &[("preset", "down")]).await;
    assert_eq!(status, 303);
    assert_eq!(stand.call("GET", "/v2/me", None).await.status, 503);
    let (_, page) = get(&stand, "/").await;
    assert!(page.contains("Mend everything"));
    post(&stand, "/controls/clear", &[]).await;
    assert_eq!(stand.call("GET", "/v2/me", None).await.status, 200);
}

#[tokio::test]
async fn nonsense_addresses_are_not_found() {
    let stand = Stand::new().await;
    for path in ["/book/1", "/book/x", "/booking/nobody"] {
        let (status, page) = get(&stand, path).await;
        assert!(status == 404 && page.contains("Not found"), "{path}");
    }
    let (status, _) = get(
        &stand,
        &format!("/book/{HOURLY}?day=nonsense&start=%3Cb%3E"),
    )
    .await;
    assert_eq!(status, 200);
    let (status, page) = get(&stand, &format!("/book/{HOURLY}?day=2030-03-10")).await;
    assert!(status == 200 && page.contains("Nothing is free on this day"));
    let (status, _) = get(&stand, &format!("/book/{HOURLY}?day=+262142-12-31")).await;
    assert_eq!(status, 200);
    assert_eq!(stand.state().await["bookings"], json!([]));
}
