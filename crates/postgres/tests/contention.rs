//! Many at once: no overlap, no deadlock, no error.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use booking_domain::availability::Resource;
use booking_domain::contact::{Contact, PersonName};
use booking_domain::origin::SyncOrigin;
use booking_domain::person::Evidence;
use booking_domain::ports::{HoldOutcome, UnitOfWorkFactory};
use booking_domain::time::{Span, TimeRange};
use booking_postgres::PgStore;
use booking_test_support::builders::{ANNA, BEN, COMPANY, at, email, nine, phone};
use booking_test_support::contract::steps::{REACH, Shop, claim};
use booking_test_support::wait::until;
use futures_util::future::join_all;

const CALLERS: u64 = 64;
const CONNECTIONS: u32 = 64;

/// Half past the hour, two hours, a quarter: every try overlaps most others, few equal any other.
fn unequal(n: u64, round: u64) -> TimeRange {
    let day = at("2025-10-13T09:00:00Z") + Span::days(round.cast_signed());
    let begin = day + Span::minutes((n % 7 * 10).cast_signed());
    TimeRange::lasting(begin, [60, 15, 120, 45, 30][(n % 5) as usize])
}

async fn try_hold(shop: &Shop, n: u64, range: TimeRange, commit: bool) -> Result<bool, String> {
    let mut unit = shop
        .units
        .begin(COMPANY)
        .await
        .map_err(|e| format!("{e:?}"))?;
    let mut appointment = shop.booking(n).range(range).begun();
    let outcome = unit
        .hold(&mut appointment, &claim(range, &[ANNA, BEN]), REACH)
        .await
        .map_err(|e| format!("{e:?}"))?;
    if commit {
        unit.commit().await.map_err(|e| format!("{e:?}"))?;
    }
    Ok(outcome != HoldOutcome::Taken)
}

/// As many as `BOOKING_SOAK_HOLDS` says, else what every run of the tests affords.
fn tries_wanted() -> u64 {
    let wanted = std::env::var("BOOKING_SOAK_HOLDS").ok();
    wanted.map_or(2_560, |it| it.parse().expect("a number of holds"))
}

/// Turns red when claims are inserted without `ON CONFLICT` (errors, deadlocks), or when the
/// exclusion constraint is missing (overlaps).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_contended_holds_neither_overlap_nor_deadlock() {
    let (database, _store, shop) = common::shop(CONNECTIONS).await;
    let (next, held, began) = (AtomicU64::new(1), AtomicU64::new(0), Instant::now());
    let wanted = tries_wanted();
    for round in 0..wanted.div_ceil(CALLERS) {
        let tries = (0..CALLERS).map(|_| {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let shop = Arc::clone(&shop);
            // Some winners give up again: those who waited for them go on.
            let commit = n % 5 != 0;
            tokio::spawn(async move {
                let done = try_hold(&shop, n, unequal(n, round), commit).await;
                done.map(|held| held && commit)
            })
        });
        for done in join_all(tries).await {
            if done.expect("no task panics").expect("no try fails") {
                held.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    let (tries, held) = (next.into_inner() - 1, held.into_inner());
    println!("{tries} tries, {held} held, {:?}", began.elapsed());
    assert!(tries >= wanted && held >= 2 * tries / CALLERS);
    assert_eq!(common::overlaps(&database).await, 0);
    assert_eq!(common::deadlocks(&database).await, 0);
    let stored = common::count(&database, "SELECT count(*) FROM appointments").await;
    assert_eq!(
        stored.cast_unsigned(),
        held,
        "whoever was told so is stored, nobody else"
    );
}

/// So many try at once, so often each.
const SESSIONS: u32 = 16;
const TRIES_IN_SQL: u32 = 100_000;

/// Tries as the store makes them, without what else belongs to a booking: unequal times of two
/// people within twelve hours. One winner in five gives up again at once, and each win frees what the
/// session had before, so that there is always something to fight for.
const TRY: &str = "DO $$
    DECLARE start_at timestamptz; lasts interval; won bigint; had bigint; wins int := 0;
    BEGIN
        FOR n IN 1..$tries LOOP
            start_at := timestamptz '2025-10-13 08:00Z' + floor(random() * 144) * interval '5 minutes';
            lasts := (ARRAY[15, 30, 45, 60, 120])[1 + floor(random() * 5)] * interval '1 minute';
            INSERT INTO live_claims (company_id, resource_kind, resource_id, unit, family,
                slot_starts_at, slot_ends_at, taken_from, taken_until, pinned)
            VALUES (15, 1, 1 + floor(random() * 2), 0, gen_random_uuid(),
                start_at, start_at + lasts, start_at, start_at + lasts, false)
            ON CONFLICT ON CONSTRAINT live_claims_no_overlap DO NOTHING
            RETURNING claim_id INTO won;
            IF won IS NULL THEN
                COMMIT;
            ELSIF random() < 0.2 THEN
                ROLLBACK;
            ELSE
                DELETE FROM live_claims WHERE claim_id = had;
                COMMIT;
                IF EXISTS (SELECT FROM live_claims a JOIN live_claims b
                           ON a.claim_id = won AND b.claim_id <> won
                           AND b.resource_id = a.resource_id AND b.during && a.during) THEN
                    RAISE 'somebody else has the same time';
                END IF;
                had := won;
                wins := wins + 1;
            END IF;
        END LOOP;
        IF wins = 0 THEN RAISE 'nothing was won'; END IF;
    END $$";

/// Turns red when the exclusion constraint does not refuse what overlaps, or when who loses to
/// somebody that has not committed yet ends in a deadlock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_tries_in_sql_leave_no_overlap() {
    let (database, began) = (common::database().await, Instant::now());
    let tries = TRY.replace("$tries", &(TRIES_IN_SQL / SESSIONS).to_string());
    for done in join_all((0..SESSIONS).map(|_| database.sql(&tries))).await {
        done.expect("no try fails");
    }
    println!("{TRIES_IN_SQL} tries in SQL: {:?}", began.elapsed());
    assert_eq!(common::deadlocks(&database).await, 0);
    let left = common::count(&database, "SELECT count(*) FROM live_claims").await;
    assert_eq!(left, i64::from(SESSIONS), "the last win of each session");
}

/// A thousand callers want one slot of one person: one gets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_holds_for_one_slot_have_one_winner() {
    let (database, _store, shop) = common::shop(CONNECTIONS).await;
    let began = Instant::now();
    let callers = (1..=1_000).map(|n| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.hold(&mut shop.booking(n).begun(), &[ANNA]).await })
    });
    let outcomes = join_all(callers).await;
    let won = outcomes
        .into_iter()
        .filter(|it| matches!(it, Ok(HoldOutcome::Held(Resource::Staff(ANNA)))))
        .count();
    println!("1000 holds for one slot: {:?}", began.elapsed());
    assert_eq!((won, common::deadlocks(&database).await), (1, 0));
}

/// Cal.com chose crosswise: both appointments of each slot are told so at the same moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crosswise_assignments_change_places_without_deadlock() {
    let (database, _store, shop) = common::shop(CONNECTIONS).await;
    let mut assigning = Vec::new();
    for pair in 0..60_u64 {
        let slot = TimeRange::lasting(nine().start() + Span::hours(pair.cast_signed()), 60);
        for (n, (held_by, chosen)) in [(2 * pair + 1, (ANNA, BEN)), (2 * pair + 2, (BEN, ANNA))] {
            let appointment = shop.held(shop.booking(n).range(slot), held_by).await;
            assigning.push((appointment, slot, chosen));
        }
    }
    let tasks = assigning
        .iter()
        .cloned()
        .map(|(appointment, slot, chosen)| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut unit = shop.begin().await;
                // As the saga does: found (and locked), changed, saved, then assigned.
                let mut appointment = unit.find(appointment.id()).await?.expect("there");
                unit.save(&mut appointment, REACH).await?;
                let moved = unit.assign(&appointment, slot, chosen).await?;
                unit.commit().await.map(|_| moved)
            })
        });
    for done in join_all(tasks).await {
        assert!(
            done.expect("no panic").expect("no error"),
            "the person was chosen"
        );
    }
    assert_eq!(common::deadlocks(&database).await, 0);
    assert_eq!(common::overlaps(&database).await, 0);
    for (appointment, _, chosen) in assigning {
        let sql = format!(
            "SELECT resource_id FROM live_claims WHERE family = '{}'",
            appointment.id()
        );
        assert_eq!(common::count(&database, &sql).await, chosen.get());
    }
}

/// Cal.com has given one appointment to the person of another, and that other is given up before the
/// change of places commits: its claim goes, wherever it was put.
///
/// Turns red when the claim that changed places is a new row, which the one who gives it up cannot
/// see: then the time stays taken for nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_changes_places_is_given_up_all_the_same() {
    let (database, _store, shop) = common::shop(CONNECTIONS).await;
    let ours = shop.held(shop.booking(1), ANNA).await;
    let other = shop.held(shop.booking(2), BEN).await;
    let mut assigning = shop.begin().await;
    let mut found = assigning
        .find(ours.id())
        .await
        .expect("answers")
        .expect("there");
    assigning.save(&mut found, REACH).await.expect("is saved");
    let moved = assigning.assign(&found, ours.range(), BEN).await;
    assert!(moved.expect("answers"), "they change places");

    let (shop_too, id) = (Arc::clone(&shop), other.id());
    let giving_up = tokio::spawn(async move {
        let mut unit = shop_too.begin().await;
        let mut other = unit.find(id).await?.expect("there");
        let now = booking_test_support::builders::now();
        let _ = other.reject("slot_taken", SyncOrigin::Calcom, now);
        unit.save(&mut other, REACH).await?;
        unit.commit().await
    });
    let waits = "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until(
        Duration::from_secs(10),
        "the other waits for the claim",
        || async { giving_up.is_finished() || common::count(&database, waits).await > 0 },
    )
    .await
    .expect("it waits, or need not");
    assigning.commit().await.expect("commits");
    giving_up.await.expect("no panic").expect("no error");

    let left = format!("SELECT count(*) FROM live_claims WHERE family = '{id}'");
    assert_eq!(common::count(&database, &left).await, 0, "taken for nobody");
    assert_eq!(common::deadlocks(&database).await, 0);
}

/// Moves between the same days in opposite directions bump the same versions in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn opposite_moves_bump_versions_without_deadlock() {
    let (database, _store, shop) = common::shop(CONNECTIONS).await;
    let slot = |n: u64, day: i64| {
        let begin = at("2025-10-13T00:00:00Z") + Span::days(day);
        TimeRange::lasting(begin + Span::minutes(20 * n.cast_signed()), 15)
    };
    let mut held = Vec::new();
    for n in 0..40 {
        let from = i64::from(n % 2 == 0) * 30;
        let appointment = shop
            .held(shop.booking(n + 1).range(slot(n, from)), ANNA)
            .await;
        held.push((appointment, slot(n, 30 - from)));
    }
    let tasks = held.into_iter().map(|(appointment, to)| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move {
            let mut unit = shop.begin().await;
            let mut appointment = unit.find(appointment.id()).await?.expect("there");
            let remote = booking_test_support::builders::remote("uid", to);
            let remote = booking_domain::appointment::RemoteBooking {
                uid: booking_test_support::builders::uid(&format!("uid-{}", appointment.id())),
                ..remote
            };
            let _ = appointment.moved(&remote, Some(ANNA), booking_test_support::builders::now());
            let outcome = unit
                .hold(&mut appointment, &claim(to, &[ANNA]), Span::days(3))
                .await?;
            unit.commit().await.map(|_| outcome)
        })
    });
    for done in join_all(tasks).await {
        let outcome = done.expect("no panic").expect("no error");
        assert_eq!(outcome, HoldOutcome::Held(Resource::Staff(ANNA)));
    }
    assert_eq!(common::deadlocks(&database).await, 0);
}

async fn met(store: &PgStore, contact: &Contact) -> i64 {
    let mut unit = store.begin(COMPANY).await.expect("begins");
    let id = unit
        .customer_for(contact, Evidence::Records)
        .await
        .expect("answers");
    unit.commit().await.expect("commits");
    id.get()
}

/// One person calls from everywhere at once: one customer. Known by number alone and by address
/// alone, the two gaps are filled at once without an error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_is_one_customer() {
    let (database, store, _shop) = common::shop(32).await;
    let named = |name: &str, n: u64, with_email: bool, with_phone: bool| Contact {
        name: PersonName::parse(name).expect("a name"),
        email: with_email.then(|| email(&format!("c{n}@mail.example"))),
        phone: with_phone.then(|| phone(&format!("+49171{n:07}"))),
        locale: None,
    };
    for n in 0..8 {
        let callers = (0..16).map(|caller| {
            let (store, with_email) = (Arc::clone(&store), caller % 2 == 0);
            let contact = named("Uta Ohm", n, with_email, true);
            tokio::spawn(async move { met(&store, &contact).await })
        });
        let mut ids: Vec<_> = join_all(callers)
            .await
            .into_iter()
            .map(|id| id.expect("no panic"))
            .collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
    }
    let kept = "SELECT count(*) FROM customers WHERE name = 'Uta Ohm' AND email IS NOT NULL";
    assert_eq!(common::count(&database, kept).await, 8);
    assert_eq!(common::deadlocks(&database).await, 0);
}

/// A family calls from one number at once: each of them is one customer, and keeps the name.
/// Red when the name is left out of the unique index, or an insert that finds nothing to do is taken
/// for a failure.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_share_a_number_are_one_customer_each() {
    let (database, store, _shop) = common::shop(32).await;
    let family = ["Anna Müller", "anna mueller", "Ben Müller", "Cleo Müller"];
    for n in 0..8 {
        let callers = (0..16).map(|caller| {
            let store = Arc::clone(&store);
            let contact = Contact {
                name: PersonName::parse(family[caller % 4]).expect("a name"),
                email: None,
                phone: Some(phone(&format!("+49172{n:07}"))),
                locale: None,
            };
            tokio::spawn(async move { (caller % 4, met(&store, &contact).await) })
        });
        let met: Vec<_> = join_all(callers)
            .await
            .into_iter()
            .map(|id| id.expect("no panic"))
            .collect();
        let ids: std::collections::BTreeSet<_> = met.iter().map(|(_, id)| id).collect();
        assert_eq!(ids.len(), 3, "{met:?}");
        let names: std::collections::BTreeSet<_> =
            met.iter().map(|(name, id)| ((*name).max(1), id)).collect();
        assert_eq!(names.len(), 3, "{met:?}");
    }
    let kept = "SELECT count(*) FROM customers WHERE name IN ('Ben Müller', 'Cleo Müller')";
    assert_eq!(common::count(&database, kept).await, 16);
    assert_eq!(common::deadlocks(&database).await, 0);
}

/// Who was a customer before names counted still is, and a child on that number is somebody else.
/// Red when rows from before are not looked at because their key is empty.
#[tokio::test]
async fn customers_from_before_names_counted_are_found() {
    let (database, store, _shop) = common::shop(4).await;
    let before = "INSERT INTO customers (company_id, name, phone, email)
        VALUES (15, 'Uta Ohm', '+491731111111', 'uta@mail.example') RETURNING id";
    let uta = database.sql(before).await.expect("inserted");
    let uta: i64 = uta
        .lines()
        .next()
        .and_then(|it| it.parse().ok())
        .expect("an id");
    let of = |name: &str| Contact {
        name: PersonName::parse(name).expect("a name"),
        email: None,
        phone: Some(phone("+491731111111")),
        locale: Some("de".to_owned()),
    };
    assert_eq!(met(&store, &of("Frau Ohm")).await, uta);
    assert_ne!(met(&store, &of("Lea Ohm")).await, uta);
    assert_eq!(met(&store, &of("Uta Ohm")).await, uta);
}
