//! The overlay: what Cal.com lists is reduced by what we ourselves have sold or hold.

use serde::{Deserialize, Serialize};

use crate::ids::{ServiceId, StaffId};
use crate::tenant::Service;
use crate::time::TimeRange;

/// What an appointment takes: a person's time, or one of a service's places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Resource {
    /// A person's time.
    Staff(StaffId),
    /// One place of a service without staff, counting from 1.
    Place(ServiceId, u32),
}

/// A claim that is in force: a hold or a booking of ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LiveClaim {
    /// What is taken.
    pub resource: Resource,
    /// When, buffers included.
    pub during: TimeRange,
}

/// What an appointment of this service may take, best first: the wished person alone, else any of
/// the staff, else any place.
pub fn claim_choices(service: &Service, wanted: Option<StaffId>) -> Vec<Resource> {
    match wanted {
        Some(person) => vec![Resource::Staff(person)],
        None if service.staff.is_empty() => (1..=service.capacity)
            .map(|place| Resource::Place(service.id, place))
            .collect(),
        None => service.staff.iter().copied().map(Resource::Staff).collect(),
    }
}

/// Drops the slots for which every choice is taken: with two hosts a slot goes when both are busy.
///
/// ```
/// # use booking_domain::availability::*;
/// # use booking_domain::{ids::StaffId, time::{Instant, Span, TimeRange}};
/// let nine = TimeRange::lasting("2025-10-13T09:00:00Z".parse()?, 60);
/// let (anna, ben) = (Resource::Staff(StaffId::new(1)), Resource::Staff(StaffId::new(2)));
/// let taken = |resource| LiveClaim { resource, during: nine };
/// let left = |claims: &[LiveClaim]| remove_taken(vec![nine], &[anna, ben], |slot| *slot, claims);
/// assert_eq!(left(&[taken(anna)]), [nine]);
/// assert_eq!(left(&[taken(anna), taken(ben)]), []);
/// # Ok::<(), booking_domain::time::InstantError>(())
/// ```
pub fn remove_taken(
    slots: Vec<TimeRange>,
    choices: &[Resource],
    padded: impl Fn(&TimeRange) -> TimeRange,
    claims: &[LiveClaim],
) -> Vec<TimeRange> {
    let busy = |choice: &Resource, needed: &TimeRange| {
        claims
            .iter()
            .any(|claim| claim.resource == *choice && claim.during.overlaps(needed))
    };
    let is_free = |slot: &TimeRange| {
        let needed = padded(slot);
        choices.iter().any(|choice| !busy(choice, &needed))
    };
    slots.into_iter().filter(is_free).collect()
}
