//! Waits until nothing moves any more, and takes the picture.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use booking_domain::time::Instant as Moment;
use booking_test_support::journal::Wish;
use booking_test_support::oracle::{Here, Picture, There, judge};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::Value;

use crate::installation::Installation;

const REST_LIMIT: Duration = Duration::from_secs(75);

const HERE: &str = "SELECT id, metadata->>'wish', state, extract(epoch FROM starts_at)::bigint, \
    extract(epoch FROM ends_at)::bigint FROM appointments";
const CLAIMS: &str = "SELECT family, extract(epoch FROM slot_starts_at)::bigint, \
    extract(epoch FROM slot_ends_at)::bigint FROM live_claims";
/// A guard looks out for a week: it is no unfinished business.
const OPEN_SAGAS: &str = "SELECT saga FROM sagas WHERE phase <> 'done' AND kind <> 'guard'";
/// What is under way, and how much of it.
const UNDER_WAY: [(&str, &str); 4] = [
    (
        "sagas",
        "sagas WHERE phase NOT IN ('done', 'stuck') AND kind <> 'guard'",
    ),
    (
        "appointments",
        "appointments WHERE state IN ('pending', 'rescheduling', 'cancelling')",
    ),
    ("jobs", "jobs"),
    ("events", "outbox"),
];

/// Waits until no saga and no appointment is under way; how long each kind took.
///
/// The relay leases events for a minute, so those that a dead process has leased come late: only who
/// has that time waits for them.
pub(crate) async fn comes_to_rest(it: &Installation, with_events: bool) -> anyhow::Result<String> {
    let (began, mut took) = (Instant::now(), Vec::new());
    let kinds = if with_events { 4 } else { 3 };
    for (what, rows) in UNDER_WAY.into_iter().take(kinds) {
        let count = format!("SELECT count(*) FROM {rows}");
        let rest = until(REST_LIMIT, what, || async {
            let left = it.database.sql(&count).await?;
            ensure!(left == "0", "{left} under way");
            Ok(())
        });
        if let Err(error) = rest.await {
            let sagas = it.database.sql(OPEN_SAGAS).await?;
            return Err(error.context(format!("open sagas:\n{sagas}")));
        }
        took.push(format!("{what} {:.1?}", began.elapsed()));
    }
    Ok(took.join(", "))
}

/// What there is in Postgres and at Cal.com.
async fn picture(it: &Installation) -> anyhow::Result<Picture> {
    let here = rows(it, HERE).await?.into_iter().map(|row| {
        let [id, name, state, from, until] = &row[..] else {
            bail!("{row:?}");
        };
        let times = from.parse()?..until.parse()?;
        let [id, name, state] = [id, name, state].map(Clone::clone);
        Ok(Here {
            id,
            name,
            state,
            times,
        })
    });
    let claims = rows(it, CLAIMS).await?.into_iter().map(|row| {
        let [family, from, until] = &row[..] else {
            bail!("{row:?}");
        };
        Ok((family.clone(), from.parse()?..until.parse()?))
    });
    let there = it.calcom_bookings().await?;
    Ok(Picture {
        here: here.collect::<anyhow::Result<_>>()?,
        there: there.iter().map(booking).collect::<anyhow::Result<_>>()?,
        claims: claims.collect::<anyhow::Result<_>>()?,
        open_sagas: rows(it, OPEN_SAGAS).await?.into_iter().flatten().collect(),
    })
}

fn booking(it: &Value) -> anyhow::Result<There> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let time = |name: &str| -> anyhow::Result<i64> {
        let moment: Moment = text(&it[name]).parse().context("a time")?;
        Ok(moment.unix_seconds())
    };
    let email = text(&it["attendees"][0]["email"]);
    Ok(There {
        uid: text(&it["uid"]),
        ours: text(&it["metadata"]["gw_booking"]),
        name: email.split('@').next().unwrap_or_default().to_owned(),
        times: time("start")?..time("end")?,
    })
}

/// What `psql` prints, in fields.
async fn rows(it: &Installation, sql: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let printed = it.database.sql(sql).await?;
    let fields = |line: &str| line.split('|').map(str::to_owned).collect();
    Ok(printed.lines().map(fields).collect())
}

/// Compares the wishes with what there is; a fault is told with the story of its appointment.
pub(crate) async fn judged(
    it: &Installation,
    wishes: &BTreeMap<String, Wish>,
) -> anyhow::Result<Picture> {
    let picture = picture(it).await?;
    let faults = judge(wishes, &picture);
    if !faults.is_empty() {
        let stories = stories(it, (&picture, &faults)).await?;
        bail!("{}\n{stories}", faults.join("\n"));
    }
    Ok(picture)
}

/// All that is known of the appointments that are named in the faults.
async fn stories(
    it: &Installation,
    (picture, faults): (&Picture, &[String]),
) -> anyhow::Result<String> {
    let mut stories = String::new();
    let state = it.simulate(Method::GET, "/_sim/state", Value::Null).await?;
    for here in &picture.here {
        let (id, name) = (&here.id, &here.name);
        let is_named =
            |fault: &String| fault.contains(id) || fault.starts_with(&format!("{name}:"));
        if !faults.iter().any(is_named) {
            continue;
        }
        let rows = [
            format!("SELECT * FROM appointments WHERE id = '{id}'"),
            format!("SELECT * FROM live_claims WHERE family = '{id}'"),
            format!(
                "SELECT sequence, event FROM appointment_events WHERE appointment_id = '{id}' ORDER BY 1"
            ),
            format!("SELECT saga FROM sagas WHERE appointment_id = '{id}'"),
            format!(
                "SELECT * FROM webhook_inbox WHERE appointment_id = '{id}' ORDER BY received_at"
            ),
        ];
        writeln!(stories, "--- {name}")?;
        for sql in rows {
            writeln!(stories, "{}", it.database.sql(&sql).await?)?;
        }
        for booking in state["bookings"].as_array().into_iter().flatten() {
            if booking["metadata"]["gw_booking"] == id.as_str() {
                writeln!(stories, "{booking}")?;
            }
        }
    }
    Ok(stories)
}
