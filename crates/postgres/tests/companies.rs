//! Companies are kept apart by the database, not only by this program's care.

mod common;

use std::sync::Arc;

use booking_domain::calls::{Call, CallEvent, CallId};
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use booking_domain::ids::{CampaignId, CompanyId, JobId, ReviewId};
use booking_domain::messages::{CampaignText, Fate, NotSent, Planned, Segment, Template};
use booking_domain::ports::{
    About, Campaign, Channel, Delivery, DeliveryStatus, Job, NewMessage, Queue, ReviewItem,
    Settlement,
};
use booking_domain::saga::{Saga, SagaKind};
use booking_domain::time::Span;
use booking_test_support::builders::{
    ANNA, BEN, CARLA, COMPANY, OTHER_COMPANY, appointment_id, nine, now, remote, uid,
};
use booking_test_support::contract::steps::{REACH, Shop, claim};
use booking_test_support::postgres::TestDatabase;
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

const TABLES_WITH_COMPANY: &str = "SELECT c.table_name::text FROM information_schema.columns c \
     JOIN information_schema.tables t USING (table_schema, table_name) \
     WHERE c.table_schema = 'public' AND c.column_name = 'company_id' \
     AND t.table_type = 'BASE TABLE' ORDER BY 1";

/// A row in every table that has a company.
async fn fill(shop: &Shop) {
    let mut unit = shop.begin().await;
    let key = IdempotencyKey::parse("api", "1").expect("a key");
    let print = Fingerprint("x".to_owned());
    unit.claim_key(&key, &print, appointment_id(1), now())
        .await
        .expect("claimed");
    let delivery = Delivery {
        key: "1".to_owned(),
        trigger: "BOOKING_CREATED".to_owned(),
        uid: None,
        rescheduled_from: None,
        body: "{}".to_owned(),
        sent_at: None,
        received_at: now(),
    };
    assert!(unit.receive(&delivery).await.expect("filed"));
    let mut appointment = shop.booking(1).begun();
    let _ = appointment.confirm(&remote("uid-1", nine()), Some(ANNA), now());
    let claim = claim(nine(), &[ANNA]);
    let _ = unit
        .hold(&mut appointment, &claim, REACH)
        .await
        .expect("held");
    let saga = booking_domain::ids::SagaId::new(appointment.id().get());
    let whose = (COMPANY, appointment.id());
    let saga = Saga::calling(saga, whose, SagaKind::Create, None, now());
    unit.start_saga(&saga, None).await.expect("started");
    let question = ReviewItem {
        id: ReviewId::new(appointment.id().get()),
        appointment: appointment.id(),
        reason: "sync_failed".to_owned(),
        detail: "x".to_owned(),
        opened_at: now(),
        resolution: None,
    };
    unit.open_review(&question).await.expect("asked");
    let campaign = Campaign {
        id: CampaignId::new(appointment.id().get()),
        text: CampaignText {
            name: "x".to_owned(),
            subject: "x".to_owned(),
            text: "x".to_owned(),
            locale: None,
        },
        segment: Segment::default(),
        key: None,
        created_by: "x".to_owned(),
        created_at: now(),
    };
    unit.file_campaign(&campaign).await.expect("filed");
    unit.commit().await.expect("committed");
    fill_books(shop).await;
    fill_queues(shop).await;
    // What is on its way to the listeners, and was made in a call.
    let made = shop.booking(2).with(|it| it.by = "call x".to_owned());
    shop.held(made, BEN).await;
    let call = CallId::parse("x").expect("an id");
    let call = Call::new(call, CallEvent::Started, now());
    shop.calls.note(COMPANY, &call).await.expect("noted");
}

/// What listeners write down about the events there are.
async fn fill_books(shop: &Shop) {
    let until = now() + Span::MINUTE;
    let events = shop.outbox.lease_due(now(), until, 100).await;
    let events = events.expect("leased");
    let ids: Vec<_> = events.iter().map(|entry| entry.id).collect();
    let event = &events[0].event;
    shop.records.count(&[event]).await.expect("counted");
    shop.records.audit(&[event]).await.expect("written");
    let message = NewMessage {
        id: appointment_id(3).get(),
        company: event.company,
        about: About::Appointment {
            id: event.appointment,
            sequence: event.sequence,
        },
        planned: Planned {
            template: Template::AppointmentBooked,
            lead_minutes: 0,
            channel: Channel::Email,
            fate: Fate::NotSent(NotSent::NobodyCarries),
        },
        trace_parent: None,
    };
    let noted = shop.deliveries.file(&[message], "message", now()).await;
    assert_eq!(noted.expect("noted").len(), 1);
    shop.outbox.delivered(&ids).await.expect("moved");
}

fn job(n: u64) -> Job {
    let id = JobId::new(appointment_id(n).get());
    let kind = (Queue::Notifications, "send");
    let mut job = Job::new(id, kind, serde_json::json!({}), now());
    job.company = Some(COMPANY);
    job
}

/// A job, and a dead one.
async fn fill_queues(shop: &Shop) {
    assert!(shop.jobs.enqueue(&job(4)).await.expect("filed"));
    let until = now() + Span::MINUTE;
    let leased = shop.jobs.lease(Queue::Notifications, 1, (now(), until));
    let leased = leased.await.expect("leased");
    shop.jobs
        .bury(&leased[0], now(), "x")
        .await
        .expect("buried");
    assert!(shop.jobs.enqueue(&job(5)).await.expect("filed"));
}

async fn tables(database: &TestDatabase) -> Vec<String> {
    let names = database
        .sql(TABLES_WITH_COMPANY)
        .await
        .expect("the catalogue");
    names.lines().map(str::to_owned).collect()
}

async fn rows(conn: &mut PgConnection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(conn)
        .await
        .expect("readable")
}

/// Turns red when a table with a company is made without `keep_companies_apart`, or when the rule
/// lets a connection without a company see anything.
#[tokio::test]
async fn the_owner_sees_no_rows_until_a_company_is_set() {
    let (database, _store, shop) = common::shop(4).await;
    fill(&shop).await;
    let mut owner = PgConnection::connect(database.url())
        .await
        .expect("connects");
    let tables = tables(&database).await;
    assert_eq!(tables.len(), 27, "{tables:?}");
    for table in &tables {
        let all = common::count(&database, &format!("SELECT count(*) FROM {table}")).await;
        assert!(all > 0, "the test says nothing about {table}");
        assert_eq!(rows(&mut owner, table).await, 0, "{table}");
    }
    let mut tx = owner.begin().await.expect("begins");
    sqlx::raw_sql("SET LOCAL app.company = '15'")
        .execute(&mut *tx)
        .await
        .expect("set");
    for table in &tables {
        let own = format!("SELECT count(*) FROM {table} WHERE company_id = 15");
        let own = common::count(&database, &own).await;
        assert!(own > 0, "{table}");
        assert_eq!(
            rows(&mut tx, table).await,
            own,
            "{table}: its own rows and no others"
        );
    }
    tx.commit().await.expect("commits");
    for table in &tables {
        assert_eq!(
            rows(&mut owner, table).await,
            0,
            "{table}: the company ended with it"
        );
    }
    for refused in [
        "INSERT INTO branches (id, company_id, name) VALUES (77, 15, 'x')",
        "BEGIN; SET LOCAL app.company = '20'; \
         INSERT INTO branches (id, company_id, name) VALUES (77, 15, 'x')",
    ] {
        let error = sqlx::raw_sql(refused)
            .execute(&mut owner)
            .await
            .expect_err("refused");
        assert!(error.to_string().contains("row-level security"), "{error}");
    }
}

/// By the catalogue: forced row-level security, and one rule for everything, on every table with a
/// company; every other table is known by name; no view goes round it. A job without a company is
/// the installation's own, and nobody's row.
#[tokio::test]
async fn every_table_with_a_company_has_the_rule() {
    let database = common::database().await;
    let bad = "SELECT string_agg(t.relname, ', ') FROM pg_class t \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'company_id' \
         WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') \
         AND NOT (t.relrowsecurity AND t.relforcerowsecurity \
           AND (a.attnotnull OR t.relname IN ('jobs', 'dead_jobs')) AND 1 = ( \
           SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid AND p.polcmd = '*' \
           AND p.polpermissive AND p.polroles = '{0}' \
           AND pg_get_expr(p.polqual, t.oid) = pg_get_expr(p.polwithcheck, t.oid) \
           AND pg_get_expr(p.polqual, t.oid) LIKE '%company_id = %app.company%'))";
    assert_eq!(database.sql(bad).await.expect("the catalogue"), "");
    let others = "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class t \
         WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') \
         AND NOT EXISTS (SELECT FROM pg_attribute a \
                         WHERE a.attrelid = t.oid AND a.attname = 'company_id')";
    let others = database.sql(others).await.expect("the catalogue");
    assert_eq!(others, "_sqlx_migrations, cache_epoch, schedules");
}

/// A thousand transactions of two companies, interleaved over two connections, some of them
/// dropped, some cut off in the middle: nobody ever sees the other's appointment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interleaved_transactions_do_not_leak() {
    let (_database, _store, shop) = common::shop(2).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.massage(2), CARLA).await;
    let look = async |shop: Arc<Shop>, n: u64| {
        let (company, own, foreign): (CompanyId, u64, u64) = if n.is_multiple_of(2) {
            (COMPANY, 1, 2)
        } else {
            (OTHER_COMPANY, 2, 1)
        };
        let mut unit = shop.begin_for(company).await;
        let own = unit.find(appointment_id(own)).await.expect("answers");
        let foreign = unit.find(appointment_id(foreign)).await.expect("answers");
        let named = unit.find_by_uid(&uid("none")).await.expect("answers");
        assert!(own.is_some() && foreign.is_none() && named.is_none());
        if n.is_multiple_of(3) {
            unit.commit().await.expect("commits");
        }
    };
    let tasks: Vec<_> = (0..1_000)
        .map(|n| {
            let task = tokio::spawn(look(Arc::clone(&shop), n));
            if n % 7 == 0 {
                task.abort();
            }
            task
        })
        .collect();
    let ended = join_all(tasks).await;
    let wrong = ended
        .iter()
        .filter(|it| matches!(it, Err(error) if error.is_panic()))
        .count();
    let whole = ended.iter().filter(|it| it.is_ok()).count();
    assert_eq!(wrong, 0);
    assert!(whole >= 850, "{whole}");
}

/// Personal data lives in `customers` and nowhere else: not in what is stored along the way of a
/// booking, and of a webhook no longer than it takes to settle it.
#[tokio::test]
async fn personal_data_is_in_one_table() {
    let (database, _store, shop) = common::shop(4).await;
    fill(&shop).await;
    let needle = "joerg@mail.example";
    let mut unit = shop.begin().await;
    for (key, status) in [
        ("2", DeliveryStatus::Processed),
        ("3", DeliveryStatus::Ignored),
        ("4", DeliveryStatus::Quarantined),
    ] {
        let delivery = Delivery {
            key: key.to_owned(),
            trigger: "BOOKING_CREATED".to_owned(),
            uid: None,
            rescheduled_from: None,
            body: format!(r#"{{"email":"{needle}"}}"#),
            sent_at: None,
            received_at: now(),
        };
        assert!(unit.receive(&delivery).await.expect("filed"));
        let settlement = Settlement {
            status,
            appointment: None,
            reason: Some("x"),
            converge_at: None,
        };
        unit.settle(key, settlement).await.expect("settled");
    }
    unit.commit().await.expect("committed");
    for table in tables(&database).await {
        let sql = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{needle}%'");
        let found = common::count(&database, &sql).await;
        let expected = match table.as_str() {
            // One customer of each company; one webhook kept for a person.
            "customers" => 2,
            "webhook_inbox" => 1,
            _ => 0,
        };
        assert_eq!(found, expected, "{table}");
    }
}
