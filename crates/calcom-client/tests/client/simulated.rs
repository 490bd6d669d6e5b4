//! A booking's life against the simulated Cal.com.

use booking_calcom_client::{ApiVersions, CalcomClient, CalcomSettings};
use booking_calcom_simulator::{Simulator, SimulatorOptions, World, start};
use booking_domain::appointment::RemoteStatus;
use booking_domain::budget::Priority;
use booking_domain::contact::Email;
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{CalendarPort, CreateBooking, FindBookings, MoveBooking, SlotQuery};
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Span, TimeRange};
use serde_json::{Value, json};

use crate::support::{OURS, account, at, class, settings, uid, wish};

/// "Erstgespräch", half an hour with one host.
const PERSONAL: EventTypeId = EventTypeId::new(2_563_299);

async fn simulator() -> (Simulator, CalcomAccount) {
    let options = SimulatorOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        seed: 1,
        world: World::demo(),
        log: false,
    };
    let simulator = start(options).await.unwrap();
    let time = json!({"set": "2030-03-11T08:00:00Z"});
    control(&simulator, "time", &time).await;
    let mut account = account(&simulator.base_url());
    account.api_key = "cal_test_20".to_owned();
    (simulator, account)
}

async fn control(simulator: &Simulator, what: &str, body: &Value) {
    let url = format!("{}/_sim/{what}", simulator.base_url());
    let answer = reqwest::Client::new().post(url).json(body).send().await;
    let answer = answer.unwrap();
    let status = answer.status();
    assert!(
        status.is_success(),
        "{status} {}",
        answer.text().await.unwrap()
    );
}

fn clients() -> [CalcomClient; 2] {
    [ApiVersions::hosted(), ApiVersions::self_hosted()].map(|versions| {
        CalcomClient::new(CalcomSettings {
            versions,
            ..settings()
        })
        .unwrap()
    })
}

fn wednesday() -> SlotQuery {
    SlotQuery {
        event_type: PERSONAL,
        window: TimeRange::new(at("2030-03-13T00:00:00Z"), at("2030-03-14T00:00:00Z")).unwrap(),
        duration_minutes: 30,
        priority: Priority::Read,
    }
}

fn wish_at(range: TimeRange) -> CreateBooking {
    CreateBooking {
        event_type: PERSONAL,
        range,
        ..wish()
    }
}

#[tokio::test]
async fn a_booking_is_made_found_moved_and_called_off() {
    for client in clients() {
        let (simulator, account) = simulator().await;
        let slots = client.slots(&account, &wednesday()).await.unwrap();
        assert_eq!(slots.first().unwrap().start(), at("2030-03-13T07:00:00Z"));
        assert_eq!(slots.len(), 20, "eight to six in Berlin, half-hourly");

        let range = slots[3];
        let made = client.create(&account, &wish_at(range)).await.unwrap();
        assert_eq!((made.range, made.event_type), (range, Some(PERSONAL)));
        assert_eq!(made.ours.unwrap().to_string(), OURS);
        let mut other = wish_at(range);
        other.attendee.email = Email::parse("olga@mail.example").ok();
        assert_eq!(class(client.create(&account, &other).await), "taken");

        let wanted = FindBookings {
            event_type: PERSONAL,
            window: range,
        };
        let found = client.find(&account, &wanted).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&made));
        let read = client.get(&account, &made.uid).await.unwrap();
        assert_eq!(read, Some(made.clone()));

        let later = MoveBooking {
            uid: made.uid.clone(),
            start: slots[7].start(),
            reason: Some("spaeter".to_owned()),
        };
        let moved = client.reschedule(&account, &later).await.unwrap();
        assert_ne!(moved.uid, made.uid);
        assert_eq!((moved.range, moved.ours), (slots[7], made.ours));
        assert_eq!(moved.rescheduled_from.as_ref(), Some(&made.uid));
        let old = client.get(&account, &made.uid).await.unwrap().unwrap();
        assert_eq!(old.status, RemoteStatus::Cancelled);
        assert_eq!(old.rescheduled_to.as_ref(), Some(&moved.uid));
        assert_eq!(class(client.reschedule(&account, &later).await), "gone");

        let off = client.cancel(&account, &moved.uid, None).await.unwrap();
        assert_eq!(
            (off.uid, off.status),
            (moved.uid.clone(), RemoteStatus::Cancelled)
        );
        assert_eq!(
            class(client.cancel(&account, &moved.uid, None).await),
            "gone"
        );
        assert_eq!(
            class(client.cancel(&account, &uid("never"), None).await),
            "gone"
        );
        assert_eq!(client.get(&account, &uid("never")).await.unwrap(), None);
        simulator.stop().await;
    }
}

#[tokio::test]
async fn the_wrong_key_type_or_wish_is_refused() {
    let (simulator, mut account) = simulator().await;
    let [client, _] = clients();
    let slot = wednesday().window.start() + Span::hours(9);
    let mut wrong = wish_at(TimeRange::lasting(slot, 30));
    wrong.event_type = EventTypeId::new(1);
    assert_eq!(class(client.create(&account, &wrong).await), "account");
    let mut wrong = wish_at(TimeRange::lasting(slot, 30));
    wrong.metadata.insert("x".repeat(41), String::new());
    assert_eq!(class(client.create(&account, &wrong).await), "invalid");
    let night = wish_at(TimeRange::lasting(at("2030-03-13T01:00:00Z"), 30));
    let night = class(client.create(&account, &night).await);
    assert!(["taken", "invalid"].contains(&night), "{night}");
    account.api_key = "cal_wrong".to_owned();
    assert_eq!(class(client.slots(&account, &wednesday()).await), "account");
    simulator.stop().await;
}

/// More bookings than a page holds, in both forms of paging.
#[tokio::test]
async fn all_pages_of_a_list_are_read() {
    let (simulator, account) = simulator().await;
    for n in 0..260 {
        let body = json!({
            "eventTypeId": PERSONAL.get(), "start": "2030-03-13T09:00:00Z", "force": true,
            "deliver": false, "email": format!("guest{n}@mail.example"),
        });
        control(&simulator, "outsider/bookings", &body).await;
    }
    let wanted = FindBookings {
        event_type: PERSONAL,
        window: wednesday().window,
    };
    for client in clients() {
        let found = client.find(&account, &wanted).await.unwrap();
        assert_eq!(found.len(), 260);
    }
    simulator.stop().await;
}
