//! How an appointment takes a slot: the exclusion constraint on `live_claims` is the lock.
//!
//! Claims are inserted with `ON CONFLICT … DO NOTHING`, never inserted and caught: under contention
//! the latter ends in storms of deadlocks, since each loser holds a row the others wait for.

use booking_domain::availability::Resource;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{ClaimRequest, StoreError};

use crate::appointments::Won;
use crate::error::{corrupt, failed};
use crate::rows::{resource_columns, to_db};
use crate::unit_of_work::PgUnitOfWork;

impl PgUnitOfWork {
    /// Takes the first choice that is free; `None` when none is. Choices that are visibly taken are
    /// passed over in the same statement; one that is just being taken is waited for.
    pub(crate) async fn claim(
        &mut self,
        family: AppointmentId,
        claim: &ClaimRequest,
    ) -> Result<Option<(Resource, Won)>, StoreError> {
        let columns: Vec<_> = claim
            .choices
            .iter()
            .copied()
            .map(resource_columns)
            .collect();
        let kinds: Vec<i16> = columns.iter().map(|it| it.0).collect();
        let ids: Vec<i64> = columns.iter().map(|it| it.1).collect();
        let units: Vec<i32> = columns.iter().map(|it| it.2).collect();
        let mut tried = 0_i64;
        loop {
            let found = sqlx::query!(
                r#"
                WITH candidate AS (
                    SELECT c.kind, c.id, c.unit, c.at
                    FROM unnest($2::smallint[], $3::bigint[], $4::integer[])
                         WITH ORDINALITY AS c (kind, id, unit, at)
                    WHERE c.at > $5::bigint AND NOT EXISTS (
                        SELECT FROM live_claims l
                        WHERE l.company_id = $1 AND l.resource_kind = c.kind
                          AND l.resource_id = c.id AND l.unit = c.unit AND l.family <> $6
                          AND l.taken_until > $9 AND l.taken_from < $10)
                    ORDER BY c.at
                    LIMIT 1
                ), won AS (
                    INSERT INTO live_claims (company_id, resource_kind, resource_id, unit, family,
                                             slot_starts_at, slot_ends_at, taken_from, taken_until,
                                             pinned)
                    SELECT $1, kind, id, unit, $6, $7, $8, $9, $10, $11 FROM candidate
                    ON CONFLICT ON CONSTRAINT live_claims_no_overlap DO NOTHING
                    RETURNING claim_id
                )
                SELECT candidate.at AS "at!", (SELECT claim_id FROM won) AS claim_id
                FROM candidate"#,
                self.company.get(),
                &kinds,
                &ids,
                &units,
                tried,
                family.get(),
                to_db(claim.slot.start()),
                to_db(claim.slot.end()),
                to_db(claim.during.start()),
                to_db(claim.during.end()),
                claim.pinned,
            )
            .fetch_optional(self.conn())
            .await
            .map_err(failed("hold a slot"))?;
            let Some(found) = found else {
                return Ok(None);
            };
            tried = found.at;
            if let Some(claim_id) = found.claim_id {
                let index = usize::try_from(found.at - 1).unwrap_or_default();
                let resource = claim.choices.get(index).copied();
                let resource = resource.ok_or_else(|| corrupt("a choice", "no such choice"))?;
                let won = Won {
                    claim_id,
                    slot: claim.slot,
                };
                return Ok(Some((resource, won)));
            }
        }
    }

    /// Takes back a claim just won, because the appointment could not be saved.
    pub(crate) async fn give_up(&mut self, won: Won) -> Result<(), StoreError> {
        self.drop_claim(won.claim_id).await
    }

    pub(crate) async fn drop_claim(&mut self, claim_id: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM live_claims WHERE company_id = $1 AND claim_id = $2",
            self.company.get(),
            claim_id
        )
        .execute(self.conn())
        .await
        .map(drop)
        .map_err(failed("give up a slot"))
    }
}
