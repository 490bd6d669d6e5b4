//! The booking rules without a network: who is picked, what a move does, what state allows.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, json};

use super::create::{Created, NewBooking, Policy};
use super::lifecycle::Move;
use super::*;
use crate::world::World;

const HOURLY: u64 = 2_563_193;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2030-03-04T06:00:00Z")
}

fn nine() -> DateTime<Utc> {
    at("2030-03-12T08:00:00Z")
}

fn wish(event_type_id: u64, start: DateTime<Utc>, email: &str) -> NewBooking {
    let mut metadata = Map::new();
    metadata.insert("gw_booking".to_owned(), json!(email));
    NewBooking {
        event_type_id,
        start,
        length: None,
        attendee: Attendee {
            name: "Tomas Lind".to_owned(),
            email: email.to_owned(),
            phone: None,
            time_zone: chrono_tz::Europe::Berlin,
            language: "de".to_owned(),
            absent: false,
            seat_uid: None,
        },
        guests: Vec::new(),
        metadata,
        responses: Map::new(),
        location: None,
        wanted_hosts: Vec::new(),
        origin: Origin::Api,
    }
}

fn book(store: &mut Store, world: &World, start: DateTime<Utc>, email: &str) -> Booking {
    let created = store.create(world, wish(HOURLY, start, email), Policy::default(), now());
    created.unwrap().booking().clone()
}

#[test]
fn identity_across_a_move() {
    let (world, mut store) = (World::demo(), Store::new(1));
    let old = book(&mut store, &world, nine(), "a");
    let wish = Move {
        start: nine() + TimeDelta::hours(1),
        ..Move::default()
    };
    let moved = store
        .reschedule(&world, &old.uid, &wish, Policy::default(), now())
        .unwrap();
    assert_ne!((moved.new.id, &moved.new.uid), (old.id, &old.uid));
    assert_eq!(moved.new.rescheduled_from.as_ref(), Some(&old.uid));
    assert_eq!(moved.old.rescheduled_to.as_ref(), Some(&moved.new.uid));
    assert_eq!(
        (moved.old.status, moved.new.status),
        (Status::Cancelled, Status::Accepted)
    );
    assert_eq!(
        (&moved.new.metadata, &moved.new.ics_uid),
        (&old.metadata, &old.ics_uid)
    );
    assert_eq!(moved.new.ics_sequence, 1);
    let refused = store.reschedule(&world, &old.uid, &wish, Policy::default(), now());
    let to = moved.new.uid.clone();
    assert_eq!(
        refused.unwrap_err(),
        Refusal::AlreadyMoved {
            uid: old.uid.clone(),
            to
        }
    );
    // A chain goes back one step at a time.
    let wish = Move {
        start: nine(),
        ..Move::default()
    };
    let third = store
        .reschedule(&world, &moved.new.uid, &wish, Policy::default(), now())
        .unwrap();
    assert_eq!(third.new.rescheduled_from.as_ref(), Some(&moved.new.uid));
    assert_eq!(
        store.get(&old.uid).unwrap().rescheduled_to.as_ref(),
        Some(&moved.new.uid)
    );
}

#[test]
fn a_move_keeps_the_length_of_the_booking() {
    let mut world = World::demo();
    world.accounts[0].event_types[0].length_options = vec![30, 60];
    let mut store = Store::new(1);
    let mut new = wish(HOURLY, nine(), "a");
    new.length = Some(30);
    let half = store
        .create(&world, new, Policy::default(), now())
        .unwrap()
        .booking()
        .clone();
    let wish = Move {
        start: nine() + TimeDelta::hours(3),
        ..Move::default()
    };
    let moved = store
        .reschedule(&world, &half.uid, &wish, Policy::default(), now())
        .unwrap();
    assert_eq!(moved.new.span.minutes(), 30);
}

#[test]
fn a_cancelled_booking_frees_its_host() {
    let (world, mut store) = (World::demo(), Store::new(1));
    let first = book(&mut store, &world, nine(), "a");
    book(&mut store, &world, nine(), "b");
    let taken = store.create(&world, wish(HOURLY, nine(), "c"), Policy::default(), now());
    assert_eq!(taken.unwrap_err(), Refusal::SlotTaken { team: true });
    store.cancel(&first.uid, None, None, now()).unwrap();
    assert_eq!(
        book(&mut store, &world, nine(), "c").host_ids,
        first.host_ids
    );
}

#[test]
fn pending_bookings_share_a_slot_and_confirming_does_not_look() {
    let mut world = World::demo();
    world.accounts[1].event_types[0].requires_confirmation = true;
    let (foreign, mut store) = (2_563_299, Store::new(1));
    let mut uids = Vec::new();
    for email in ["a", "b"] {
        let new = wish(foreign, nine(), email);
        let created = store.create(&world, new, Policy::default(), now()).unwrap();
        assert_eq!(created.booking().status, Status::Pending);
        uids.push(created.booking().uid.clone());
    }
    for uid in &uids {
        store.confirm(uid, now()).unwrap();
    }
    assert_eq!(store.double_bookings().len(), 1);
    assert_eq!(
        store.decline(&uids[0], None, now()).unwrap_err(),
        Refusal::AlreadyConfirmed
    );
}

#[test]
fn repeats_are_recognised_only_when_the_setting_says_so() {
    let (world, mut store) = (World::demo(), Store::new(1));
    let first = book(&mut store, &world, nine(), "a");
    let policy = Policy {
        same_attendee_returns_original: true,
        ..Policy::default()
    };
    let again = store
        .create(&world, wish(HOURLY, nine(), "A"), policy, now())
        .unwrap();
    assert_eq!(again, Created::Existing(first.clone()));
    assert_ne!(book(&mut store, &world, nine(), "a").uid, first.uid);
}

#[test]
fn routing_narrows_the_hosts() {
    let (world, mut store) = (World::demo(), Store::new(1));
    let mut new = wish(HOURLY, nine(), "a");
    new.wanted_hosts = vec![502];
    let created = store
        .create(&world, new.clone(), Policy::default(), now())
        .unwrap();
    assert_eq!(created.booking().host_ids, [502]);
    new.attendee.email = "b".to_owned();
    let taken = store.create(&world, new, Policy::default(), now());
    assert_eq!(taken.unwrap_err(), Refusal::SlotTaken { team: true });
}

#[test]
fn absence_is_marked_for_known_people_only() {
    let (world, mut store) = (World::demo(), Store::new(1));
    let uid = book(&mut store, &world, nine(), "a").uid;
    let marks = [("a".to_owned(), true), ("stranger".to_owned(), true)];
    assert_eq!(
        store.mark_absent(&uid, None, &marks, now()).unwrap_err(),
        Refusal::NotStarted
    );
    let refused = store.mark_absent(&uid, None, &marks, nine()).unwrap_err();
    assert_eq!(refused, Refusal::NoSuchAttendee("stranger".to_owned()));
    assert!(
        !store.get(&uid).unwrap().attendees[0].absent,
        "all or nothing"
    );
    assert!(
        store
            .mark_absent(&uid, Some(true), &marks[..1], nine())
            .unwrap()
            .absent_host
    );
}
