//! `WebhookInbox`: each delivery once, and what became of it.

use std::sync::Arc;

use booking_domain::ids::CompanyId;
use booking_domain::ports::{Delivery, DeliveryStatus, DueBooking, Filed, Judge, Settlement};
use booking_domain::time::{Instant, Span};

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, COMPANY, OTHER_COMPANY, now, uid};

fn delivery(key: &str, trigger: &str, name: Option<&str>) -> Delivery {
    Delivery {
        key: key.to_owned(),
        trigger: trigger.to_owned(),
        uid: name.map(uid),
        rescheduled_from: None,
        body: "{\"ü\":1}".to_owned(),
        sent_at: Some(now()),
        received_at: now(),
    }
}

fn settled(status: DeliveryStatus, reason: Option<&str>) -> Settlement<'_> {
    Settlement {
        status,
        appointment: None,
        reason,
        converge_at: None,
    }
}

/// Files it and notes that it waits, and when its booking is to be read.
async fn keep(store: &StoreUnderTest, delivery: &Delivery, converge_at: Option<Instant>) {
    let mut unit = store.begin().await;
    assert!(unit.receive(delivery).await.expect("answers"));
    let settlement = Settlement {
        converge_at,
        ..settled(DeliveryStatus::Quarantined, Some("it waits"))
    };
    unit.settle(&delivery.key, settlement).await.expect("noted");
    unit.commit().await.expect("committed");
}

async fn file(store: &StoreUnderTest, company: CompanyId, delivery: &Delivery) -> bool {
    let mut unit = store.begin_for(company).await;
    let is_new = unit.receive(delivery).await.expect("answers");
    unit.commit().await.expect("committed");
    is_new
}

/// The second of two equal deliveries is none, settled or not; an undone one may come again.
pub async fn a_delivery_is_filed_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let created = delivery("key-1", "BOOKING_CREATED", Some("uid-1"));
    let mut unit = shop.begin().await;
    assert!(unit.receive(&created).await.expect("answers"));
    drop(unit);
    assert!(file(&shop, COMPANY, &created).await, "the first was undone");
    assert!(!file(&shop, COMPANY, &created).await);
    let appointment = shop.held(shop.booking(1), ANNA).await;
    let mut unit = shop.begin().await;
    let settlement = Settlement {
        appointment: Some(appointment.id()),
        ..settled(DeliveryStatus::Processed, None)
    };
    unit.settle("key-1", settlement).await.expect("noted");
    unit.commit().await.expect("committed");
    let changed_body = Delivery {
        body: String::new(),
        ..created
    };
    assert!(!file(&shop, COMPANY, &changed_body).await);
    assert!(file(&shop, COMPANY, &delivery("key-2", "BOOKING_CREATED", None)).await);
}

/// Of many equal deliveries at once exactly one is filed.
pub async fn one_of_many_is_filed(store: StoreUnderTest) {
    store.import_demo().await;
    let store = Arc::new(store);
    let couriers: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                file(&store, COMPANY, &delivery("key-1", "BOOKING_CREATED", None)).await
            })
        })
        .collect();
    let mut filed = 0;
    for courier in couriers {
        filed += u32::from(courier.await.expect("no courier fails"));
    }
    assert_eq!(filed, 1);
}

/// What waits is found by the name of its booking and by the one that it replaced, in the order of
/// sending, with its body, until it is settled otherwise; by its own company only.
pub async fn what_waits_is_found_by_either_name(store: StoreUnderTest) {
    store.import_demo().await;
    let mut off = delivery("key-1", "BOOKING_CANCELLED", Some("uid-2"));
    off.sent_at = Some(now() + Span::seconds(2));
    let mut moved = delivery("key-2", "BOOKING_RESCHEDULED", Some("uid-2"));
    moved.rescheduled_from = Some(uid("uid-1"));
    let other = delivery("key-3", "BOOKING_CREATED", Some("uid-3"));
    for delivery in [&off, &moved, &other] {
        keep(&store, delivery, None).await;
    }
    let mut unit = store.begin().await;
    let by_next = unit.waiting(&[uid("uid-2")]).await.expect("answers");
    assert_eq!(by_next, [moved.clone(), off.clone()]);
    let by_former = unit.waiting(&[uid("uid-1")]).await.expect("answers");
    assert_eq!(by_former, [moved]);
    let processed = settled(DeliveryStatus::Processed, None);
    unit.settle("key-2", processed).await.expect("noted");
    let left = unit.waiting(&[uid("uid-1"), uid("uid-2")]).await;
    assert_eq!(left.expect("answers"), [off]);
    drop(unit);
    let mut foreign = store.begin_for(OTHER_COMPANY).await;
    let theirs = foreign.waiting(&[uid("uid-2")]).await.expect("answers");
    assert_eq!(theirs, []);
}

/// A booking that is to be read is leased once, comes again when the lease is over, and rests once
/// it was read; what arrived since then is due all the same.
pub async fn a_booking_is_read_once(store: StoreUnderTest) {
    store.import_demo().await;
    let (soon, later) = (now() + Span::seconds(1), now() + Span::minutes(2));
    keep(
        &store,
        &delivery("key-1", "BOOKING_CANCELLED", Some("uid-1")),
        Some(soon),
    )
    .await;
    keep(
        &store,
        &delivery("key-2", "BOOKING_REJECTED", Some("uid-1")),
        Some(soon),
    )
    .await;
    let lease = async |at: Instant| {
        let due = store.news.lease_due(at, later, 10).await;
        due.expect("answers")
    };
    assert_eq!(lease(now()).await, []);
    let expected = |attempts| DueBooking {
        company: COMPANY,
        uid: uid("uid-1"),
        attempts,
        received_at: now(),
    };
    assert_eq!(lease(soon).await, [expected(1)]);
    assert_eq!(lease(soon).await, []);
    assert_eq!(lease(later).await, [expected(2)]);
    let mut news = delivery("key-3", "BOOKING_CANCELLED", Some("uid-1"));
    news.received_at = later;
    keep(&store, &news, Some(later)).await;
    let mut unit = store.begin().await;
    let read_until = later - Span::seconds(1);
    unit.converged(&uid("uid-1"), read_until, None)
        .await
        .expect("noted");
    unit.commit().await.expect("committed");
    let due = store.news.lease_due(later, later + Span::HOUR, 10).await;
    let due = due.expect("answers");
    assert_eq!(
        (due.len(), due[0].attempts, due[0].received_at),
        (1, 1, later)
    );
}

/// What is kept for a person is shown newest first, as many as asked for, to its company.
pub async fn the_newest_of_the_quarantined_are_shown(store: StoreUnderTest) {
    store.import_demo().await;
    for (n, status) in [
        (1, DeliveryStatus::Quarantined),
        (2, DeliveryStatus::Processed),
        (3, DeliveryStatus::Quarantined),
        (4, DeliveryStatus::Ignored),
        (6, DeliveryStatus::Dropped),
        (5, DeliveryStatus::Quarantined),
    ] {
        let key = format!("key-{n}");
        let mut arrived = delivery(&key, "BOOKING_CREATED", None);
        arrived.received_at = now() + Span::seconds(n);
        let mut unit = store.begin().await;
        assert!(unit.receive(&arrived).await.expect("answers"));
        unit.settle(&key, settled(status, Some("no uid")))
            .await
            .expect("noted");
        unit.commit().await.expect("committed");
    }
    file(&store, COMPANY, &delivery("key-7", "BOOKING_CREATED", None)).await;
    let kept = store.begin().await.quarantined(2).await.expect("answers");
    assert_eq!(
        kept.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(),
        ["key-5", "key-3"]
    );
    assert_eq!(
        (kept[0].reason.as_str(), kept[0].trigger.as_str()),
        ("no uid", "BOOKING_CREATED")
    );
    assert_eq!(kept[0].received_at, now() + Span::seconds(5));
    let mut foreign = store.begin_for(OTHER_COMPANY).await;
    assert_eq!(foreign.quarantined(10).await.expect("answers"), []);
}

/// Another company's delivery is not in the way, and cannot be settled from outside.
pub async fn companies_do_not_share_an_inbox(store: StoreUnderTest) {
    store.import_demo().await;
    let mine = delivery("key-1", "BOOKING_CREATED", Some("uid-1"));
    assert!(file(&store, COMPANY, &mine).await);
    assert!(
        file(&store, OTHER_COMPANY, &mine).await,
        "the other company never had it"
    );
    let mut unit = store.begin_for(OTHER_COMPANY).await;
    let status = DeliveryStatus::Quarantined;
    unit.settle("key-1", settled(status, Some("theirs")))
        .await
        .expect("noted");
    unit.commit().await.expect("committed");
    assert_eq!(
        store.begin().await.quarantined(10).await.expect("answers"),
        []
    );
}

/// Whatever bears the name is as it should be.
fn all_is_well() -> Judge {
    Box::new(|known| Some((DeliveryStatus::Processed, known.map(|it| it.id()))))
}

/// What changes nothing is filed once, with what was decided, and what is undecided is not filed;
/// the appointment is found by every name it ever bore, by its own company only.
///
/// Red when a repeat is new, when the judge is not asked, or is shown another company's appointment.
pub async fn settled_deliveries_are_filed_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    let mut unit = shop.begin().await;
    let names = [uid("uid-1"), uid("uid-2")];
    let filed = unit.file_names(appointment.id(), &names).await;
    filed.expect("filed");
    unit.commit().await.expect("committed");
    let told = |key, name| delivery(key, "BOOKING_CREATED", Some(name));
    let file = async |company, delivery, judge| {
        let filed = shop.news.file_settled(company, delivery, judge).await;
        filed.expect("answers")
    };
    let known = Filed::New(DeliveryStatus::Processed, Some(appointment.id()));
    let unknown = Filed::New(DeliveryStatus::Processed, None);
    let undecided: Judge = Box::new(|_| None);
    let first = told("key-1", "uid-1");
    let answer = file(COMPANY, first.clone(), undecided).await;
    assert_eq!(answer, Filed::Undecided);
    assert_eq!(file(COMPANY, first.clone(), all_is_well()).await, known);
    assert_eq!(file(COMPANY, first, all_is_well()).await, Filed::Repeat);
    let by_another = told("key-2", "uid-2");
    assert_eq!(file(COMPANY, by_another, all_is_well()).await, known);
    let of_nobody = told("key-3", "uid-3");
    assert_eq!(file(COMPANY, of_nobody, all_is_well()).await, unknown);
    let theirs = told("key-1", "uid-1");
    assert_eq!(file(OTHER_COMPANY, theirs, all_is_well()).await, unknown);
    // In a unit of work they are repeats, too.
    let again = told("key-1", "uid-1");
    let mut unit = shop.begin().await;
    assert!(!unit.receive(&again).await.expect("answers"));
}

/// Of many equal deliveries at once exactly one is new, among many others that all are.
///
/// Red when those of one round are told apart by their place, or one is lost.
pub async fn a_burst_is_filed_each_once(store: StoreUnderTest) {
    store.import_demo().await;
    let store = Arc::new(store);
    let couriers: Vec<_> = (0..200)
        .map(|n| {
            let store = Arc::clone(&store);
            let company = if n % 2 == 0 { COMPANY } else { OTHER_COMPANY };
            let told = delivery(&format!("key-{}", n / 4), "BOOKING_CREATED", None);
            tokio::spawn(async move {
                let filed = store.news.file_settled(company, told, all_is_well()).await;
                filed.expect("answers") != Filed::Repeat
            })
        })
        .collect();
    let mut new = 0;
    for courier in couriers {
        new += u32::from(courier.await.expect("no courier fails"));
    }
    assert_eq!(new, 100, "50 keys of two companies, each told twice");
}
