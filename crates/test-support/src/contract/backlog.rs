//! `JobAdmin::backlog`: what operators are told of.

use booking_domain::ids::{ReviewId, SagaId};
use booking_domain::ports::{Backlog, ReviewItem};
use booking_domain::saga::{Phase, Saga, SagaKind};
use booking_domain::time::Span;
use uuid::Uuid;

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, COMPANY, now};

/// Red when a hold of a moment, a guard, or what is over is counted.
///
/// Holds that are old, repairs that are under way, wishes that were given up, open questions: of all
/// companies, and nothing else.
pub async fn what_should_not_be_there_is_counted(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let counted = async |stale| shop.job_admin.backlog(stale).await.expect("counted");
    assert_eq!(counted(now()).await, Backlog::default());
    let held = shop.held(shop.booking(1), ANNA).await;
    let whose = (COMPANY, held.id());
    let saga =
        |n: u128, kind| Saga::ready(SagaId::new(Uuid::from_u128(n)), whose, kind, None, now());
    let mut stuck = saga(1, SagaKind::Create);
    stuck.phase = Phase::Stuck {
        reason: "given_up".to_owned(),
    };
    let mut over = saga(2, SagaKind::Discard);
    over.phase = Phase::Done;
    let mut unit = shop.begin().await;
    for saga in [
        &stuck,
        &over,
        &saga(3, SagaKind::Cancel),
        &saga(4, SagaKind::Guard),
    ] {
        unit.start_saga(saga, None).await.expect("started");
    }
    let review = ReviewItem {
        id: ReviewId::new(Uuid::from_u128(5)),
        appointment: held.id(),
        reason: "sync_failed".to_owned(),
        detail: String::new(),
        opened_at: now(),
        resolution: None,
    };
    unit.open_review(&review).await.expect("opened");
    unit.commit().await.expect("committed");
    let fresh = Backlog {
        stale_holds: 0,
        compensations: 1,
        stuck_sagas: 1,
        open_reviews: 1,
    };
    assert_eq!(counted(now() - Span::seconds(1)).await, fresh);
    let stale = Backlog {
        stale_holds: 1,
        ..fresh
    };
    assert_eq!(counted(now()).await, stale);
}
