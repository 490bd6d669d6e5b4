//! Questions to a person.

use async_trait::async_trait;
use booking_domain::ids::{AppointmentId, CompanyId, ReviewId};
use booking_domain::ports::{
    Resolution, ReviewAction, ReviewFilter, ReviewItem, ReviewLog, ReviewQueries, StoreError,
};
use rusqlite::params;

use crate::SqliteStore;
use crate::statements::{Columns, all, first, run};
use crate::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl ReviewLog for SqliteUnitOfWork {
    async fn open_review(&mut self, review: &ReviewItem) -> Result<(), StoreError> {
        run(
            self.connection(),
            "open a review",
            "INSERT INTO reviews (company_id, id, appointment_id, reason, detail, opened_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            params![
                self.company.get(),
                review.id.get().as_bytes(),
                review.appointment.get().as_bytes(),
                review.reason,
                review.detail,
                review.opened_at.unix_micros()
            ],
        )
        .map(drop)
    }

    async fn find_review(&mut self, id: ReviewId) -> Result<Option<ReviewItem>, StoreError> {
        first(
            self.connection(),
            "find a review",
            "SELECT * FROM reviews WHERE company_id = ?1 AND id = ?2",
            params![self.company.get(), id.get().as_bytes()],
            read,
        )
    }

    async fn open_reviews(
        &mut self,
        appointment: AppointmentId,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        all(
            self.connection(),
            "find an appointment's reviews",
            "SELECT * FROM reviews
             WHERE company_id = ?1 AND appointment_id = ?2 AND resolved_at IS NULL
             ORDER BY opened_at, id",
            params![self.company.get(), appointment.get().as_bytes()],
            read,
        )
    }

    async fn resolve_review(
        &mut self,
        id: ReviewId,
        resolution: &Resolution,
    ) -> Result<bool, StoreError> {
        run(
            self.connection(),
            "resolve a review",
            "UPDATE reviews SET resolved_at = ?3, action = ?4, resolved_by = ?5, note = ?6
             WHERE company_id = ?1 AND id = ?2 AND resolved_at IS NULL",
            params![
                self.company.get(),
                id.get().as_bytes(),
                resolution.at.unix_micros(),
                resolution.action.as_str(),
                resolution.by,
                resolution.note
            ],
        )
        .map(|written| written == 1)
    }
}

#[async_trait]
impl ReviewQueries for SqliteStore {
    async fn reviews(
        &self,
        company: CompanyId,
        filter: ReviewFilter,
        limit: u32,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        const ACTION: &str = "list reviews";
        let after = filter.after.map(|(at, id)| (at.unix_micros(), id));
        self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                "SELECT * FROM reviews
                 WHERE company_id = ?1 AND (?2 OR resolved_at IS NULL)
                   AND (?3 IS NULL OR (opened_at, id) > (?3, ?4))
                 ORDER BY opened_at, id LIMIT ?5",
                params![
                    company.get(),
                    filter.resolved_too,
                    after.map(|(at, _)| at),
                    after.map(|(_, id)| id.get().into_bytes()),
                    limit
                ],
                read,
            )
        })
    }
}

fn read(row: &Columns<'_>) -> Result<ReviewItem, StoreError> {
    let resolution = match row.instant_if_any("resolved_at")? {
        Some(at) => Some(Resolution {
            at,
            action: row.parsed("action", ReviewAction::parse)?,
            by: row.get("resolved_by")?,
            note: row.get("note")?,
        }),
        None => None,
    };
    Ok(ReviewItem {
        id: ReviewId::new(row.uuid("id")?),
        appointment: AppointmentId::new(row.uuid("appointment_id")?),
        reason: row.get("reason")?,
        detail: row.get("detail")?,
        opened_at: row.instant("opened_at")?,
        resolution,
    })
}
