//! A process that is asked to stop hands on what it cannot finish: another has it at once, not when
//! a lease is over. (That requests finish, and that a second signal ends it, is in `start_up`.)

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::clients::settings;
use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, Options};

const SOON: Duration = Duration::from_secs(60);

/// Cal.com answers so late that the call's own limit is over; then it has happened all the same.
const LATE: u64 = 3;
const LEASED: &str = "SELECT (SELECT count(*) FROM sagas WHERE leased_until > now()) \
    + (SELECT count(*) FROM jobs WHERE locked_until > now())";

impl Installation {
    async fn leased(&self) -> anyhow::Result<String> {
        self.database.sql(LEASED).await
    }
}

/// A worker has taken up a wish that could not be carried out at once, and Cal.com takes its time.
/// The twin is halted meanwhile, so that what is left over can be seen.
///
/// Red when the wish stays leased by the dead (`leased_until = NULL` in `update_saga`), or when the
/// twin books again without a look.
#[tokio::test]
async fn a_twin_finishes_what_a_stopped_process_has_begun() -> anyhow::Result<()> {
    let mut it = Installation::start(Options {
        gateways: 2,
        calcom_proxied: true,
        settings: settings(),
        ..Options::default()
    })
    .await?;
    it.faults(json!([
        {"route": "POST /v2/bookings", "commit_after_seconds": LATE},
        {"webhooks": {"drop": true}}
    ]))
    .await?;
    it.gateways[1].signal("STOP")?;
    let line = it.calcom_proxy.as_ref().context("a proxy")?;
    line.cut();
    let wish = json!({"service_id": 1, "start": at(working_day(3), 8),
                      "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
    let (status, booked) = it.ask(Method::POST, "/api/v1/bookings", wish).await?;
    ensure!(status == 202, "{status} {booked}");
    line.restore();
    until(SOON, "a worker calls", || async {
        let phase = "SELECT phase FROM sagas WHERE fence > 1";
        it.database
            .sql(phase)
            .await
            .is_ok_and(|phase| phase == "calling")
    })
    .await?;
    it.gateways[0].signal("TERM")?;
    let ended = it.gateways[0].wait(SOON).await?;
    ensure!(ended.code() == Some(0), "{:#?}", it.gateways[0].log());
    ensure!(it.leased().await? == "0", "something is leased by nobody");

    it.gateways[1].signal("CONT")?;
    let path = format!(
        "/api/v1/bookings/{}",
        booked["id"].as_str().context("an id")?
    );
    until(SOON, "the twin has confirmed it", || async {
        let (_, now) = it
            .ask_as(KEY_15, 1, (Method::GET, &path), Value::Null)
            .await?;
        ensure!(now["status"] == "confirmed", "{now}");
        Ok(())
    })
    .await?;
    ensure!(it.calcom_bookings().await?.len() == 1, "made once");
    Ok(())
}

/// Holds up whoever wants jobs until there is a row in `gate`; files one for each queue meanwhile.
const HOLD_UP: &str = "DO $$ BEGIN
        LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE;
        INSERT INTO jobs (id, queue, kind, payload, run_at, due_since, created_at)
        VALUES (gen_random_uuid(), 'maintenance', 'prune', '{}', now(), now(), now()),
               (gen_random_uuid(), 'listeners', 'unknown', '{}', now(), now(), now()),
               (gen_random_uuid(), 'notifications', 'unknown', '{}', now(), now(), now());
        WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP;
    END $$";
const HELD_UP: &str =
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'jobs'::regclass";
const UNTOUCHED: &str = "SELECT count(*) FROM jobs WHERE locked_until IS NULL AND attempt = 0";

/// The pools are asking for work when the process is told to stop, and get it afterwards.
///
/// Red when what was taken and not begun stays leased (`Pool::hand_back`), or counts as a try.
#[tokio::test]
async fn jobs_that_were_not_begun_are_handed_back() -> anyhow::Result<()> {
    let mut it = Installation::start(Options::default()).await?;
    it.database
        .sql("CREATE TABLE gate (opened boolean)")
        .await?;
    let held_up = it.database.sql(HOLD_UP);
    let stopped = async {
        until(SOON, "the pools ask", || async {
            let waiting = it.database.sql(HELD_UP).await?;
            ensure!(waiting.parse::<u32>()? >= 3, "{waiting}");
            anyhow::Ok(())
        })
        .await?;
        it.gateways[0].signal("TERM")?;
        // It stops as soon as nobody asks it anything.
        until(SOON, "it listens no more", || async {
            it.http
                .get(it.gateways[0].url("/livez"))
                .send()
                .await
                .is_err()
        })
        .await?;
        it.database.sql("INSERT INTO gate VALUES (true)").await
    };
    tokio::try_join!(held_up, stopped)?;
    let ended = it.gateways[0].wait(SOON).await?;
    ensure!(ended.code() == Some(0), "{:#?}", it.gateways[0].log());
    let untouched = it.database.sql(UNTOUCHED).await?;
    ensure!(
        untouched == "3",
        "{untouched} of three jobs are free: {:#?}",
        it.gateways[0].log()
    );

    it.gateways[0].restart().await?;
    until(SOON, "another does them", || async {
        let left = it.database.sql("SELECT count(*) FROM jobs").await?;
        ensure!(left == "0", "{left}");
        anyhow::Ok(())
    })
    .await
}
