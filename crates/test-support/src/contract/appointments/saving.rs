//! What saving keeps, refuses and hands on.

use booking_domain::appointment::{Appointment, Placement, RemoteStatus, StateName};
use booking_domain::contact::PersonName;
use booking_domain::events::EventKind;
use booking_domain::ids::BookingUid;
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::StoreError;
use booking_domain::time::Span;

use crate::builders::{
    ANNA, BEN, COMPANY, OTHER_COMPANY, STAFF_GROUP, cancellation, monday, nine, now, remote, uid,
};
use crate::contract::StoreUnderTest;
use crate::contract::steps::{REACH, Shop, claim, day, later};

/// Every state comes back exactly as it was saved, to commands and to pages.
pub async fn every_state_comes_back_as_saved(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut seen = Vec::new();
    for (n, mut appointment) in every_state(&shop) {
        shop.save(&mut appointment).await;
        seen.push(appointment.state().name());
        let found = shop.find(appointment.id()).await.expect("there");
        assert_eq!(found, appointment, "state {n}");
        let view = shop.view(appointment.id()).await.expect("there");
        assert_eq!(view.appointment, appointment, "state {n}");
        let name = PersonName::parse("Jörg Müßig").ok();
        assert_eq!(view.customer_name, name);
    }
    for state in StateName::ALL {
        // Nothing completes an appointment yet.
        assert!(
            seen.contains(&state) || state == StateName::Completed,
            "{state}"
        );
    }
}

fn every_state(shop: &Shop) -> Vec<(u64, Appointment)> {
    let at = now() + Span::MICROSECOND;
    let begun = |n: u64| {
        shop.booking(n)
            .range(monday("06:00", u32::try_from(n).expect("small")))
            .with(|booking| {
                booking.notes = Some("bitte klingeln — 2. Stock 🛎".to_owned());
                booking.metadata = [("crm".to_owned(), "\"A\" 'b' ;".to_owned())].into();
            })
            .begun()
    };
    let confirmed = |n: u64| {
        let mut it = begun(n);
        let mut found = remote(&format!("uid-{n}"), it.range());
        found.changed_at = Some(at);
        let _ = it.confirm(&found, Some(BEN), at);
        it
    };
    let mut all = vec![begun(1), begun(2), begun(3)];
    let _ = all[1].cancel(cancellation(), at);
    let mut asked = remote("uid-3", all[2].range());
    asked.status = RemoteStatus::Pending;
    let _ = all[2].confirm(&asked, None, at);
    all.extend((4..=10).map(confirmed));
    let _ = all[4].reschedule(monday("20:00", 60), SyncOrigin::Retell, "call", at);
    all[4].because(Some("später"));
    let _ = all[5].cancel(cancellation(), at);
    let _ = all[6].cancel(cancellation(), at);
    let _ = all[6].cancelled(cancellation(), at);
    let _ = all[7].no_show(at);
    let _ = all[8].flag_for_review("host_conflict", "Anna und Ben", at);
    let _ = all[9].moved(&remote("uid-10b", monday("21:00", 60)), Some(ANNA), at);
    let mut refused = begun(11);
    let _ = refused.reject("slot_taken", SyncOrigin::Calcom, at);
    let class = shop.booking(12).class().range(monday("06:00", 45)).begun();
    let elsewhere = Appointment::booked_elsewhere(
        shop.booking(13).wanting(ANNA).build(),
        Placement {
            uid: Some(uid("uid-13")),
            staff: Some(ANNA),
        },
        true,
        Some(at),
        at,
    );
    let mut waiting = begun(14);
    let mut asked = remote("uid-14", waiting.range());
    asked.status = RemoteStatus::Pending;
    let _ = waiting.confirm(&asked, None, at);
    let _ = waiting.reschedule(monday("22:00", 60), SyncOrigin::Api, "key", at);
    all.extend([refused, class, elsewhere, waiting]);
    (1..).zip(all).collect()
}

/// Two read the same version: the second to save is told, and writes nothing.
pub async fn a_stale_save_is_refused(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut first = shop.held(shop.booking(1), ANNA).await;
    let mut second = first.clone();
    let _ = first.flag_for_review("one", "", now());
    shop.save(&mut first).await;
    shop.events(later()).await;
    let before = shop.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).await;
    let _ = second.reject("two", SyncOrigin::Api, now());
    let refused = shop.try_save(&mut second).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    assert_eq!(shop.find(first.id()).await, Some(first));
    assert_eq!(shop.events(later()).await, []);
    assert_eq!(
        shop.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).await,
        before
    );
    assert!(!shop.is_free(ANNA, nine()).await);
}

/// An id is given once: a second new appointment under it is refused.
pub async fn an_id_is_taken_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let first = shop.held(shop.booking(1), ANNA).await;
    let mut again = shop.booking(1).range(monday("15:00", 60)).begun();
    assert!(shop.try_save(&mut again).await.is_err());
    assert_eq!(shop.find(first.id()).await, Some(first));
}

/// Old names at Cal.com lead to the appointment for ever; other companies' names lead nowhere.
pub async fn old_names_still_lead_to_the_appointment(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let _ = appointment.confirm(&remote("uid-old", nine()), Some(ANNA), now());
    shop.save(&mut appointment).await;
    let _ = appointment.moved(&remote("uid-new", monday("10:00", 60)), Some(ANNA), now());
    shop.save(&mut appointment).await;
    let _ = appointment.flag_for_review("x", "saved again under the same name", now());
    shop.save(&mut appointment).await;
    let by_name = async |company, name: BookingUid| {
        let mut unit = shop.begin_for(company).await;
        unit.find_by_uid(&name).await.expect("the store answers")
    };
    for name in ["uid-old", "uid-new"] {
        assert_eq!(by_name(COMPANY, uid(name)).await, Some(appointment.clone()));
        assert_eq!(by_name(OTHER_COMPANY, uid(name)).await, None);
    }
    assert_eq!(by_name(COMPANY, uid("uid-else")).await, None);
}

/// One name, one appointment: another one cannot take it, nor one that it had before.
pub async fn a_name_belongs_to_one_appointment(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut first = shop.held(shop.booking(1), ANNA).await;
    let _ = first.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut first).await;
    let _ = first.moved(&remote("uid-2", monday("10:00", 60)), Some(ANNA), now());
    shop.save(&mut first).await;
    for (n, name) in [(2, "uid-1"), (3, "uid-2")] {
        let mut second = shop
            .held(shop.booking(n).range(monday("14:00", 60)), BEN)
            .await;
        let _ = second.confirm(&remote(name, monday("14:00", 60)), Some(BEN), now());
        let refused = shop.try_save(&mut second).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(_))),
            "{refused:?}"
        );
        let mut second = shop.find(second.id()).await.expect("there");
        let _ = second.reject("x", SyncOrigin::Api, now());
        shop.save(&mut second).await;
    }
    // The same name at another company is another booking.
    let mut foreign = shop.massage(4).begun();
    let _ = foreign.confirm(&remote("uid-1", nine()), None, now());
    shop.save(&mut foreign).await;
}

/// A save that is refused in the middle leaves nothing, also if the unit of work is committed.
pub async fn a_refused_save_leaves_nothing(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut first = shop.held(shop.booking(1), ANNA).await;
    let _ = first.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut first).await;
    let second = shop.held(shop.booking(2), BEN).await;
    shop.events(later()).await;
    let before = shop.claims(STAFF_GROUP).await;
    let mut refused = second.clone();
    let _ = refused.confirm(&remote("uid-1", monday("15:00", 60)), Some(BEN), now());
    let mut unit = shop.begin().await;
    assert!(unit.save(&mut refused, REACH).await.is_err());
    assert_eq!(refused.pending_events().len(), 1, "not handed on");
    let _nothing_to_commit = unit.commit().await;
    assert_eq!(shop.find(second.id()).await, Some(second));
    assert_eq!(shop.claims(STAFF_GROUP).await, before);
    assert_eq!(shop.events(later()).await, []);
}

/// Saves hand on their events in order, each once, with sequences that leave no gap.
pub async fn saves_hand_on_every_event_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.held(shop.booking(1), ANNA).await;
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    shop.save(&mut appointment).await;
    let _ = appointment.flag_for_review("x", "", now());
    let _ = appointment.cancel(cancellation(), now());
    shop.save(&mut appointment).await;
    shop.save(&mut appointment).await;
    let due = shop
        .outbox
        .lease_due(later(), later() + Span::HOUR, 100)
        .await;
    let events: Vec<_> = due
        .expect("answers")
        .into_iter()
        .map(|it| it.event)
        .collect();
    let kinds = [
        EventKind::SlotReserved,
        EventKind::SyncRequested,
        EventKind::AppointmentBooked,
        EventKind::ReviewRequested,
        EventKind::SyncRequested,
    ];
    assert_eq!(events.iter().map(|it| it.kind).collect::<Vec<_>>(), kinds);
    assert_eq!(
        events.iter().map(|it| it.sequence).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(appointment.version(), 5);
}

/// Another company's appointment does not exist.
pub async fn a_foreign_id_is_not_found(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut mine = shop.held(shop.booking(1), ANNA).await;
    let mut unit = shop.begin_for(OTHER_COMPANY).await;
    assert_eq!(unit.find(mine.id()).await.expect("answers"), None);
    let _ = mine.flag_for_review("x", "", now());
    assert!(
        unit.save(&mut mine, REACH).await.is_err(),
        "nor can it be saved there"
    );
    drop(unit);
    let found = shop.find(mine.id()).await.expect("there");
    assert_eq!(found.review(), None);
}

/// A unit of work sees its own writes, and undoes all of them together.
pub async fn several_writes_are_undone_together(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut first = shop.held(shop.booking(1), ANNA).await;
    let mut unit = shop.begin().await;
    let _ = first.reject("x", SyncOrigin::Api, now());
    unit.save(&mut first, REACH).await.expect("saved");
    let mut second = shop.booking(2).begun();
    let outcome = unit.hold(&mut second, &claim(nine(), &[ANNA]), REACH).await;
    assert_ne!(
        outcome.expect("answered"),
        booking_domain::ports::HoldOutcome::Taken
    );
    assert_eq!(
        unit.find(second.id()).await.expect("answers"),
        Some(second.clone())
    );
    drop(unit);
    assert_eq!(shop.find(second.id()).await, None);
    let found = shop.find(first.id()).await.expect("there");
    assert_eq!(found.state().name(), StateName::Pending);
}
