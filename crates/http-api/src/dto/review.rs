//! Questions to a person, and the answer.

use booking_application::ResolveReview;
use booking_domain::ids::{AppointmentId, ReviewId};
use booking_domain::ports::{PageCursor, ReviewAction, ReviewItem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::booking::check_text;
use super::page::write_cursor;
use crate::problem::{FieldErrors, Problem};

const MAX_NOTE: usize = 2_000;

/// Something that a person must decide.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub(crate) struct ReviewJson {
    /// Names it.
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// About which appointment.
    #[schema(value_type = uuid::Uuid)]
    appointment_id: String,
    /// The stable reason, such as `sync_failed`.
    #[schema(example = "host_conflict")]
    reason: String,
    /// For people.
    detail: String,
    /// Since when.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it was answered; null while it is open.
    #[schema(format = DateTime)]
    resolved_at: Option<String>,
    /// What was decided; null while it is open.
    action: Option<&'static str>,
    /// Who decided.
    resolved_by: Option<String>,
    /// In their words.
    note: Option<String>,
}

impl From<&ReviewItem> for ReviewJson {
    fn from(review: &ReviewItem) -> Self {
        let answer = review.resolution.as_ref();
        Self {
            id: review.id.to_string(),
            appointment_id: review.appointment.to_string(),
            reason: review.reason.clone(),
            detail: review.detail.clone(),
            opened_at: review.opened_at.to_string(),
            resolved_at: answer.map(|it| it.at.to_string()),
            action: answer.map(|it| it.action.as_str()),
            resolved_by: answer.map(|it| it.by.clone()),
            note: answer.and_then(|it| it.note.clone()),
        }
    }
}

/// A page of open questions, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReviewPage)]
pub(crate) struct ReviewPageJson {
    /// The questions.
    data: Vec<ReviewJson>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

impl ReviewPageJson {
    pub(crate) fn new(reviews: &[ReviewItem], more: bool) -> Self {
        let last = reviews.last().filter(|_| more);
        Self {
            data: reviews.iter().map(ReviewJson::from).collect(),
            // A cursor is a moment and an id, whatever is listed.
            next_cursor: last.map(|last| {
                write_cursor(PageCursor {
                    starts_at: last.opened_at,
                    id: AppointmentId::new(last.id.get()),
                })
            }),
        }
    }
}

/// What is to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveBody {
    /// `keep_local`: our side counts, Cal.com is made to follow; `keep_calcom`: Cal.com's side
    /// counts; `retry`: go on with what was given up; `dismiss`: nothing is to be done.
    #[schema(example = "retry")]
    pub(crate) action: String,
    /// Why, in your words.
    #[schema(max_length = 2000)]
    pub(crate) note: Option<String>,
}

impl ResolveBody {
    pub(crate) fn answer(self, id: ReviewId) -> Result<ResolveReview, Problem> {
        let mut wrong = FieldErrors::default();
        check_text("note", self.note.as_deref(), MAX_NOTE, &mut wrong);
        let action = ReviewAction::parse(&self.action).filter(|it| *it != ReviewAction::Settled);
        let Some(action) = action else {
            wrong.add(
                "action",
                "must be one of keep_local, keep_calcom, retry, dismiss",
            );
            return Err(wrong.into_problem());
        };
        wrong.into_result()?;
        Ok(ResolveReview {
            id,
            action,
            note: self.note,
        })
    }
}
