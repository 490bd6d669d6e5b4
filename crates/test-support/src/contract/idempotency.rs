//! `IdempotencyStore`: the same key does the same thing once.

use std::sync::Arc;

use booking_domain::idempotency::{Fingerprint, IdempotencyKey, KeyClaim, StoredOutcome};
use booking_domain::ids::CompanyId;
use booking_domain::ports::UnitOfWork;

use super::StoreUnderTest;
use super::steps::{REACH, Shop, claim};
use crate::builders::{ANNA, COMPANY, OTHER_COMPANY, appointment_id, monday, nine, now};

fn key() -> IdempotencyKey {
    IdempotencyKey::parse("api", "key-1").expect("a key")
}

fn body(text: &str) -> Fingerprint {
    Fingerprint(text.to_owned())
}

async fn take(unit: &mut Box<dyn UnitOfWork>, text: &str) -> KeyClaim {
    unit.claim_key(&key(), &body(text), appointment_id(1), now())
        .await
        .expect("answers")
}

async fn try_key(store: &StoreUnderTest, company: CompanyId, text: &str) -> KeyClaim {
    let mut unit = store.begin_for(company).await;
    let found = take(&mut unit, text).await;
    unit.commit().await.expect("committed");
    found
}

async fn finish(store: &StoreUnderTest, outcome: &StoredOutcome) {
    let mut unit = store.begin().await;
    unit.finish_key(&key(), outcome).await.expect("stored");
    unit.commit().await.expect("committed");
}

/// New, then running, then finished with the answer that was stored.
pub async fn a_key_is_new_running_finished(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.booking(1).begun();
    let mut unit = shop.begin().await;
    assert_eq!(take(&mut unit, "a").await, KeyClaim::New);
    let held = unit
        .hold(&mut appointment, &claim(nine(), &[ANNA]), REACH)
        .await;
    assert_ne!(
        held.expect("answers"),
        booking_domain::ports::HoldOutcome::Taken
    );
    unit.commit().await.expect("committed");
    let running = KeyClaim::Running(Some(appointment.id()));
    assert_eq!(try_key(&shop, COMPANY, "a").await, running);

    let outcome = StoredOutcome::Appointment {
        id: appointment.id(),
    };
    let mut unit = shop.begin().await;
    unit.finish_key(&key(), &outcome).await.expect("stored");
    drop(unit);
    assert_eq!(
        try_key(&shop, COMPANY, "a").await,
        running,
        "the answer was undone"
    );
    finish(&shop, &outcome).await;
    assert_eq!(
        try_key(&shop, COMPANY, "a").await,
        KeyClaim::Finished(outcome)
    );
}

/// A first request that has not come as far as an appointment has none to show.
pub async fn a_running_key_may_have_no_appointment_yet(store: StoreUnderTest) {
    store.import_demo().await;
    assert_eq!(try_key(&store, COMPANY, "a").await, KeyClaim::New);
    assert_eq!(try_key(&store, COMPANY, "a").await, KeyClaim::Running(None));
}

/// Refusals are kept too, with what was offered instead.
pub async fn refusals_are_kept(store: StoreUnderTest) {
    store.import_demo().await;
    let outcome = StoredOutcome::Refused {
        code: "slot_taken".to_owned(),
        detail: "the slot is taken".to_owned(),
        alternatives: vec![nine(), monday("10:00", 60)],
        asked_by: "call call_1 tool_1".to_owned(),
    };
    assert_eq!(try_key(&store, COMPANY, "a").await, KeyClaim::New);
    finish(&store, &outcome).await;
    assert_eq!(
        try_key(&store, COMPANY, "a").await,
        KeyClaim::Finished(outcome)
    );
}

/// The same key with another body is told so, running or finished.
pub async fn another_request_is_told_so(store: StoreUnderTest) {
    store.import_demo().await;
    assert_eq!(try_key(&store, COMPANY, "a").await, KeyClaim::New);
    assert_eq!(try_key(&store, COMPANY, "b").await, KeyClaim::OtherRequest);
    let id = appointment_id(1);
    finish(&store, &StoredOutcome::Appointment { id }).await;
    assert_eq!(try_key(&store, COMPANY, "b").await, KeyClaim::OtherRequest);
}

/// Another company's key of the same name is another key.
pub async fn companies_do_not_share_keys(store: StoreUnderTest) {
    store.import_demo().await;
    assert_eq!(try_key(&store, COMPANY, "a").await, KeyClaim::New);
    assert_eq!(try_key(&store, OTHER_COMPANY, "b").await, KeyClaim::New);
    let id = appointment_id(1);
    finish(&store, &StoredOutcome::Appointment { id }).await;
    assert_eq!(
        try_key(&store, OTHER_COMPANY, "b").await,
        KeyClaim::Running(None)
    );
}

/// A claim that was rolled back leaves the key to the next.
pub async fn a_claim_is_undone_with_the_unit(store: StoreUnderTest) {
    store.import_demo().await;
    let mut unit = store.begin().await;
    assert_eq!(take(&mut unit, "a").await, KeyClaim::New);
    drop(unit);
    assert_eq!(try_key(&store, COMPANY, "b").await, KeyClaim::New);
}

/// Of many at once exactly one goes ahead; the others wait and see it running.
pub async fn one_of_many_goes_ahead(store: StoreUnderTest) {
    store.import_demo().await;
    let store = Arc::new(store);
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { try_key(&store, COMPANY, "a").await })
        })
        .collect();
    let mut new = 0;
    for caller in callers {
        match caller.await.expect("no caller fails") {
            KeyClaim::New => new += 1,
            other => assert_eq!(other, KeyClaim::Running(None)),
        }
    }
    assert_eq!(new, 1);
}
