//! Booking: who wins a slot, what Cal.com is asked, and what a refusal leaves behind.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_application::{Actor, AlternativesQuestion, BookError};
use booking_domain::appointment::{StateName, SyncStatus};
use booking_domain::ids::{BranchId, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::saga::Refusal;
use booking_test_support::builders::{
    ANNA, BEN, CLASS, COMPANY, CONSULTATION, SHORT, monday, nine, now,
};
use futures_util::future::join_all;

use crate::script::{Act, Call};
use crate::world::{World, actor, hours_after, state, two, wish};

/// Red when the executor no longer puts the claim on Cal.com's host (`follow_host`), or when
/// nothing is forgotten after the confirmation.
#[tokio::test]
async fn it_is_confirmed_with_one_create_and_the_host_that_calcom_chose() {
    let world = World::new().await;
    world.free(CONSULTATION).await.unwrap();
    let question = AlternativesQuestion {
        service: CONSULTATION,
        start: nine().start(),
        limit: 3,
        staff: None,
    };
    world.app.alternatives(COMPANY, &question).await.unwrap();
    assert!(world.kept().await.iter().all(|entries| *entries > 0));
    let view = world.booked(nine()).await;
    assert_eq!(world.calendar.script.calls(Call::Create), 1);
    assert_eq!(
        view.appointment.staff(),
        Some(BEN),
        "Cal.com asks Ben first"
    );
    assert_eq!(view.appointment.sync_status(), SyncStatus::Synced);
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, nine())]));
    assert_eq!(world.kept().await, [0; 4]);
    assert_eq!(world.calendar.live()[0].ours, Some(view.appointment.id()));
    world.assert_at_rest().await;
}

/// Red when a hold takes a person who is taken, or when `taken` gives no alternatives.
#[tokio::test]
async fn two_hosts_take_two_and_the_third_hears_what_is_near() {
    let world = World::new().await;
    let (one, other) = (world.booked(nine()).await, world.booked(nine()).await);
    assert_ne!(one.appointment.staff(), other.appointment.staff());
    let refused = world.book(nine()).await.unwrap_err();
    let BookError::SlotTaken { alternatives } = refused else {
        panic!("{refused:?}");
    };
    let near = ["08:00", "07:00", "11:00"].map(|clock| monday(clock, 60));
    assert_eq!(alternatives, near);
    assert_eq!(world.calendar.script.calls(Call::Create), 2);
    assert_eq!(world.everything().await.len(), 2, "the third left nothing");
}

/// Red when the hold is not part of the first transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_exactly_two_win() {
    let world = Arc::new(World::new().await);
    let tasks = (0..24).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { world.book(nine()).await })
    });
    let results = join_all(tasks).await;
    let mut won = BTreeSet::new();
    for result in results {
        match result.unwrap() {
            Ok(booked) => {
                assert_eq!(state(&booked.view), StateName::Confirmed);
                won.insert(booked.view.appointment.staff());
            }
            Err(error) => assert!(matches!(error, BookError::SlotTaken { .. }), "{error:?}"),
        }
    }
    assert_eq!(won, BTreeSet::from([Some(ANNA), Some(BEN)]));
    assert_eq!(world.calendar.script.calls(Call::Create), 2);
    let both = BTreeSet::from([(ANNA, nine()), (BEN, nine())]);
    assert_eq!(world.claims().await, both);
    world.assert_at_rest().await;
}

/// Red when the wished host is not sent, or their claim may be swapped away.
#[tokio::test]
async fn a_wished_person_is_asked_for_and_stays() {
    let world = World::new().await;
    let mut wanted = wish(nine());
    wanted.staff = Some(ANNA);
    let booked = world
        .app
        .book_appointment(actor(), wanted.clone())
        .await
        .unwrap();
    assert_eq!(booked.view.appointment.staff(), Some(ANNA));
    assert_eq!(world.booked(nine()).await.appointment.staff(), Some(BEN));
    let refused = world.app.book_appointment(actor(), wanted).await;
    assert!(matches!(refused, Err(BookError::SlotTaken { .. })));
    let both = BTreeSet::from([(ANNA, nine()), (BEN, nine())]);
    assert_eq!(world.claims().await, both);
}

/// Red when a refusal by Cal.com does not give the claim up, or is answered without alternatives.
#[tokio::test]
async fn what_calcom_refuses_is_free_again_here() {
    let world = World::new().await;
    let refuse = Act::Refuse(Refusal::SlotTaken);
    world.calendar.script.next(Call::Create, refuse);
    let mut wanted = wish(nine());
    wanted.staff = Some(BEN);
    let refused = world
        .app
        .book_appointment(actor(), wanted)
        .await
        .unwrap_err();
    let BookError::SlotTaken { alternatives } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(alternatives.len(), 3);
    assert_eq!(world.claims().await, BTreeSet::new());
    let refused = &world.everything().await[0];
    assert_eq!(state(refused), StateName::Cancelled);
    assert_eq!(world.booked(nine()).await.appointment.staff(), Some(BEN));
    world.assert_at_rest().await;
}

/// Red when every refusal is called "taken".
#[tokio::test]
async fn what_calcom_finds_wrong_is_said_so() {
    let world = World::new().await;
    for refusal in [
        Refusal::Invalid("the e-mail address is blocked".to_owned()),
        Refusal::Account("the key is wrong".to_owned()),
    ] {
        world
            .calendar
            .script
            .next(Call::Create, Act::Refuse(refusal.clone()));
        let refused = world.book(nine()).await.unwrap_err();
        let BookError::CalendarRefused(words) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(words, refusal.to_string());
        assert_eq!(world.claims().await, BTreeSet::new());
    }
    world.assert_at_rest().await;
}

/// Red when a service without event type starts a saga, or its places are not counted.
#[tokio::test]
async fn what_calcom_does_not_know_is_booked_here_alone() {
    let world = World::new().await;
    let start = monday("06:00", 45);
    let mut class = wish(start);
    class.service = CLASS;
    for _ in 0..2 {
        let booked = world
            .app
            .book_appointment(actor(), class.clone())
            .await
            .unwrap();
        assert_eq!(state(&booked.view), StateName::Confirmed);
        assert_eq!(
            booked.view.appointment.sync_status(),
            SyncStatus::NotRequired
        );
    }
    let refused = world
        .app
        .book_appointment(actor(), class)
        .await
        .unwrap_err();
    let BookError::SlotTaken { alternatives } = refused else {
        panic!("{refused:?}");
    };
    let near = ["06:45", "07:30", "08:15"].map(|clock| monday(clock, 45));
    assert_eq!(alternatives, near);
    assert_eq!(world.calendar.all(), vec![]);
    world.assert_at_rest().await;
}

/// Red when one of the checks of `check_wish` is left out.
#[tokio::test]
async fn a_wish_that_cannot_be_is_refused_before_anything_is_taken() {
    let world = World::new().await;
    let refused = async |change: &dyn Fn(&mut booking_application::BookAppointment)| {
        let mut wish = wish(nine());
        change(&mut wish);
        let refused = world.app.book_appointment(actor(), wish).await.unwrap_err();
        format!("{refused:?}")
    };
    let ago = hours_after(now(), -1);
    assert_eq!(refused(&|it| it.start = ago).await, "SlotInPast");
    let lunch = monday("10:00", 60).start();
    assert_eq!(refused(&|it| it.start = lunch).await, "OutsideOpeningHours");
    let nobody = Some(StaffId::new(21));
    assert_eq!(refused(&|it| it.staff = nobody).await, "StaffNotFound");
    let nowhere = Some(BranchId::new(2));
    assert_eq!(refused(&|it| it.branch = nowhere).await, "BranchNotFound");
    let mute = refused(&|it| (it.customer.email, it.customer.phone) = (None, None)).await;
    assert_eq!(mute, "CustomerUnreachable");
    // The short one is booked only for whom can be rung up.
    let by_mail = refused(&|it| (it.service, it.customer.phone) = (SHORT, None)).await;
    assert_eq!(by_mail, "ContactMissing(Phone)");
    assert_eq!(world.everything().await, vec![]);
    assert_eq!(world.calendar.script.calls(Call::Create), 0);
    assert!(world.offers(two()).await);
}

/// Red when an address that is said on the telephone is as good as one that the company's software knows
/// (`Evidence::of`).
#[tokio::test]
async fn an_address_finds_its_owner_for_software_and_not_on_the_telephone() {
    let world = World::new().await;
    world.booked(nine()).await;
    let mut starts = [two().start(), hours_after(two().start(), 1)].into_iter();
    let mut booked = async |origin| {
        let mut wish = wish(nine());
        wish.start = starts.next().unwrap();
        wish.customer.phone = None;
        let actor = Actor { origin, ..actor() };
        world.app.book_appointment(actor, wish).await.unwrap().view
    };
    let by_software = booked(SyncOrigin::Api).await;
    assert!(by_software.customer_phone.is_some());
    let on_the_telephone = booked(SyncOrigin::Retell).await;
    assert_eq!(on_the_telephone.customer_phone, None);
}
