//! `History`: everything that happened to one appointment, from wherever it is kept, in order.

use booking_domain::ids::{ReviewId, SagaId};
use booking_domain::ports::{HistoryEntry, HistoryKind, Resolution, ReviewAction, ReviewItem};
use booking_domain::saga::{Saga, SagaKind};
use booking_domain::time::Span;

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, BEN, COMPANY, OTHER_COMPANY, appointment_id, now};

async fn told(shop: &Shop, n: u64) -> Vec<HistoryEntry> {
    let history = shop.history.history(COMPANY, appointment_id(n)).await;
    history.expect("told")
}

/// Events are told whether the relay has passed them on or not, and each once.
///
/// Red when one of the two tables is left out.
pub async fn events_are_told_before_and_after_the_relay(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.booking(2), BEN).await;
    let before = told(&shop, 1).await;
    let names: Vec<_> = before.iter().map(|line| (line.kind, &*line.name)).collect();
    assert!(
        names.contains(&(HistoryKind::Event, "slot_reserved")),
        "{names:?}"
    );
    assert!(
        before
            .iter()
            .all(|line| line.actor.as_deref() == Some("api"))
    );
    let until = now() + Span::MINUTE;
    let leased = shop
        .outbox
        .lease_due(now(), until, 100)
        .await
        .expect("leased");
    let ids: Vec<_> = leased.iter().map(|entry| entry.id).collect();
    shop.outbox.delivered(&ids).await.expect("noted");
    assert_eq!(told(&shop, 1).await, before);
    assert!(told(&shop, 3).await.is_empty());
    let theirs = shop.history.history(OTHER_COMPANY, appointment_id(1)).await;
    assert!(theirs.expect("told").is_empty());
}

/// Sagas, their calls, reviews and the audit log are told between the events, by their time.
///
/// Red when a table is left out, or lines of one moment change places.
pub async fn everything_is_told_in_order(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let begun = now() + Span::seconds(1);
    let about = (COMPANY, appointment_id(1));
    let saga = Saga::calling(
        SagaId::new(appointment_id(9).get()),
        about,
        SagaKind::Create,
        None,
        begun,
    );
    let question = ReviewItem {
        id: ReviewId::new(appointment_id(8).get()),
        appointment: appointment_id(1),
        reason: "sync_failed".to_owned(),
        detail: "Cal.com".to_owned(),
        opened_at: now() + Span::seconds(2),
        resolution: None,
    };
    let answer = Resolution {
        at: now() + Span::seconds(3),
        action: ReviewAction::Dismiss,
        by: "api key bk_15".to_owned(),
        note: Some("geklärt".to_owned()),
    };
    let mut unit = shop.begin().await;
    unit.start_saga(&saga, None).await.expect("started");
    unit.open_review(&question).await.expect("opened");
    assert!(
        unit.resolve_review(question.id, &answer)
            .await
            .expect("resolved")
    );
    unit.commit().await.expect("committed");
    let lines = told(&shop, 1).await;
    let after: Vec<_> = lines.iter().filter(|line| line.at > now()).collect();
    let words: Vec<_> = after
        .iter()
        .map(|line| {
            (
                line.kind,
                &*line.name,
                line.actor.as_deref(),
                line.detail.as_deref(),
            )
        })
        .collect();
    let unknown = "nobody knows what came of it";
    assert_eq!(
        words,
        [
            (HistoryKind::SagaStep, "create", None, Some("calling")),
            (HistoryKind::SyncAttempt, "create.call", None, Some(unknown)),
            (HistoryKind::Review, "sync_failed", None, Some("Cal.com")),
            (
                HistoryKind::Review,
                "sync_failed.resolved",
                Some("api key bk_15"),
                Some("dismiss: geklärt")
            ),
        ]
    );
    assert!(lines.is_sorted_by_key(HistoryEntry::place));
}
