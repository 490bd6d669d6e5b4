//! How an appointment takes a slot: a look for overlaps and a row in `live_claims`, in one
//! transaction. Transactions that write come one after the other, so nobody can slip in between.

use booking_domain::availability::Resource;
use booking_domain::ids::{AppointmentId, CompanyId, ServiceId, StaffId};
use booking_domain::ports::{ClaimRequest, StoreError};
use booking_domain::time::TimeRange;
use rusqlite::{Connection, params};

use crate::error::corrupt;
use crate::statements::{Columns, all, first, run};

const PERSON: i64 = 1;
const PLACE: i64 = 2;

/// Kind, id and unit, as stored.
const fn columns(resource: Resource) -> (i64, i64, u32) {
    match resource {
        Resource::Staff(person) => (PERSON, person.get(), 0),
        Resource::Place(service, unit) => (PLACE, service.get(), unit),
    }
}

/// The resource of a row.
pub(crate) fn resource(row: &Columns<'_>) -> Result<Resource, StoreError> {
    let id = row.get("resource_id")?;
    match row.get("resource_kind")? {
        PERSON => Ok(Resource::Staff(StaffId::new(id))),
        PLACE => Ok(Resource::Place(ServiceId::new(id), row.get("unit")?)),
        other => Err(corrupt(
            "live_claims.resource_kind",
            format!("kind {other}"),
        )),
    }
}

/// A claim, as stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    family: AppointmentId,
    slot: TimeRange,
    resource: Resource,
    during: TimeRange,
    pinned: bool,
}

fn claim(row: &Columns<'_>) -> Result<Claim, StoreError> {
    Ok(Claim {
        family: AppointmentId::new(row.uuid("family")?),
        slot: row.range("slot_starts_at", "slot_ends_at")?,
        resource: resource(row)?,
        during: row.range("taken_from", "taken_until")?,
        pinned: row.get("pinned")?,
    })
}

/// The live claims of one company.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) company: CompanyId,
}

impl Claims<'_> {
    /// Takes the first choice that is free; `None`, and nothing written, when none is.
    pub(crate) fn take(
        self,
        family: AppointmentId,
        wish: &ClaimRequest,
    ) -> Result<Option<Resource>, StoreError> {
        for &choice in &wish.choices {
            let in_the_way = self.in_the_way(choice, wish.during, family)?;
            if in_the_way.is_empty() {
                self.write(&Claim {
                    family,
                    slot: wish.slot,
                    resource: choice,
                    during: wish.during,
                    pinned: wish.pinned,
                })?;
                return Ok(Some(choice));
            }
        }
        Ok(None)
    }

    /// Gives up the family's claims of times that are not among these.
    pub(crate) fn keep_only(
        self,
        family: AppointmentId,
        slots: &[TimeRange],
    ) -> Result<(), StoreError> {
        for held in self.of_family(family)? {
            if !slots.contains(&held.slot) {
                self.drop(&held)?;
            }
        }
        Ok(())
    }

    /// Puts the claim for `slot` on this person, changing places with those who are there if they
    /// may be moved and fit; `false`, and nothing written, if not.
    pub(crate) fn assign(
        self,
        family: AppointmentId,
        slot: TimeRange,
        person: StaffId,
    ) -> Result<bool, StoreError> {
        let held = self.of_family(family)?;
        let Some(ours) = held.into_iter().find(|held| held.slot == slot) else {
            return Ok(false);
        };
        let wanted = Resource::Staff(person);
        if ours.resource == wanted {
            return Ok(true);
        }
        let others = self.in_the_way(wanted, ours.during, family)?;
        for other in &others {
            if other.pinned || !self.fits(other, &ours)? {
                return Ok(false);
            }
        }
        self.put(&ours, wanted)?;
        for other in &others {
            self.put(other, ours.resource)?;
        }
        Ok(true)
    }

    /// Whether the other may go to where we are: its service is performed by that person, and there
    /// is nobody there except us.
    fn fits(self, other: &Claim, ours: &Claim) -> Result<bool, StoreError> {
        let Resource::Staff(person) = ours.resource else {
            return Ok(false);
        };
        let is_us = |claim: &Claim| claim.family == ours.family && claim.slot == ours.slot;
        let there = self.in_the_way(ours.resource, other.during, other.family)?;
        Ok(there.iter().all(is_us) && self.performs(person, other.family)?)
    }

    fn performs(self, person: StaffId, family: AppointmentId) -> Result<bool, StoreError> {
        first(
            self.connection,
            "assign a person",
            "SELECT 1 FROM appointments a
             JOIN service_staff s ON s.company_id = a.company_id AND s.service_id = a.service_id
             WHERE a.company_id = ?1 AND a.id = ?2 AND s.staff_id = ?3",
            params![self.company.get(), family.get().as_bytes(), person.get()],
            |_| Ok(()),
        )
        .map(|found| found.is_some())
    }

    /// The claims of other families on this resource that overlap.
    fn in_the_way(
        self,
        resource: Resource,
        during: TimeRange,
        family: AppointmentId,
    ) -> Result<Vec<Claim>, StoreError> {
        let (kind, id, unit) = columns(resource);
        all(
            self.connection,
            "look for overlaps",
            "SELECT * FROM live_claims
             WHERE company_id = ?1 AND resource_kind = ?2 AND resource_id = ?3 AND unit = ?4
               AND taken_until > ?5 AND taken_from < ?6 AND family <> ?7",
            params![
                self.company.get(),
                kind,
                id,
                unit,
                during.start().unix_micros(),
                during.end().unix_micros(),
                family.get().as_bytes()
            ],
            claim,
        )
    }

    fn of_family(self, family: AppointmentId) -> Result<Vec<Claim>, StoreError> {
        all(
            self.connection,
            "find the appointment's claims",
            "SELECT * FROM live_claims WHERE company_id = ?1 AND family = ?2",
            params![self.company.get(), family.get().as_bytes()],
            claim,
        )
    }

    /// Writes the claim; the one for the same slot of the same family gives way.
    fn write(self, claim: &Claim) -> Result<(), StoreError> {
        let (kind, id, unit) = columns(claim.resource);
        run(
            self.connection,
            "take a slot",
            "INSERT OR REPLACE INTO live_claims (company_id, family, slot_starts_at, slot_ends_at,
                resource_kind, resource_id, unit, taken_from, taken_until, pinned)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                self.company.get(),
                claim.family.get().as_bytes(),
                claim.slot.start().unix_micros(),
                claim.slot.end().unix_micros(),
                kind,
                id,
                unit,
                claim.during.start().unix_micros(),
                claim.during.end().unix_micros(),
                claim.pinned
            ],
        )
        .map(drop)
    }

    fn put(self, claim: &Claim, resource: Resource) -> Result<(), StoreError> {
        self.write(&Claim { resource, ..*claim })
    }

    fn drop(self, claim: &Claim) -> Result<(), StoreError> {
        run(
            self.connection,
            "give up a slot",
            "DELETE FROM live_claims
             WHERE company_id = ?1 AND family = ?2 AND slot_starts_at = ?3 AND slot_ends_at = ?4",
            params![
                self.company.get(),
                claim.family.get().as_bytes(),
                claim.slot.start().unix_micros(),
                claim.slot.end().unix_micros()
            ],
        )
        .map(drop)
    }
}
