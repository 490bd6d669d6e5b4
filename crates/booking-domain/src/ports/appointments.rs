//! Writing appointments and what they take.

use async_trait::async_trait;

use super::StoreError;
use crate::appointment::Appointment;
use crate::availability::{LiveClaim, Resource};
use crate::contact::Contact;
use crate::ids::{AppointmentId, BookingUid, CustomerId, StaffId};
use crate::person::Evidence;
use crate::time::{Span, TimeRange};

/// What a hold wants to take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimRequest {
    /// The time of the appointment itself: names the claim among those of its family.
    pub slot: TimeRange,
    /// The time its resource is taken for, buffers included.
    pub during: TimeRange,
    /// What would do, best first. Tried in this order.
    pub choices: Vec<Resource>,
    /// Whether the choice is the customer's wish, and must not be swapped for another later.
    pub pinned: bool,
}

impl ClaimRequest {
    /// The claim on `held`, if nothing else would have done: then it will stay there.
    pub fn sole(&self, held: Resource) -> Option<LiveClaim> {
        let during = self.during;
        (self.choices.len() == 1).then_some(LiveClaim {
            resource: held,
            during,
        })
    }
}

/// What a hold came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum HoldOutcome {
    /// The slot is ours.
    Held(Resource),
    /// Every choice is taken; nothing was written.
    Taken,
}

/// Appointments inside a unit of work.
///
/// `hold` and `save` write state, version bumps and outbox rows together: nobody can forget an
/// event, and nobody can publish one without its state. Both check the version the appointment
/// was read at ([`StoreError::Changed`]) and bump the availability versions of the service's group
/// for every UTC day that an event affects, widened by `reach` (`availability::group_reach`), or the
/// all-days row when an event affects more than 62 days.
#[async_trait]
pub trait AppointmentRepository {
    /// The appointment, locked until the unit of work ends; `None` if this company has none such.
    async fn find(&mut self, id: AppointmentId) -> Result<Option<Appointment>, StoreError>;

    /// The appointment that has, or ever had, this name at Cal.com; locked likewise.
    async fn find_by_uid(&mut self, uid: &BookingUid) -> Result<Option<Appointment>, StoreError>;

    /// Takes a resource for the appointment (which may overlap its own other claim) and saves it.
    /// With [`HoldOutcome::Taken`] nothing is written and the unit of work goes on.
    async fn hold(
        &mut self,
        appointment: &mut Appointment,
        claim: &ClaimRequest,
        reach: Span,
    ) -> Result<HoldOutcome, StoreError>;

    /// Saves the appointment, gives up the claims of times it no longer takes
    /// ([`Appointment::live_ranges`]), and remembers a new Cal.com name beside the old ones.
    async fn save(&mut self, appointment: &mut Appointment, reach: Span) -> Result<(), StoreError>;

    /// Files names that Cal.com gave the appointment at some time. A name that another appointment
    /// bears stays with that one.
    async fn file_names(
        &mut self,
        id: AppointmentId,
        names: &[BookingUid],
    ) -> Result<(), StoreError>;

    /// Puts the claim for `slot` on this person: Cal.com has chosen. If another appointment holds
    /// that person's time, but not by its customer's wish, the two change places. `false` when the
    /// person's time is taken for good, or there is no claim for `slot`; the claims then stay
    /// where they were. Both must perform the other's service for a change of places.
    async fn assign(
        &mut self,
        appointment: &Appointment,
        slot: TimeRange,
        staff: StaffId,
    ) -> Result<bool, StoreError>;
}

/// Customers inside a unit of work.
#[async_trait]
pub trait CustomerRepository {
    /// The person of this name with this telephone number, else with this e-mail address, else a
    /// new one: who is who decides [`crate::person::whose_contact`]. What was unknown is filled in,
    /// a short name by a fuller one of the same person, an address by the one that is given now;
    /// nobody becomes somebody else.
    async fn customer_for(
        &mut self,
        contact: &Contact,
        evidence: Evidence,
    ) -> Result<CustomerId, StoreError>;

    /// The contact of a customer of this company.
    async fn contact_of(&mut self, id: CustomerId) -> Result<Option<Contact>, StoreError>;
}
