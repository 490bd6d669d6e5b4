//! Migrating, checking, and what is said when the database is not there.

mod common;

use std::time::Duration;

use booking_domain::calls::{Call, CallEvent, CallId};
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ids::AppointmentId;
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{CallLog, Outbox};
use booking_domain::time::Span;
use booking_postgres::{Finding, PgError, PgSettings, PgStore, Severity};
use booking_test_support::builders::{COMPANY, CONSULTATION, nine, now};
use booking_test_support::postgres::TestDatabase;
use futures_util::future::join_all;
use sqlx::Connection;
use uuid::Uuid;

fn worst(findings: &[Finding]) -> Vec<&str> {
    let bad = findings.iter().filter(|it| it.severity != Severity::Fine);
    bad.map(|it| it.text.as_str()).collect()
}

/// The owner needs nothing else; several at once do not get into each other's way; once more
/// changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_migrate_at_once() {
    let database = TestDatabase::create().await.expect("a database");
    let store = PgStore::connect(PgSettings::new(database.url()))
        .await
        .expect("connects");
    let before = store.check().await.expect("answers");
    assert!(
        worst(&before).iter().any(|it| it.contains("run migrate")),
        "{before:?}"
    );
    for outcome in join_all((0..4).map(|_| store.migrate())).await {
        outcome.expect("migrated");
    }
    let dump = "SELECT md5(string_agg(c::text, ',' ORDER BY c)) FROM ( \
         SELECT table_name || column_name || data_type AS c FROM information_schema.columns \
         WHERE table_schema = 'public') AS columns";
    let schema = database.sql(dump).await.expect("the catalogue");
    let epoch = database
        .sql("SELECT epoch FROM cache_epoch")
        .await
        .expect("one");
    store.migrate().await.expect("migrated");
    assert_eq!(database.sql(dump).await.expect("the catalogue"), schema);
    assert_eq!(
        database
            .sql("SELECT epoch FROM cache_epoch")
            .await
            .expect("one"),
        epoch
    );
    let after = store.check().await.expect("answers");
    assert_eq!(worst(&after), Vec::<&str>::new(), "{after:?}");
    assert_eq!(after.len(), 3);
    store.ping().await.expect("answers");
}

/// A superuser is warned; a schema from the future is refused in words.
#[tokio::test]
async fn odd_databases_are_found_out() {
    let database = common::database().await;
    let all_mighty = PgSettings::new(database.superuser_url());
    let store = PgStore::connect(all_mighty).await.expect("connects");
    let findings = store.check().await.expect("answers");
    assert!(worst(&findings)[0].contains("superuser"), "{findings:?}");
    let with_replica = |url: &str| PgSettings {
        replica_url: Some(url.to_owned()),
        ..PgSettings::new(database.url())
    };
    for (replica, fine) in [(database.url(), true), ("postgres://127.0.0.1:1/x", false)] {
        let store = PgStore::connect(with_replica(replica)).await;
        let findings = store.expect("connects").check().await.expect("answers");
        let bad = worst(&findings);
        assert_eq!(bad.is_empty(), fine, "{findings:?}");
        assert!(findings.iter().any(|it| it.text.contains("the replica")));
    }
    let future = "INSERT INTO _sqlx_migrations VALUES (9999, 'x', now(), true, '', 1)";
    database.sql(future).await.expect("inserted");
    let findings = store.check().await.expect("answers");
    assert!(
        worst(&findings)[1].contains("newer version"),
        "{findings:?}"
    );
    let error = store.migrate().await.expect_err("refused");
    assert!(matches!(error, PgError::Migrate(_)), "{error}");
}

/// What is said names the server, never the password, and comes in time.
#[tokio::test]
async fn connecting_in_vain_says_what_was_tried() {
    let settings = |url: &str| PgSettings {
        acquire_timeout: Duration::from_secs(2),
        ..PgSettings::new(url)
    };
    let port = booking_test_support::ports::free_port();
    let url = format!("postgres://gw:s3cret@127.0.0.1:{port}/booking");
    let error = PgStore::connect(settings(&url))
        .await
        .expect_err("nobody there");
    let text = error.to_string();
    assert!(
        text.contains("database 'booking' as 'gw' at 127.0.0.1"),
        "{text}"
    );
    assert!(!format!("{text} {error:?} {:?}", settings(&url)).contains("s3cret"));
    let error = PgStore::connect(settings("mysql://x"))
        .await
        .expect_err("no address");
    assert!(matches!(error, PgError::Url(_)), "{error}");
    let database = TestDatabase::create().await.expect("a database");
    let wrong = format!("{}_gone", database.url());
    let error = PgStore::connect(settings(&wrong))
        .await
        .expect_err("no database");
    assert!(error.to_string().contains("_gone"), "{error}");
}

/// A database of the fifth migration, with two events of one appointment in the outbox: the first
/// was told to everybody, the second was not, though somebody had tried.
async fn with_an_outbox_of_the_past(events: &[DomainEvent; 2]) -> TestDatabase {
    let database = TestDatabase::create().await.expect("a database");
    let migrations = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");
    let migrations = sqlx::migrate::Migrator::new(std::path::Path::new(migrations));
    let connecting = sqlx::PgConnection::connect(database.url());
    let mut conn = connecting.await.expect("a connection");
    let migrations = migrations.await.expect("read");
    let migrated = migrations.run_to(5, &mut conn).await;
    migrated.expect("migrated");
    for (event, told) in events.iter().zip(["now()", "NULL"]) {
        let json = serde_json::to_string(event).expect("JSON");
        let (company, appointment) = (event.company, event.appointment);
        let sequence = event.sequence;
        let sql = format!(
            "INSERT INTO outbox (company_id, appointment_id, sequence, event, due_at, leased_until,
                                 failed, last_error, delivered_at)
             VALUES ({company}, '{appointment}', {sequence}, '{json}', '{due}', '{due}',
                     3, 'deaf', {told})",
            due = event.occurred_at
        );
        database.sql(&sql).await.expect("filed");
    }
    database
}

/// Red when what was told is told again (`DELETE FROM outbox`), is forgotten (`INSERT INTO
/// appointment_events`), or what was not is lost (`WHERE delivered_at IS NOT NULL`).
#[tokio::test]
async fn events_of_an_older_version_are_told_once() {
    let event = |sequence, kind| DomainEvent {
        company: COMPANY,
        appointment: AppointmentId::new(Uuid::from_u128(5)),
        sequence,
        kind,
        service: CONSULTATION,
        event_type: None,
        branch: None,
        affected: vec![nine()],
        origin: SyncOrigin::Api,
        trace_parent: None,
        occurred_at: now(),
    };
    let told = event(1, EventKind::SlotReserved);
    let untold = event(2, EventKind::AppointmentBooked);
    let database = with_an_outbox_of_the_past(&[told, untold.clone()]).await;
    let store = common::store_at(database.url(), 2).await;
    store.migrate().await.expect("migrated");
    let past = "SELECT sequence, event ->> 'kind' FROM appointment_events ORDER BY 1";
    let known = database.sql(past).await.expect("read");
    assert_eq!(known, "1|slot_reserved");
    let later = now() + Span::DAY;
    let due = store.lease_due(later, later + Span::MINUTE, 10).await;
    let due = due.expect("the outbox answers");
    let events: Vec<_> = due.iter().map(|entry| &entry.event).collect();
    assert_eq!(events, [&untold]);
    store.delivered(&[due[0].id]).await.expect("noted");
    let known = database.sql(past).await.expect("read");
    assert_eq!(known, "1|slot_reserved\n2|appointment_booked");
}

/// Red when the calls of a company that was imported before there were rules for them are kept for
/// ever, or not at all.
#[tokio::test]
async fn without_rules_calls_go_after_thirty_days() {
    let (database, store, _) = common::shop(2).await;
    let emptied = "UPDATE companies SET calls = '{}'";
    database.sql(emptied).await.expect("as before");
    for days in [29, 31] {
        let id = CallId::parse(&format!("call_{days}")).expect("an id");
        let call = Call::new(id, CallEvent::Ended, now() - Span::days(days));
        store.note(COMPANY, &call).await.expect("noted");
    }
    assert_eq!(store.prune_calls(now(), 9).await.expect("pruned"), 1);
    let left = "SELECT string_agg(id, ',') FROM calls";
    assert_eq!(database.sql(left).await.expect("told"), "call_29");
}
