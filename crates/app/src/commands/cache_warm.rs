//! `cache warm`: fetch the next days of every service into the shared cache.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use booking_application::Application;
use booking_domain::ids::CompanyId;

use super::{needs_shared_caches, output, prepare};
use crate::config::Config;
use crate::wiring::{PATIENCE, build_for_command, connect_redis};

/// How long to wait when every account that is left has just been asked.
const PAUSE: Duration = Duration::from_millis(100);
/// While so many windows wait, no further company is put on the list: it is bounded.
const MOST_WAITING: u32 = 500;

pub(crate) async fn run(
    file: Option<&Path>,
    days: u32,
    company: Option<i64>,
) -> anyhow::Result<()> {
    let config = prepare(file)?;
    needs_redis(&config).await?;
    let app = build_for_command(&config).await?;
    let companies = companies(&app, company.map(CompanyId::new)).await?;
    let done = warm(&app, companies, days).await?;
    if done.windows == 0 {
        output::line("No service has a Cal.com event type and an account: nothing to warm.");
        return Ok(());
    }
    let text = format!("{} windows are warm, {} failed.", done.warmed, done.failed);
    output::line(&text);
    match done.failed {
        0 => Ok(()),
        _ => bail!("{text} The lines above say why; run it again when that is mended"),
    }
}

/// Says so at once, rather than failing window by window.
async fn needs_redis(config: &Config) -> anyhow::Result<()> {
    needs_shared_caches(config, "Ask the server: POST /api/v1/ops/cache/warm")?;
    let Some(redis) = connect_redis(config, PATIENCE).await? else {
        return Ok(());
    };
    let alive = redis.ping().await;
    alive.context("there is nothing to warm: is BOOKING__REDIS_URL right, and does it run?")
}

async fn companies(
    app: &Application,
    only: Option<CompanyId>,
) -> anyhow::Result<VecDeque<CompanyId>> {
    let all = app.companies().await?.into_iter().map(|it| it.id);
    let wanted: VecDeque<_> = all.filter(|id| only.is_none_or(|it| it == *id)).collect();
    match only {
        Some(id) if wanted.is_empty() => {
            bail!("there is no company {id}; `tenant list` shows those there are")
        }
        _ => Ok(wanted),
    }
}

/// What is done, out of how much.
#[derive(Default)]
struct Done {
    windows: u32,
    warmed: u32,
    failed: u32,
}

async fn warm(
    app: &Application,
    mut companies: VecDeque<CompanyId>,
    days: u32,
) -> anyhow::Result<Done> {
    let (mut done, mut progress) = (Done::default(), Progress::new());
    let mut waiting = 0;
    loop {
        while waiting < MOST_WAITING
            && let Some(company) = companies.pop_front()
        {
            let windows = app.wish_for_days(company, days).await?;
            (done.windows, waiting) = (done.windows + windows, waiting + windows);
        }
        let report = app.warm_caches().await?;
        done.warmed += report.warmed;
        done.failed += report.failed;
        waiting = report.waiting;
        progress.show(&done);
        if waiting == 0 && companies.is_empty() {
            progress.end();
            return Ok(done);
        }
        if report.warmed + report.failed == 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// One line that is written anew on a terminal, a line for each tenth elsewhere.
struct Progress {
    on_terminal: bool,
    shown: Option<u32>,
}

impl Progress {
    fn new() -> Self {
        Self {
            on_terminal: std::io::stdout().is_terminal(),
            shown: None,
        }
    }

    fn show(&mut self, done: &Done) {
        let finished = done.warmed + done.failed;
        let step = if self.on_terminal {
            finished
        } else {
            finished * 10 / done.windows.max(1)
        };
        if self.shown == Some(step) {
            return;
        }
        self.shown = Some(step);
        let text = format!("{finished} of {} windows", done.windows);
        if self.on_terminal {
            let mut out = std::io::stdout().lock();
            let _ = write!(out, "\r{text}").and_then(|()| out.flush());
        } else {
            output::line(text);
        }
    }

    fn end(&self) {
        if self.on_terminal {
            output::line("");
        }
    }
}
