//! `WebhookInbox`: each delivery once, and what became of it.

use std::sync::Arc;

use booking_domain::ids::CompanyId;
use booking_domain::ports::{Delivery, DeliveryStatus};
use booking_domain::time::Span;

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, COMPANY, OTHER_COMPANY, now, uid};

fn delivery(key: &str, trigger: &str, name: Option<&str>) -> Delivery {
    Delivery {
        key: key.to_owned(),
        trigger: trigger.to_owned(),
        uid: name.map(uid),
        body: "{\"ü\":1}".to_owned(),
        received_at: now(),
    }
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
    let status = DeliveryStatus::Processed;
    unit.settle("key-1", status, Some(appointment.id()), None)
        .await
        .expect("noted");
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

/// Cancellations are remembered by the booking's name, for this company, and nothing else is.
pub async fn cancellations_are_remembered(store: StoreUnderTest) {
    store.import_demo().await;
    file(
        &store,
        COMPANY,
        &delivery("key-1", "BOOKING_CANCELLED", Some("uid-1")),
    )
    .await;
    file(
        &store,
        COMPANY,
        &delivery("key-2", "BOOKING_CREATED", Some("uid-2")),
    )
    .await;
    file(
        &store,
        COMPANY,
        &delivery("key-3", "BOOKING_CANCELLED", None),
    )
    .await;
    let mut unit = store.begin().await;
    for (name, expected) in [("uid-1", true), ("uid-2", false), ("uid-3", false)] {
        let filed = unit.cancellation_filed(&uid(name)).await;
        assert_eq!(filed.expect("answers"), expected, "{name}");
    }
    drop(unit);
    let mut unit = store.begin_for(OTHER_COMPANY).await;
    assert!(
        !unit
            .cancellation_filed(&uid("uid-1"))
            .await
            .expect("answers")
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
        (5, DeliveryStatus::Quarantined),
    ] {
        let key = format!("key-{n}");
        let mut arrived = delivery(&key, "BOOKING_CREATED", None);
        arrived.received_at = now() + Span::seconds(n);
        let mut unit = store.begin().await;
        assert!(unit.receive(&arrived).await.expect("answers"));
        unit.settle(&key, status, None, Some("no uid"))
            .await
            .expect("noted");
        unit.commit().await.expect("committed");
    }
    file(&store, COMPANY, &delivery("key-6", "BOOKING_CREATED", None)).await;
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
    unit.settle("key-1", status, None, Some("theirs"))
        .await
        .expect("noted");
    unit.commit().await.expect("committed");
    assert_eq!(
        store.begin().await.quarantined(10).await.expect("answers"),
        []
    );
}
