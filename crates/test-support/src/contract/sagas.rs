//! `SagaLog` and `SagaQueue`: one worker at a time, and no word from those who lost the lease.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_domain::ids::{CompanyId, SagaId};
use booking_domain::ports::{LeasedSaga, StoreError};
use booking_domain::saga::{AttemptKind, Observation, Phase, Proof, Saga, SagaKind, SagaPolicy};
use booking_domain::time::{Instant, Span};

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{ANNA, CARLA, COMPANY, OTHER_COMPANY, appointment_id, now, uid};

fn saga_id(n: u64) -> SagaId {
    SagaId::new(appointment_id(n).get())
}

fn saga(n: u64, appointment: u64) -> Saga {
    let about = (COMPANY, appointment_id(appointment));
    Saga::calling(saga_id(n), about, SagaKind::Create, None, now())
}

fn seconds(n: i64) -> Instant {
    now() + Span::seconds(n)
}

async fn start(shop: &Shop, saga: &Saga, due_at: Option<Instant>) -> LeasedSaga {
    let mut unit = shop.begin_for(saga.company).await;
    let leased = unit.start_saga(saga, due_at).await.expect("started");
    unit.commit().await.expect("committed");
    leased
}

async fn update(
    shop: &Shop,
    leased: &LeasedSaga,
    due_at: Option<Instant>,
) -> Result<(), StoreError> {
    let mut unit = shop.begin_for(leased.saga.company).await;
    unit.update_saga(leased, due_at).await?;
    unit.commit().await.map(drop)
}

async fn due(shop: &Shop, at: Instant, until: Instant) -> Vec<LeasedSaga> {
    let leased = shop.sagas.lease_due(at, until, 100).await;
    leased.expect("the queue answers")
}

async fn shop_with_appointment(store: StoreUnderTest) -> Shop {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop
}

/// The writer has the first lease; when it does not come back, another gets the saga as written.
pub async fn a_saga_waits_for_its_writer_first(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let written = Saga {
        kind: SagaKind::Cancel,
        uid: Some(uid("uid-1")),
        failed_calls: 3,
        was_ambiguous: true,
        phase: Phase::LookingUp {
            since: seconds(1),
            made: 2,
            empty_after_quiet: 1,
            next_at: seconds(9),
            refused: None,
            proof: Proof::Once,
            vanished: true,
        },
        ..saga(1, 1)
    };
    let leased = start(&shop, &written, Some(seconds(60))).await;
    assert_eq!(
        leased,
        LeasedSaga {
            saga: written.clone(),
            fence: 1
        }
    );
    assert_eq!(due(&shop, seconds(59), seconds(90)).await, []);
    let taken_over = due(&shop, seconds(60), seconds(90)).await;
    assert_eq!(
        taken_over,
        [LeasedSaga {
            saga: written,
            fence: 2
        }]
    );
}

/// A lease keeps others away until it is over, then the fence grows.
pub async fn a_lease_keeps_others_away(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    start(&shop, &saga(1, 1), Some(seconds(10))).await;
    let first = due(&shop, seconds(10), seconds(40)).await;
    assert_eq!(first.len(), 1);
    assert_eq!(due(&shop, seconds(39), seconds(70)).await, []);
    let second = due(&shop, seconds(40), seconds(70)).await;
    assert!(second[0].fence > first[0].fence);
}

/// Who has lost the lease writes nothing; who has it, does, and says when it is due again.
pub async fn an_old_fence_is_refused(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let mut slow = start(&shop, &saga(1, 1), Some(seconds(10))).await;
    let mut quick = due(&shop, seconds(10), seconds(60)).await.remove(0);
    slow.saga.phase = Phase::Done;
    let refused = update(&shop, &slow, None).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    quick.saga.phase = Phase::Ready {
        not_before: seconds(20),
    };
    quick.saga.failed_calls = 1;
    update(&shop, &quick, Some(seconds(20)))
        .await
        .expect("the lease is good");
    assert_eq!(due(&shop, seconds(19), seconds(80)).await, []);
    let next = due(&shop, seconds(20), seconds(80)).await;
    assert_eq!(next[0].saga, quick.saga);
    let refused = update(&shop, &quick, None).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
}

/// An update is undone with its unit of work, and so is a start.
pub async fn progress_is_undone_with_the_unit(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let mut unit = shop.begin().await;
    unit.start_saga(&saga(1, 1), Some(now()))
        .await
        .expect("started");
    drop(unit);
    assert_eq!(due(&shop, seconds(99), seconds(100)).await, []);
    let mut leased = start(&shop, &saga(1, 1), Some(seconds(10))).await;
    leased.saga.phase = Phase::Done;
    let mut unit = shop.begin().await;
    unit.update_saga(&leased, None).await.expect("written");
    drop(unit);
    let found = due(&shop, seconds(10), seconds(20)).await;
    assert_eq!(found[0].saga, saga(1, 1));
}

/// What is over is never due, and cannot be leased by name; what waits for a person is not due.
pub async fn what_is_over_rests(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let mut over = start(&shop, &saga(1, 1), Some(seconds(1))).await;
    over.saga.phase = Phase::Done;
    update(&shop, &over, None).await.expect("written");
    let mut stuck = start(&shop, &saga(2, 1), Some(seconds(1))).await;
    stuck.saga.phase = Phase::Stuck {
        reason: "given_up".to_owned(),
    };
    update(&shop, &stuck, None).await.expect("written");
    assert_eq!(due(&shop, seconds(999), seconds(1_000)).await, []);
    let by_name = shop.sagas.lease(COMPANY, saga_id(1), seconds(9)).await;
    assert_eq!(by_name.expect("answers"), None);
}

/// By name a saga is taken from whoever has it, and it is kept as long as said.
pub async fn a_lease_by_name_takes_over(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let old = start(&shop, &saga(1, 1), Some(seconds(10))).await;
    let by_name = shop.sagas.lease(COMPANY, saga_id(1), seconds(50)).await;
    let new = by_name.expect("answers").expect("there");
    assert_eq!(new.saga, old.saga);
    assert!(new.fence > old.fence);
    let refused = update(&shop, &old, None).await;
    assert!(matches!(refused, Err(StoreError::Changed)), "{refused:?}");
    assert_eq!(due(&shop, seconds(49), seconds(99)).await, []);
    update(&shop, &new, Some(seconds(49)))
        .await
        .expect("the lease is good");
    assert_eq!(due(&shop, seconds(49), seconds(99)).await.len(), 1);
}

/// No more than asked for, those due longest first, of all companies.
pub async fn the_longest_due_come_first(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    shop.held(shop.massage(9), CARLA).await;
    let foreign = Saga {
        company: OTHER_COMPANY,
        ..saga(4, 9)
    };
    for (saga, after) in [
        (saga(1, 1), 30),
        (saga(2, 1), 10),
        (foreign, 20),
        (saga(3, 1), 40),
    ] {
        start(&shop, &saga, Some(seconds(after))).await;
    }
    let first = shop.sagas.lease_due(seconds(99), seconds(199), 3).await;
    let ids = |leased: Vec<LeasedSaga>| leased.iter().map(|it| it.saga.id).collect::<Vec<_>>();
    assert_eq!(ids(first.expect("answers")), [2, 4, 1].map(saga_id));
    assert_eq!(
        ids(due(&shop, seconds(99), seconds(199)).await),
        [saga_id(3)]
    );
}

/// When Cal.com answers again, what waits to call it goes at once, in the companies named; what is
/// leased, looks up or waits for a person is left alone.
pub async fn what_waits_to_call_can_be_hastened(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    shop.held(shop.massage(9), CARLA).await;
    let waiting = |n, after| Saga {
        phase: Phase::Ready {
            not_before: seconds(after),
        },
        ..saga(n, 1)
    };
    let foreign = Saga {
        company: OTHER_COMPANY,
        ..Saga {
            appointment: appointment_id(9),
            ..waiting(4, 600)
        }
    };
    start(&shop, &waiting(1, 600), Some(seconds(600))).await;
    start(&shop, &saga(2, 1), Some(seconds(600))).await;
    start(&shop, &waiting(3, 5), Some(seconds(5))).await;
    start(&shop, &foreign, Some(seconds(600))).await;
    let leased = due(&shop, seconds(5), seconds(300)).await;
    assert_eq!(leased[0].saga.id, saga_id(3));
    start(&shop, &waiting(5, 600), Some(seconds(600))).await;
    let by_name = shop.sagas.lease(COMPANY, saga_id(5), seconds(300)).await;
    assert!(by_name.expect("answers").is_some());

    let hasten = |companies: &'static [CompanyId]| shop.sagas.hasten(companies, seconds(20));
    assert_eq!(hasten(&[]).await.expect("answers"), 0);
    assert_eq!(hasten(&[COMPANY]).await.expect("answers"), 1);
    assert_eq!(hasten(&[COMPANY]).await.expect("answers"), 0);
    assert_eq!(due(&shop, seconds(19), seconds(90)).await, []);
    let hastened = due(&shop, seconds(20), seconds(90)).await;
    assert_eq!(hastened.len(), 1);
    assert_eq!(hastened[0].saga, waiting(1, 20));
    update(&shop, &leased[0], None)
        .await
        .expect("the lease is good");
    assert_eq!(hasten(&[OTHER_COMPANY]).await.expect("answers"), 1);
}

/// Many workers at once: every saga goes to exactly one of them.
pub async fn workers_share_nothing(store: StoreUnderTest) {
    let shop = Arc::new(shop_with_appointment(store).await);
    for n in 1..=20 {
        start(&shop, &saga(n, 1), Some(now())).await;
    }
    let workers: Vec<_> = (0..10)
        .map(|_| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let leased = shop.sagas.lease_due(seconds(1), seconds(60), 3).await;
                leased.expect("the queue answers")
            })
        })
        .collect();
    let mut given = Vec::new();
    for worker in workers {
        given.extend(worker.await.expect("no worker fails"));
    }
    given.extend(due(&shop, seconds(1), seconds(60)).await);
    let distinct: BTreeSet<_> = given.iter().map(|it| it.saga.id).collect();
    assert_eq!((given.len(), distinct.len()), (20, 20));
}

/// Another company's saga can be neither written, leased nor settled.
pub async fn companies_do_not_share_sagas(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let leased = start(&shop, &saga(1, 1), Some(seconds(1))).await;
    let by_name = shop
        .sagas
        .lease(OTHER_COMPANY, saga_id(1), seconds(9))
        .await;
    assert_eq!(by_name.expect("answers"), None);
    let mut unit = shop.begin_for(OTHER_COMPANY).await;
    assert!(unit.update_saga(&leased, None).await.is_err());
    drop(unit);
    let mut unit = shop.begin_for(OTHER_COMPANY).await;
    assert!(unit.start_saga(&saga(2, 1), None).await.is_err());
    drop(unit);
    assert_eq!(due(&shop, seconds(1), seconds(9)).await.len(), 1);
}

/// An appointment's sagas are found until they are over, with the fence they have, and by their
/// own company only.
pub async fn an_open_saga_is_found_by_its_appointment(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let kinds = [SagaKind::Discard, SagaKind::Rebook, SagaKind::Guard];
    for (n, kind) in (1..).zip(kinds) {
        let it = Saga { kind, ..saga(n, 1) };
        start(&shop, &it, Some(seconds(10))).await;
    }
    let leased = due(&shop, seconds(10), seconds(40)).await;
    let mut over = leased[1].clone();
    over.saga.phase = Phase::Done;
    update(&shop, &over, None).await.expect("written");
    let mut unit = shop.begin().await;
    let open = unit
        .unfinished_sagas(appointment_id(1))
        .await
        .expect("read");
    assert_eq!(open, [leased[0].clone(), leased[2].clone()]);
    assert_eq!(
        unit.unfinished_sagas(appointment_id(2))
            .await
            .expect("read"),
        []
    );
    drop(unit);
    let mut other = shop.begin_for(OTHER_COMPANY).await;
    let open = other
        .unfinished_sagas(appointment_id(1))
        .await
        .expect("read");
    assert_eq!(open, []);
}

/// Every try has a row of its own: one that was cut off keeps it without an end, and what a worker
/// that lost its lease tried is not written.
pub async fn attempts_are_kept_in_order(store: StoreUnderTest) {
    let shop = shop_with_appointment(store).await;
    let policy = SagaPolicy::default();
    let mut leased = start(&shop, &saga(1, 1), Some(seconds(10))).await;
    let not_reached = Observation::NotExecuted(None);
    let _ = leased.saga.observe(not_reached, &policy, seconds(1));
    update(&shop, &leased, Some(seconds(2)))
        .await
        .expect("written");
    leased.saga.begin_call(seconds(2));
    update(&shop, &leased, Some(seconds(62)))
        .await
        .expect("written");
    let stale = leased.clone();
    let mut second = due(&shop, seconds(62), seconds(130)).await.remove(0);
    let found_nothing = Observation::NotFound;
    let _ = second.saga.observe(found_nothing, &policy, seconds(63));
    update(&shop, &second, Some(seconds(70)))
        .await
        .expect("written");
    let lost = update(&shop, &stale, None).await;
    assert!(matches!(lost, Err(StoreError::Changed)), "{lost:?}");
    let rows = shop.sagas.attempts(COMPANY, appointment_id(1)).await;
    let told: Vec<_> = rows
        .expect("read")
        .into_iter()
        .map(|it| {
            let attempt = it.attempt;
            (
                attempt.number,
                attempt.kind,
                it.fence,
                attempt.outcome,
                attempt.ended_at,
            )
        })
        .collect();
    let not_executed = Some("not_executed".to_owned());
    let not_found = Some("not_found".to_owned());
    let expected = [
        (1, AttemptKind::Call, 1, not_executed, Some(seconds(1))),
        (2, AttemptKind::Call, 1, None, None),
        (3, AttemptKind::LookUp, 2, not_found, Some(seconds(63))),
    ];
    assert_eq!(told, expected);
    let others = shop.sagas.attempts(OTHER_COMPANY, appointment_id(1)).await;
    assert_eq!(others.expect("read"), []);
}
