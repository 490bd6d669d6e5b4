//! What can be said against a wish before anything is taken.

use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::Instant;

use super::{BookAppointment, BookError};

pub(super) fn check_wish(
    setup: &CompanySetup,
    service: &Service,
    command: &BookAppointment,
    now: Instant,
) -> Result<(), BookError> {
    let branch_fits = command.branch.is_none_or(|wanted| {
        setup.branches.iter().any(|branch| branch.id == wanted)
            && service.branch.is_none_or(|offered| offered == wanted)
    });
    if !branch_fits {
        return Err(BookError::BranchNotFound);
    }
    if command
        .staff
        .is_some_and(|person| !service.staff.contains(&person))
    {
        return Err(BookError::StaffNotFound);
    }
    if command.customer.email.is_none() && command.customer.phone.is_none() {
        return Err(BookError::CustomerUnreachable);
    }
    if let Some(field) = command.customer.lacks(&service.requires) {
        return Err(BookError::ContactMissing(field));
    }
    if command.start <= now {
        return Err(BookError::SlotInPast);
    }
    let range = service.range_from(command.start);
    if !service
        .opening_hours
        .covers(&range, setup.company.time_zone)
    {
        return Err(BookError::OutsideOpeningHours);
    }
    Ok(())
}
