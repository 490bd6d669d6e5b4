//! `reviews list` and `reviews resolve`: what waits for a person.

use std::path::Path;

use anyhow::{Context, bail};
use booking_application::{Actor, Application, ResolveReview};
use booking_domain::ids::{CompanyId, ReviewId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{ReviewAction, ReviewFilter, ReviewItem};
use booking_domain::time::Span;
use serde_json::{Value, json};

use super::{output, prepare};
use crate::cli::{ReviewAnswer, ReviewsCommand};
use crate::wiring::build_for_command;

/// As many as one page of the API can hold.
const MOST: u32 = 200;

/// Where the right id is found.
const LOOK: &str = "`reviews list` shows what is open";

pub(crate) async fn run(file: Option<&Path>, command: ReviewsCommand) -> anyhow::Result<()> {
    let app = build_for_command(&prepare(file)?).await?;
    match command {
        ReviewsCommand::List { company, json } => list(&app, CompanyId::new(company), json).await,
        ReviewsCommand::Resolve {
            id,
            company,
            action,
            note,
        } => {
            let answer = ResolveReview {
                id: id.parse::<ReviewId>().context(LOOK)?,
                action: action.into(),
                note,
            };
            resolve(&app, CompanyId::new(company), answer).await
        }
    }
}

async fn list(app: &Application, company: CompanyId, as_json: bool) -> anyhow::Result<()> {
    if app.company(company).await?.is_none() {
        bail!("there is no company {company}: `tenant list` shows which there are");
    }
    let (open, more) = app.reviews(company, ReviewFilter::default(), MOST).await?;
    if as_json {
        output::json(&Value::Array(open.iter().map(as_value).collect()));
        return Ok(());
    }
    for review in &open {
        output::line(format!(
            "{}  {}  {}  appointment {}  {}",
            review.id, review.opened_at, review.reason, review.appointment, review.detail
        ));
    }
    match (open.is_empty(), more) {
        (true, _) => output::line("Nothing waits for a person."),
        (_, true) => output::line(format!("Only the oldest {MOST} are shown.")),
        _ => {}
    }
    Ok(())
}

async fn resolve(
    app: &Application,
    company: CompanyId,
    answer: ResolveReview,
) -> anyhow::Result<()> {
    let actor = Actor {
        company,
        origin: SyncOrigin::Admin,
        by: "command line".to_owned(),
        deadline: Span::ZERO,
    };
    let action = answer.action.as_str();
    let resolved = app.resolve_review(&actor, answer).await;
    let resolved = resolved.context(LOOK)?;
    output::line(format!(
        "{} is answered: {action}. What goes on, a running server carries out.",
        resolved.id
    ));
    Ok(())
}

fn as_value(review: &ReviewItem) -> Value {
    json!({
        "id": review.id.to_string(),
        "appointment_id": review.appointment.to_string(),
        "reason": review.reason,
        "detail": review.detail,
        "opened_at": review.opened_at.to_string(),
    })
}

impl From<ReviewAnswer> for ReviewAction {
    fn from(answer: ReviewAnswer) -> Self {
        match answer {
            ReviewAnswer::KeepLocal => Self::KeepLocal,
            ReviewAnswer::KeepCalcom => Self::KeepCalcom,
            ReviewAnswer::Retry => Self::Retry,
            ReviewAnswer::Dismiss => Self::Dismiss,
        }
    }
}
