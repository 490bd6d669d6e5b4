//! What only a file has: one process, what survives a crash, and what is refused when it is opened.

use std::future::ready;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use booking_domain::availability::Resource;
use booking_domain::calls::{Call, CallEvent, CallId};
use booking_domain::ids::AppointmentId;
use booking_domain::origin::SyncOrigin;
use booking_domain::person::Evidence;
use booking_domain::ports::{
    AppointmentFilter, AppointmentQueries, CallFilter, CallLog, HoldOutcome, Outbox, SetupStore,
    UnitOfWork, UnitOfWorkFactory, VersionMirror,
};
use booking_domain::time::{Span, TimeRange};
use booking_sqlite::{SqliteError, SqliteStore, SqliteTarget};
use booking_test_support::builders::{
    ANNA, COMPANY, STAFF_GROUP, at, booking, contact, demo_setup, monday, now,
};
use booking_test_support::contract::steps::{REACH, claim, day, digest, later};

fn open(file: &Path) -> Result<SqliteStore, SqliteError> {
    SqliteStore::open(SqliteTarget::File(file.to_owned()))
}

async fn import(store: &SqliteStore) {
    let done = store.import(&demo_setup(), &digest).await;
    done.expect("imported");
}

/// Holds a slot of five minutes of its own in an open unit of work.
async fn hold(store: &SqliteStore, n: u32) -> (Box<dyn UnitOfWork>, AppointmentId) {
    let start = at("2025-10-13T00:00:00Z") + Span::minutes(i64::from(n) * 5);
    let range = TimeRange::lasting(start, 5);
    let mut unit = store.begin(COMPANY).await.expect("begun");
    let customer = unit
        .customer_for(&contact(), Evidence::Records)
        .await
        .expect("a customer");
    let mut begun = booking()
        .id(n.into())
        .customer(customer)
        .range(range)
        .begun();
    let outcome = unit.hold(&mut begun, &claim(range, &[ANNA]), REACH).await;
    let held = HoldOutcome::Held(Resource::Staff(ANNA));
    assert_eq!(outcome.expect("answered"), held);
    (unit, begun.id())
}

/// Red when a part of a version is not read at the opening, or the epoch stays.
#[tokio::test]
async fn a_reopened_file_has_everything_and_a_new_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("booking.db");
    let store = open(&file).unwrap();
    import(&store).await;
    let (mut unit, id) = hold(&store, 1).await;
    let mut found = unit.find(id).await.unwrap().unwrap();
    let _ = found.reject("no", SyncOrigin::Api, later());
    unit.save(&mut found, REACH).await.unwrap();
    unit.commit().await.unwrap();
    let days = day("2025-10-13");
    let before = store.stamp(COMPANY, STAFF_GROUP, days);
    let setup = store.setup_version(COMPANY);
    drop(store);
    let store = open(&file).unwrap();
    assert!(store.get(COMPANY, id).await.unwrap().is_some());
    let after = store.stamp(COMPANY, STAFF_GROUP, days);
    assert_eq!(after.sum, before.sum);
    assert_ne!(after.epoch, before.epoch, "the file may be an old copy");
    assert_eq!(store.setup_version(COMPANY), setup);
    let freed_at = store.freed_at(COMPANY, STAFF_GROUP, days);
    assert_eq!(freed_at, Some(later()));
}

#[tokio::test]
async fn a_second_opening_is_refused_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("booking.db");
    let store = open(&file).unwrap();
    let refused = open(&file).err().unwrap().to_string();
    let me = format!("process {}", std::process::id());
    for hint in ["booking.db", &me, "stop the other one", "Postgres"] {
        assert!(refused.contains(hint), "{refused}");
    }
    #[cfg(unix)]
    {
        let other_name = folder.path().join("link.db");
        std::os::unix::fs::symlink(&file, &other_name).unwrap();
        let refused = open(&other_name).err().unwrap();
        assert!(matches!(refused, SqliteError::InUse { .. }), "{refused}");
    }
    // A unit of work keeps the file as long as it lives, also without its store.
    let unit = store.begin(COMPANY).await.unwrap();
    drop(store);
    assert!(matches!(open(&file), Err(SqliteError::InUse { .. })));
    drop(unit);
    open(&file).unwrap();
}

#[test]
fn what_cannot_be_opened_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no/such/folder/booking.db");
    let refused = open(&nowhere).err().unwrap().to_string();
    assert!(
        refused.contains("no/such/folder") && refused.contains("folder exists"),
        "{refused}"
    );
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, whatever its name says").unwrap();
    assert!(matches!(open(&text), Err(SqliteError::Sqlite { .. })));
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let _store = open(&folder.path().join("booking.db")).unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
    }
}

/// The waiting ones get their turn when somebody in the queue gives up.
#[tokio::test]
async fn who_stops_waiting_leaves_the_queue() {
    let store = SqliteStore::open(SqliteTarget::Memory).unwrap();
    import(&store).await;
    let first = store.begin(COMPANY).await.unwrap();
    tokio::select! {
        biased;
        _ = store.begin(COMPANY) => panic!("two units of work at once"),
        () = ready(()) => {}
    }
    drop(first);
    store.begin(COMPANY).await.unwrap().commit().await.unwrap();
}

/// Whoever stops waiting for a commit does not tear it: state and stamp agree.
#[tokio::test]
async fn a_commit_goes_on_without_its_caller() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("booking.db")).unwrap();
    import(&store).await;
    let days = day("2025-10-13");
    let before = store.stamp(COMPANY, STAFF_GROUP, days);
    let (unit, id) = hold(&store, 1).await;
    tokio::select! {
        biased;
        done = unit.commit() => drop(done.unwrap()),
        () = ready(()) => {}
    }
    // The next one begins when the commit is through.
    let mut next = store.begin(COMPANY).await.unwrap();
    assert!(next.find(id).await.unwrap().is_some());
    assert!(store.stamp(COMPANY, STAFF_GROUP, days).sum > before.sum);
}

const FILE: &str = "BOOKING_TEST_CRASH_FILE";

/// Not a test: the process that is killed. It says the number of each booking once it is committed.
#[tokio::test]
#[ignore = "run by the test below, in a process of its own"]
async fn victim() {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let store = open(Path::new(&file)).unwrap();
    import(&store).await;
    for n in 1..288 {
        let (unit, _) = hold(&store, n).await;
        unit.commit().await.unwrap();
        println!("\ncommitted {n}");
    }
    // Alive until killed, or until the one who wants to kill it is gone.
    let _gone = std::io::stdin().read_line(&mut String::new());
}

/// The process, ended with the test whatever becomes of it.
struct Victim(Child);

impl Victim {
    fn start(file: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this test has a file"));
        command
            .args(["victim", "--exact", "--ignored", "--nocapture"])
            .env(FILE, file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Self(command.spawn().expect("this test can be started again"))
    }

    /// The newest booking that it has said, once it has said this many.
    fn acknowledged(&mut self, enough: u32) -> u32 {
        let stdout = self.0.stdout.as_mut().expect("it was started with a pipe");
        let said = |line: Result<String, _>| line.ok()?.strip_prefix("committed ")?.parse().ok();
        let mut numbers = BufReader::new(stdout).lines().filter_map(said);
        numbers
            .find(|n| *n >= enough)
            .expect("it says its bookings")
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ended_before = self.0.kill();
        let _ended_before = self.0.wait();
    }
}

/// Killed in the middle of its work: whatever was acknowledged is there, nothing is there by half,
/// and the lock is free.
#[tokio::test]
async fn acknowledged_commits_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("booking.db");
    let mut victim = Victim::start(&file);
    let acknowledged = victim.acknowledged(40);
    let refused = open(&file).err().unwrap().to_string();
    assert!(
        refused.contains(&format!("process {}", victim.0.id())),
        "{refused}"
    );
    drop(victim);

    let store = open(&file).unwrap();
    let all = AppointmentFilter::default();
    let page = store.list(COMPANY, &all, None, 1_000).await.unwrap();
    let found = page.items.len();
    assert!(
        found >= acknowledged as usize,
        "{found} of {acknowledged} are left"
    );
    let claims = store
        .live_claims(COMPANY, STAFF_GROUP, monday("00:00", 1_440))
        .await;
    assert_eq!(claims.unwrap().len(), found);
    let due = Outbox::lease_due(&store, later(), now() + Span::DAY, 10_000).await;
    assert_eq!(due.unwrap().len(), found * 2, "two events for each hold");
    let sum = store.stamp(COMPANY, STAFF_GROUP, day("2025-10-13")).sum;
    assert_eq!(
        sum,
        1 + found as i64,
        "one for the import, one for each hold"
    );
}

/// Red when the calls of a company that was imported before there were rules for them are kept for
/// ever, or not at all.
#[tokio::test]
async fn without_rules_calls_go_after_thirty_days() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("booking.db");
    let store = open(&file).unwrap();
    import(&store).await;
    for days in [29, 31] {
        let id = CallId::parse(&format!("call_{days}")).unwrap();
        let call = Call::new(id, CallEvent::Ended, now() - Span::days(days));
        store.note(COMPANY, &call).await.unwrap();
    }
    drop(store);
    let before = rusqlite::Connection::open(&file).unwrap();
    before
        .execute("UPDATE companies SET calls = '{}'", [])
        .unwrap();
    drop(before);
    let store = open(&file).unwrap();
    assert_eq!(store.prune_calls(now(), 9).await.unwrap(), 1);
    let left = store.calls(COMPANY, &CallFilter::default(), None, 9).await;
    let left = left
        .unwrap()
        .items
        .into_iter()
        .map(|it| it.call.id.to_string());
    assert_eq!(left.collect::<Vec<_>>(), ["call_29"]);
}
