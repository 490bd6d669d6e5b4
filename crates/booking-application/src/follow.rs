//! Saving what Cal.com has changed: a time that is not taken yet is claimed first, and the claim
//! follows the person that Cal.com chose. What Cal.com did is real, so nothing here refuses it:
//! where it clashes with another appointment of ours, a person is asked to look.

use booking_domain::appointment::Appointment;
use booking_domain::availability::{Resource, claim_choices};
use booking_domain::ids::StaffId;
use booking_domain::ports::{ClaimRequest, HoldOutcome, StoreError, UnitOfWork};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Span, TimeRange};

use crate::Application;
use crate::availability::reach;
use crate::trace;

impl Application {
    /// Saves `after`; `before` is what stands in the store, if anything does.
    pub(crate) async fn save_following(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        before: Option<&Appointment>,
        after: &mut Appointment,
    ) -> Result<(), StoreError> {
        if after.pending_events().is_empty() {
            return Ok(());
        }
        self.write_following(unit, setup, before, after).await?;
        self.open_shown_review(unit, before, after).await?;
        self.ensure_cancelled(unit, after).await
    }

    async fn write_following(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        before: Option<&Appointment>,
        after: &mut Appointment,
    ) -> Result<(), StoreError> {
        after.traced(trace::current());
        let Some(service) = setup.service(after.booking().service) else {
            return unit.save(after, Span::ZERO).await;
        };
        let reach = reach(setup, service);
        let staff = chosen_by_calcom(service, after);
        let claimed = before.map(Appointment::live_ranges).unwrap_or_default();
        let unclaimed = after
            .live_ranges()
            .into_iter()
            .find(|range| !claimed.contains(range));
        let fits = match unclaimed {
            Some(slot) => {
                let claim = claim_of(service, slot, staff);
                unit.hold(after, &claim, reach).await? != HoldOutcome::Taken
            }
            None => {
                unit.save(after, reach).await?;
                follow_host(unit, after, staff).await?
            }
        };
        if !fits {
            let _ = after.flag_for_review(
                "host_conflict",
                "Cal.com gave it a time and a person that another appointment of ours takes",
                self.now(),
            );
            unit.save(after, reach).await?;
        }
        Ok(())
    }
}

/// The person Cal.com chose, if it is one who performs the service here.
fn chosen_by_calcom(service: &Service, appointment: &Appointment) -> Option<StaffId> {
    let chosen = appointment
        .state()
        .placement()
        .and_then(|placement| placement.staff);
    chosen.filter(|person| service.staff.contains(person))
}

/// Puts the claim on the person that Cal.com has chosen; `false` when their time is taken.
async fn follow_host(
    unit: &mut dyn UnitOfWork,
    appointment: &Appointment,
    staff: Option<StaffId>,
) -> Result<bool, StoreError> {
    match (staff, &appointment.live_ranges()[..]) {
        (Some(staff), [slot, ..]) => unit.assign(appointment, *slot, staff).await,
        _ => Ok(true),
    }
}

fn claim_of(service: &Service, slot: TimeRange, staff: Option<StaffId>) -> ClaimRequest {
    let choices = match staff {
        Some(person) => vec![Resource::Staff(person)],
        None => claim_choices(service, None),
    };
    ClaimRequest {
        slot,
        during: service.padded(&slot),
        choices,
        pinned: staff.is_some(),
    }
}
