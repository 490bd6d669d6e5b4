//! `jobs`: the queues from a terminal, of all companies.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use booking_application::Application;
use booking_domain::ids::JobId;
use booking_domain::ports::{JobFilter, JobState, JobView, Queue};
use serde_json::json;

use super::{output, prepare};
use crate::cli::{JobsCommand, JobsListArgs};
use crate::wiring;

/// So many are asked for at a time.
const PAGE: u32 = 200;

pub(crate) async fn run(file: Option<&Path>, command: JobsCommand) -> anyhow::Result<()> {
    let config = prepare(file)?;
    let app = wiring::build_for_command(&config).await?;
    match command {
        JobsCommand::List(args) => list(&app, &args).await,
        JobsCommand::Retry { id } => {
            app.retry_job(None, read_id(&id)?).await?;
            output::line(format!("{id} runs as soon as a worker is free."));
            Ok(())
        }
        JobsCommand::Discard { id } => {
            app.discard_job(None, read_id(&id)?).await?;
            output::line(format!("{id} is gone."));
            Ok(())
        }
    }
}

fn read_id(text: &str) -> anyhow::Result<JobId> {
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => bail!("'{text}' is no id of a job; `jobs list` shows them"),
    }
}

async fn list(app: &Arc<Application>, args: &JobsListArgs) -> anyhow::Result<()> {
    let mut filter = JobFilter {
        company: args.company.map(booking_domain::ids::CompanyId::new),
        queue: args.queue.as_deref().map(queue).transpose()?,
        state: args.state.as_deref().map(state).transpose()?,
        ..JobFilter::default()
    };
    let mut all = Vec::new();
    loop {
        let page = app.jobs(&filter, PAGE).await?;
        let Some(last) = page.last() else { break };
        filter.after = Some(last.id);
        all.extend(page);
    }
    if args.json {
        output::json(&json!(all.iter().map(as_json).collect::<Vec<_>>()));
        return Ok(());
    }
    output::line(format!(
        "{:<36}  {:<7}  {:<13}  {:<20}  {:>5}  NEXT",
        "ID", "STATE", "QUEUE", "KIND", "TRIES"
    ));
    for job in all {
        let next = job.run_at.map(|at| at.to_string()).unwrap_or_default();
        let (state, queue) = (job.state.as_str(), job.queue.as_str());
        output::line(format!(
            "{}  {state:<7}  {queue:<13}  {:<20}  {:>5}  {next}",
            job.id, job.kind, job.attempt
        ));
        if let Some(error) = job.error {
            output::line(format!("    {error}"));
        }
    }
    Ok(())
}

fn queue(text: &str) -> anyhow::Result<Queue> {
    let known = Queue::ALL.map(Queue::as_str).join(", ");
    Queue::parse(text).ok_or_else(|| anyhow::anyhow!("'{text}' is no queue: use one of {known}"))
}

fn state(text: &str) -> anyhow::Result<JobState> {
    let known = JobState::ALL.map(JobState::as_str).join(", ");
    JobState::parse(text).ok_or_else(|| anyhow::anyhow!("'{text}' is no state: use one of {known}"))
}

fn as_json(job: &JobView) -> serde_json::Value {
    json!({
        "id": job.id, "company_id": job.company, "queue": job.queue.as_str(), "kind": job.kind,
        "state": job.state.as_str(), "attempts": job.attempt, "run_at": job.run_at,
        "error": job.error,
    })
}
