//! Jobs and questions to a person, on the command line and over HTTP: what is shown, what steering
//! does, what is refused.

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use crate::days::{at, working_day};
use crate::installation::{Installation, KEY_15, KEY_20, Options};
use crate::run::{failure, json_of, output, run, says};

const SOON: Duration = Duration::from_secs(60);
const NOBODY: &str = "0199cd00-0000-7000-8000-000000000009";
const DEAD: &str = "0199cd00-0000-7000-8000-000000000001";
const LATE: &str = "0199cd00-0000-7000-8000-000000000002";
const OWN: &str = "0199cd00-0000-7000-8000-000000000003";

impl Installation {
    /// What a command prints as JSON.
    async fn shown(&self, args: &[&str]) -> anyhow::Result<Vec<Value>> {
        let printed = json_of(&output(self.command(args)).await?)?;
        Ok(printed.as_array().context("a list")?.clone())
    }

    async fn ids(&self, args: &[&str]) -> anyhow::Result<Vec<String>> {
        Ok(texts(&self.shown(args).await?, "id"))
    }

    async fn does(&self, args: &[&str]) -> anyhow::Result<String> {
        output(self.command(args)).await
    }

    async fn refuses(&self, args: &[&str], why: &[&str]) -> anyhow::Result<()> {
        says(&failure(self.command(args)).await?, why);
        Ok(())
    }

    /// A request of company 15 or 20 to the operators' part of the API.
    async fn ops(&self, key: &str, (method, path): (Method, &str)) -> anyhow::Result<(u16, Value)> {
        let path = format!("/api/v1/ops/{path}");
        let body = if path.ends_with("resolve") {
            json!({"action": "retry"})
        } else {
            Value::Null
        };
        self.ask_as(key, 0, (method, &path), body).await
    }
}

fn texts(rows: &[Value], member: &str) -> Vec<String> {
    let text = |row: &Value| row[member].as_str().unwrap_or_default().to_owned();
    rows.iter().map(text).collect()
}

/// What clap refuses ends with 2.
async fn is_misspelt(it: &Installation, args: &[&str]) -> anyhow::Result<()> {
    let ran = run(it.command(args)).await?;
    ensure!(ran.code == Some(2), "{ran:#?}");
    Ok(())
}

/// One job that nobody can do, one for later, both of company 15; one of the installation's own.
async fn with_jobs() -> anyhow::Result<Installation> {
    let it = Installation::start(Options::default()).await?;
    let file = format!(
        "INSERT INTO jobs (id, company_id, queue, kind, payload, run_at, due_since, created_at)
         VALUES ('{DEAD}', 15, 'notifications', 'nonsense', '{{}}', now(), now(), now()),
                ('{LATE}', 15, 'notifications', 'nonsense', '{{}}', now() + '1 day', now(), now()),
                ('{OWN}', NULL, 'maintenance', 'prune', '{{}}', now() + '1 day', now(), now())"
    );
    it.database.sql(&file).await?;
    until(SOON, "one is given up", || async {
        let dead = it
            .ids(&["jobs", "list", "--json", "--state", "dead"])
            .await?;
        ensure!(dead == [DEAD], "{dead:?}");
        Ok(())
    })
    .await?;
    Ok(it)
}

/// Red when a filter is not heeded, when a wrong word or id is taken for none, when steering says
/// that it did something and did not, or when a company sees or steers what is not its own.
#[tokio::test]
async fn jobs_are_seen_and_steered() -> anyhow::Result<()> {
    let it = with_jobs().await?;
    let all = it.shown(&["jobs", "list", "--json"]).await?;
    assert_eq!(texts(&all, "id"), [DEAD, LATE, OWN]);
    assert_eq!(texts(&all, "state"), ["dead", "waiting", "waiting"]);
    let companies: Vec<_> = all.iter().map(|job| &job["company_id"]).collect();
    assert_eq!(companies, [&json!(15), &json!(15), &Value::Null]);
    assert_eq!(all[0]["error"], "this version knows no job `nonsense`");
    for (filter, expected) in [
        (["--queue", "maintenance"], &[OWN][..]),
        (["--state", "waiting"], &[LATE, OWN]),
        (["--company", "15"], &[DEAD, LATE]),
        (["--company", "20"], &[]),
    ] {
        let args = [&["jobs", "list", "--json"], &filter[..]].concat();
        assert_eq!(it.ids(&args).await?, expected, "{filter:?}");
    }
    says(
        &it.does(&["jobs", "list"]).await?,
        &[DEAD, LATE, OWN, "nonsense", "prune"],
    );
    jobs_over_http(&it).await?;

    it.does(&["jobs", "discard", DEAD]).await?;
    it.does(&["jobs", "retry", OWN]).await?;
    until(SOON, "it is done now", || async {
        let left = it.ids(&["jobs", "list", "--json"]).await?;
        ensure!(left == [LATE], "{left:?}");
        Ok(())
    })
    .await?;
    for steer in ["retry", "discard"] {
        it.refuses(&["jobs", steer, "seven"], &["'seven'", "jobs list"])
            .await?;
        it.refuses(&["jobs", steer, NOBODY], &["no such job"])
            .await?;
        it.refuses(&["jobs", steer, DEAD], &["no such job"]).await?;
        is_misspelt(&it, &["jobs", steer]).await?;
    }
    it.refuses(
        &["jobs", "list", "--state", "lost"],
        &["'lost'", "waiting, running, dead"],
    )
    .await?;
    it.refuses(
        &["jobs", "list", "--queue", "mine"],
        &["'mine'", "calcom_sync"],
    )
    .await
}

async fn jobs_over_http(it: &Installation) -> anyhow::Result<()> {
    let list = async |key, query: &str| -> anyhow::Result<Vec<String>> {
        let (status, page) = it.ops(key, (Method::GET, &format!("jobs{query}"))).await?;
        ensure!(status == 200, "{page}");
        Ok(texts(page["data"].as_array().context("data")?, "id"))
    };
    assert_eq!(list(KEY_15, "").await?, [DEAD, LATE]);
    assert_eq!(list(KEY_15, "?state=dead").await?, [DEAD]);
    assert_eq!(list(KEY_20, "").await?, [""; 0]);
    let steer = async |key, id: &str, what: &str| -> anyhow::Result<u16> {
        Ok(it
            .ops(key, (Method::POST, &format!("jobs/{id}/{what}")))
            .await?
            .0)
    };
    for what in ["retry", "discard"] {
        for (key, id) in [
            (KEY_20, DEAD),
            (KEY_15, OWN),
            (KEY_15, NOBODY),
            (KEY_15, "seven"),
        ] {
            assert_eq!(steer(key, id, what).await?, 404, "{what} {id}");
        }
    }
    // It is tried, given up again, and as dead as before.
    assert_eq!(steer(KEY_15, DEAD, "retry").await?, 200);
    until(SOON, "it is given up again", || async {
        let dead = list(KEY_15, "?state=dead").await?;
        ensure!(dead == [DEAD], "{dead:?}");
        Ok(())
    })
    .await
}

/// Cal.com is not there, and nobody tries for longer than at once.
async fn with_a_question() -> anyhow::Result<(Installation, String, String)> {
    let mut it = Installation::start(Options {
        settings: vec![("BOOKING__SYNC__GIVE_UP_HOURS", "0".to_owned())],
        ..Options::default()
    })
    .await?;
    it.simulator.kill9().await?;
    let wish = json!({"service_id": 1, "start": at(working_day(3), 8),
                      "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
    let (status, booked) = it.ask(Method::POST, "/api/v1/bookings", wish).await?;
    ensure!(status == 202, "{status} {booked}");
    let id = booked["id"].as_str().context("an id")?.to_owned();
    let question = until(SOON, "a person is asked", || async {
        let open = it
            .shown(&["reviews", "list", "--company", "15", "--json"])
            .await?;
        open.into_iter().next().context("none yet")
    })
    .await?;
    assert_eq!(question["appointment_id"], id.as_str());
    assert_eq!(question["reason"], "sync_failed");
    let question = question["id"].as_str().context("an id")?.to_owned();
    Ok((it, id, question))
}

/// Red when an answer is taken twice or from another company, when a wrong one ends with 0, or when
/// `retry` sets nothing going.
#[tokio::test]
async fn a_question_is_answered_and_the_booking_goes_on() -> anyhow::Result<()> {
    let (mut it, id, question) = with_a_question().await?;
    let resolve = |id, company, action| {
        [
            "reviews",
            "resolve",
            id,
            "--company",
            company,
            "--action",
            action,
        ]
    };
    says(
        &it.does(&["reviews", "list", "--company", "15"]).await?,
        &[&question, "sync_failed", &id],
    );
    assert_eq!(
        it.shown(&["reviews", "list", "--company", "20", "--json"])
            .await?,
        Vec::<Value>::new()
    );
    it.refuses(&["reviews", "list", "--company", "7"], &["no company 7"])
        .await?;
    it.refuses(&resolve(&question, "20", "retry"), &["no such review"])
        .await?;
    it.refuses(
        &resolve(NOBODY, "15", "retry"),
        &["no such review", "reviews list"],
    )
    .await?;
    it.refuses(&resolve("seven", "15", "retry"), &["seven", "reviews list"])
        .await?;
    is_misspelt(&it, &resolve(&question, "15", "perhaps")).await?;
    let path = format!("reviews/{question}/resolve");
    let (status, theirs) = it.ops(KEY_20, (Method::POST, &path)).await?;
    ensure!(status == 404, "{theirs}");
    the_wish_is_a_job(&it).await?;

    it.simulator.restart().await?;
    let state = it.simulator.url("/_sim/state");
    until(SOON, "Cal.com is back", || async {
        it.http.get(&state).send().await.is_ok()
    })
    .await?;
    let said = it.does(&resolve(&question, "15", "retry")).await?;
    says(&said, &[&question, "retry"]);
    let booking = format!("/api/v1/bookings/{id}");
    until(SOON, "it is booked", || async {
        let (_, now) = it.ask(Method::GET, &booking, Value::Null).await?;
        let settled = now["status"] == "confirmed" && now["requires_manual_review"] == false;
        ensure!(settled, "{now}");
        Ok(())
    })
    .await?;
    it.refuses(
        &resolve(&question, "15", "dismiss"),
        &["was resolved before"],
    )
    .await?;
    let (status, again) = it.ops(KEY_15, (Method::POST, &path)).await?;
    ensure!(
        status == 409 && again["code"] == "already_resolved",
        "{status} {again}"
    );
    let (_, open) = it.ops(KEY_15, (Method::GET, "reviews")).await?;
    assert_eq!(open["data"], json!([]));
    Ok(())
}

/// A wish that was given up is a dead job, which can be retried and not thrown away.
async fn the_wish_is_a_job(it: &Installation) -> anyhow::Result<()> {
    let dead = it
        .shown(&["jobs", "list", "--state", "dead", "--json"])
        .await?;
    assert_eq!(texts(&dead, "kind"), ["saga.create"]);
    let wish = dead[0]["id"].as_str().context("an id")?;
    it.refuses(&["jobs", "discard", wish], &["cannot be thrown away"])
        .await?;
    let path = format!("jobs/{wish}/discard");
    let (status, refused) = it.ops(KEY_15, (Method::POST, &path)).await?;
    ensure!(
        status == 409 && refused["code"] == "job_not_discardable",
        "{status} {refused}"
    );
    Ok(())
}
