//! Questions to a person.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId, ReviewId};
use booking_domain::ports::{
    Resolution, ReviewAction, ReviewFilter, ReviewItem, ReviewLog, ReviewQueries, StoreError,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::{from_db, to_db, word};
use crate::unit_of_work::{PgUnitOfWork, begin_reading};

struct Row {
    id: Uuid,
    appointment_id: Uuid,
    reason: String,
    detail: String,
    opened_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    action: Option<String>,
    resolved_by: Option<String>,
    note: Option<String>,
}

impl Row {
    fn read(self) -> Result<ReviewItem, StoreError> {
        let missing = || corrupt("reviews", "an answer without its data");
        let resolution = match self.resolved_at {
            Some(at) => Some(Resolution {
                at: from_db(at)?,
                action: word(
                    "reviews.action",
                    &self.action.ok_or_else(missing)?,
                    ReviewAction::parse,
                )?,
                by: self.resolved_by.ok_or_else(missing)?,
                note: self.note,
            }),
            None => None,
        };
        Ok(ReviewItem {
            id: ReviewId::new(self.id),
            appointment: AppointmentId::new(self.appointment_id),
            reason: self.reason,
            detail: self.detail,
            opened_at: from_db(self.opened_at)?,
            resolution,
        })
    }
}

#[async_trait]
impl ReviewLog for PgUnitOfWork {
    async fn open_review(&mut self, review: &ReviewItem) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO reviews (company_id, id, appointment_id, reason, detail, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (company_id, appointment_id, reason) WHERE resolved_at IS NULL DO NOTHING",
            self.company.get(),
            review.id.get(),
            review.appointment.get(),
            review.reason,
            review.detail,
            to_db(review.opened_at),
        )
        .execute(self.conn())
        .await
        .map(drop)
        .map_err(failed("open a review"))
    }

    async fn find_review(&mut self, id: ReviewId) -> Result<Option<ReviewItem>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, appointment_id, reason, detail, opened_at, resolved_at, action, resolved_by,
                    note
             FROM reviews WHERE company_id = $1 AND id = $2 FOR UPDATE",
            self.company.get(),
            id.get(),
        )
        .fetch_optional(self.conn())
        .await
        .map_err(failed("find a review"))?
        .map(Row::read)
        .transpose()
    }

    async fn open_reviews(
        &mut self,
        appointment: AppointmentId,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        sqlx::query_as!(
            Row,
            "SELECT id, appointment_id, reason, detail, opened_at, resolved_at, action, resolved_by,
                    note
             FROM reviews
             WHERE company_id = $1 AND appointment_id = $2 AND resolved_at IS NULL
             ORDER BY opened_at, id",
            self.company.get(),
            appointment.get(),
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed("find an appointment's reviews"))?
        .into_iter()
        .map(Row::read)
        .collect()
    }

    async fn resolve_review(
        &mut self,
        id: ReviewId,
        resolution: &Resolution,
    ) -> Result<bool, StoreError> {
        sqlx::query!(
            "UPDATE reviews SET resolved_at = $3, action = $4, resolved_by = $5, note = $6
             WHERE company_id = $1 AND id = $2 AND resolved_at IS NULL",
            self.company.get(),
            id.get(),
            to_db(resolution.at),
            resolution.action.as_str(),
            resolution.by,
            resolution.note,
        )
        .execute(self.conn())
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed("resolve a review"))
    }
}

#[async_trait]
impl ReviewQueries for PgStore {
    async fn reviews(
        &self,
        company: CompanyId,
        filter: ReviewFilter,
        limit: u32,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        let (at, id) = filter.after.unzip();
        let mut session = begin_reading(&self.companies, company).await?;
        let rows = sqlx::query_as!(
            Row,
            "SELECT id, appointment_id, reason, detail, opened_at, resolved_at, action, resolved_by,
                    note
             FROM reviews
             WHERE company_id = $1 AND ($2 OR resolved_at IS NULL)
               AND ($3::timestamptz IS NULL OR (opened_at, id) > ($3, $4::uuid))
             ORDER BY opened_at, id LIMIT $5",
            company.get(),
            filter.resolved_too,
            at.map(to_db),
            id.map(ReviewId::get),
            i64::from(limit),
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed("list reviews"))?;
        drop(session);
        rows.into_iter().map(Row::read).collect()
    }
}
