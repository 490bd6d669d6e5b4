//! `ReviewLog` and `ReviewQueries`: asked once, answered once.

use booking_domain::ids::ReviewId;
use booking_domain::ports::{Resolution, ReviewAction, ReviewFilter, ReviewItem};
use booking_domain::time::Span;

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, BEN, COMPANY, OTHER_COMPANY, appointment_id, now};

fn question(n: u64, appointment: u64, reason: &str) -> ReviewItem {
    ReviewItem {
        id: ReviewId::new(appointment_id(n).get()),
        appointment: appointment_id(appointment),
        reason: reason.to_owned(),
        detail: "Anna und Ben".to_owned(),
        opened_at: now() + Span::seconds(i64::try_from(n).expect("small")),
        resolution: None,
    }
}

fn answer(action: ReviewAction) -> Resolution {
    Resolution {
        at: now() + Span::minutes(5),
        action,
        by: "api key bk_15".to_owned(),
        note: Some("mit Anna gesprochen".to_owned()),
    }
}

async fn open(shop: &Shop, questions: &[&ReviewItem]) {
    let mut unit = shop.begin().await;
    for question in questions {
        unit.open_review(question).await.expect("opened");
    }
    unit.commit().await.expect("committed");
}

async fn listed(shop: &Shop, filter: ReviewFilter, limit: u32) -> Vec<ReviewItem> {
    let listed = shop.reviews.reviews(COMPANY, filter, limit).await;
    listed.expect("listed")
}

/// The same question is open once; its answer counts once; then it may be asked again.
pub async fn reviews_open_once_and_resolve_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.booking(2), BEN).await;
    let (first, other) = (
        question(1, 1, "sync_failed"),
        question(2, 1, "host_conflict"),
    );
    let again = question(3, 1, "sync_failed");
    let elsewhere = question(4, 2, "sync_failed");
    open(&shop, &[&first, &other, &again, &elsewhere]).await;
    let all = listed(&shop, ReviewFilter::default(), 10).await;
    assert_eq!(all, [first.clone(), other.clone(), elsewhere.clone()]);

    let mut unit = shop.begin().await;
    let retry = answer(ReviewAction::Retry);
    assert!(
        unit.resolve_review(first.id, &retry)
            .await
            .expect("written")
    );
    let twice = unit
        .resolve_review(first.id, &answer(ReviewAction::Dismiss))
        .await;
    assert!(!twice.expect("read"), "the first answer counts");
    let open_ones = unit.open_reviews(appointment_id(1)).await.expect("read");
    assert_eq!(open_ones, std::slice::from_ref(&other));
    let resolved = ReviewItem {
        resolution: Some(retry),
        ..first
    };
    assert_eq!(
        unit.find_review(resolved.id).await.expect("read"),
        Some(resolved.clone())
    );
    unit.commit().await.expect("committed");

    open(&shop, &[&again]).await;
    let open_ones = listed(&shop, ReviewFilter::default(), 10).await;
    assert_eq!(open_ones, [other.clone(), again.clone(), elsewhere.clone()]);
    // The answered ones too, page by page.
    let mut filter = ReviewFilter {
        resolved_too: true,
        after: None,
    };
    let page = listed(&shop, filter, 2).await;
    assert_eq!(page, [resolved, other.clone()]);
    filter.after = Some((other.opened_at, other.id));
    assert_eq!(listed(&shop, filter, 10).await, [again, elsewhere]);
}

/// Neither seen nor answered by another company.
pub async fn companies_do_not_share_reviews(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    let ours = question(1, 1, "sync_failed");
    open(&shop, &[&ours]).await;
    let all = ReviewFilter {
        resolved_too: true,
        after: None,
    };
    let theirs = shop.reviews.reviews(OTHER_COMPANY, all, 10).await;
    assert_eq!(theirs.expect("listed"), []);
    let mut unit = shop.begin_for(OTHER_COMPANY).await;
    assert_eq!(unit.find_review(ours.id).await.expect("read"), None);
    assert_eq!(unit.open_reviews(ours.appointment).await.expect("read"), []);
    let dismiss = answer(ReviewAction::Dismiss);
    assert!(!unit.resolve_review(ours.id, &dismiss).await.expect("read"));
}
