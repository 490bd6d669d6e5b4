//! Cal.com has chosen a person: the claim goes there, changing places with another if need be.
//!
//! What stands in the way is read, locked in the order of the resources, and must still be there:
//! so two assignments that cross cannot deadlock, and the one that comes second finds itself where
//! the first has put it.

use booking_domain::availability::Resource;
use booking_domain::ids::{AppointmentId, StaffId};
use booking_domain::ports::StoreError;
use booking_domain::time::TimeRange;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::error::failed;
use crate::rows::{resource_columns, to_db};
use crate::unit_of_work::PgUnitOfWork;

const ASSIGN: &str = "assign a person";
/// How often an assignment starts over because somebody moved a claim meanwhile.
const MOST_MOVES: usize = 16;

/// Kind, id and unit.
type Place = (i16, i64, i32);

struct Claim {
    claim_id: i64,
    resource_kind: i16,
    resource_id: i64,
    unit: i32,
    family: Uuid,
    slot_starts_at: DateTime<Utc>,
    slot_ends_at: DateTime<Utc>,
    taken_from: DateTime<Utc>,
    taken_until: DateTime<Utc>,
    pinned: bool,
    /// Whether its appointment's service is performed by whoever has our claim now.
    may_take_ours: bool,
}

impl Claim {
    const fn place(&self) -> Place {
        (self.resource_kind, self.resource_id, self.unit)
    }
}

impl PgUnitOfWork {
    /// Puts the claim for the slot on this person; `false`, and nothing changed, when their time is
    /// taken by somebody who cannot change places.
    pub(crate) async fn move_claim(
        &mut self,
        family: AppointmentId,
        slot: TimeRange,
        staff: StaffId,
    ) -> Result<bool, StoreError> {
        let wanted = resource_columns(Resource::Staff(staff));
        for _ in 0..MOST_MOVES {
            let (ours, blockers) = self.involved(family, slot, staff).await?;
            let Some(ours) = ours else {
                // Taken over from Cal.com without a claim, since the time was another's: it has
                // nothing to put anywhere.
                return Ok(false);
            };
            if ours.place() == wanted {
                return Ok(true);
            }
            if !self.lock(&ours, &blockers).await? {
                continue;
            }
            match blockers.as_slice() {
                [] => {
                    if self.write_moved(&ours, wanted).await? {
                        self.drop_claim(ours.claim_id).await?;
                        return Ok(true);
                    }
                    // Somebody has just taken the person's time: see who.
                }
                [other] if !other.pinned && other.may_take_ours => {
                    return self.swap(&ours, other).await;
                }
                _ => return Ok(false),
            }
        }
        Err(StoreError::Changed)
    }

    /// Our claim for the slot, and the claims of others that stand in its way on this person.
    async fn involved(
        &mut self,
        family: AppointmentId,
        slot: TimeRange,
        staff: StaffId,
    ) -> Result<(Option<Claim>, Vec<Claim>), StoreError> {
        let claims = sqlx::query_as!(
            Claim,
            r#"
            WITH ours AS (
                SELECT * FROM live_claims
                WHERE company_id = $1 AND family = $2
                  AND slot_starts_at = $3 AND slot_ends_at = $4
            )
            SELECT c.claim_id, c.resource_kind, c.resource_id, c.unit, c.family, c.slot_starts_at,
                   c.slot_ends_at, c.taken_from, c.taken_until, c.pinned,
                   EXISTS (
                       SELECT FROM appointments a
                       JOIN service_staff s ON s.company_id = a.company_id
                                           AND s.service_id = a.service_id
                       WHERE a.company_id = $1 AND a.id = c.family
                         AND o.resource_kind = 1 AND s.staff_id = o.resource_id
                   ) AS "may_take_ours!"
            FROM ours o
            JOIN live_claims c ON c.company_id = $1 AND (
                c.claim_id = o.claim_id
                OR (c.resource_kind = 1 AND c.resource_id = $5 AND c.family <> $2
                    AND c.taken_until > o.taken_from AND c.taken_from < o.taken_until))"#,
            self.company.get(),
            family.get(),
            to_db(slot.start()),
            to_db(slot.end()),
            staff.get(),
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed(ASSIGN))?;
        let (mut ours, others): (Vec<_>, Vec<_>) = claims
            .into_iter()
            .partition(|claim| claim.family == family.get());
        Ok((ours.pop(), others))
    }

    /// Locks these claims in the one order; `false` if any of them is gone.
    async fn lock(&mut self, ours: &Claim, others: &[Claim]) -> Result<bool, StoreError> {
        let mut ids: Vec<i64> = others.iter().map(|claim| claim.claim_id).collect();
        ids.push(ours.claim_id);
        let locked = sqlx::query_scalar!(
            "SELECT claim_id FROM live_claims
             WHERE company_id = $1 AND claim_id = ANY ($2)
             ORDER BY resource_kind, resource_id, unit, family, claim_id
             FOR UPDATE",
            self.company.get(),
            &ids
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed(ASSIGN))?;
        Ok(locked.len() == ids.len())
    }

    /// The two change places, if the other one fits where we were.
    async fn swap(&mut self, ours: &Claim, other: &Claim) -> Result<bool, StoreError> {
        self.run("SAVEPOINT swap").await.map_err(failed(ASSIGN))?;
        self.drop_claim(ours.claim_id).await?;
        let both =
            self.put(other, ours.place()).await? && self.write_moved(ours, other.place()).await?;
        let end = if both {
            "RELEASE SAVEPOINT swap"
        } else {
            "ROLLBACK TO SAVEPOINT swap"
        };
        self.run(end).await.map_err(failed(ASSIGN))?;
        Ok(both)
    }

    /// Puts another's claim elsewhere; `false` if that is taken, which leaves the transaction to be
    /// rolled back to its savepoint. The row stays the same: whoever gives it up meanwhile waits for
    /// us and finds it, where a new row would be invisible to them.
    async fn put(&mut self, claim: &Claim, place: Place) -> Result<bool, StoreError> {
        let (kind, id, unit) = place;
        let put = sqlx::query!(
            "UPDATE live_claims SET resource_kind = $3, resource_id = $4, unit = $5
             WHERE company_id = $1 AND claim_id = $2",
            self.company.get(),
            claim.claim_id,
            kind,
            id,
            unit,
        )
        .execute(self.conn())
        .await;
        match put {
            Ok(done) => Ok(done.rows_affected() == 1),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("23P01") => {
                Ok(false)
            }
            Err(error) => Err(failed(ASSIGN)(error)),
        }
    }

    /// Writes the claim once more, in another place; `false` if that is taken.
    async fn write_moved(&mut self, claim: &Claim, place: Place) -> Result<bool, StoreError> {
        let (kind, id, unit) = place;
        sqlx::query!(
            "INSERT INTO live_claims (company_id, resource_kind, resource_id, unit, family,
                                      slot_starts_at, slot_ends_at, taken_from, taken_until, pinned)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT ON CONSTRAINT live_claims_no_overlap DO NOTHING",
            self.company.get(),
            kind,
            id,
            unit,
            claim.family,
            claim.slot_starts_at,
            claim.slot_ends_at,
            claim.taken_from,
            claim.taken_until,
            claim.pinned,
        )
        .execute(self.conn())
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(failed(ASSIGN))
    }
}
