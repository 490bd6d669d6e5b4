//! What Cal.com, asked, says of an appointment, carried over to it.

use booking_domain::appointment::{
    Applied, Appointment, Cancellation, Refused, RemoteBooking, RemoteStatus, State,
};
use booking_domain::origin::SyncOrigin;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Instant;

use super::chain::Chain;
use super::change::staff_of;

/// Gives the appointment the name and the time of what stands at Cal.com, or was the last to stand.
/// What it lived through besides is told by the news that waited.
pub(super) fn catch_up(
    appointment: &mut Appointment,
    chain: &Chain,
    setup: &CompanySetup,
    now: Instant,
) -> Result<Applied, Refused> {
    let last = chain.last();
    let staff = staff_of(setup, last);
    let is_of_the_chain = appointment.uid().is_some_and(|uid| chain.has(uid));
    match appointment.state() {
        _ if appointment.uid() == Some(&last.uid) => Ok(Applied::AlreadyApplied),
        // Somebody has moved what our call has made, before it has answered.
        State::Pending { .. } if last.is_live() && last.rescheduled_from.is_some() => {
            appointment.moved(last, staff, now)
        }
        // The saga that makes it may have given it up.
        State::Pending { .. } if last.is_live() => appointment.confirm(last, staff, now),
        State::Pending { .. } => Ok(Applied::AlreadyApplied),
        State::Cancelled { .. } | State::Completed(_) | State::NoShow(_) if last.is_live() => {
            appointment.revived(last, staff, now).or_else(|_| {
                Ok(appointment.flag_for_review(
                    "duplicate_at_calcom",
                    "Cal.com holds a booking of this appointment, which has ended here",
                    now,
                ))
            })
        }
        State::Cancelled { .. } | State::Completed(_) | State::NoShow(_) => {
            Ok(Applied::AlreadyApplied)
        }
        State::Scheduled(_)
        | State::Confirmed(_)
        | State::Rescheduling { .. }
        | State::Cancelling { .. }
            if is_of_the_chain =>
        {
            appointment.moved(&as_if_it_stood(last), staff, now)
        }
        _ if last.is_live() => Ok(appointment.flag_for_review(
            "duplicate_at_calcom",
            "Cal.com holds a booking of this appointment under a name that it does not bear",
            now,
        )),
        _ => Ok(Applied::AlreadyApplied),
    }
}

/// Whether it stands, with whom and when, as Cal.com says of the booking that the appointment is.
pub(super) fn agree(
    appointment: &mut Appointment,
    last: &RemoteBooking,
    setup: &CompanySetup,
    now: Instant,
) -> Result<Applied, Refused> {
    if appointment.uid() != Some(&last.uid) || appointment.is_old_news(last.changed_at) {
        return Ok(Applied::AlreadyApplied);
    }
    let staff = staff_of(setup, last);
    match last.status {
        RemoteStatus::Cancelled => appointment.cancelled(by_calcom(now), now),
        RemoteStatus::Rejected => appointment.reject("rejected", SyncOrigin::Calcom, now),
        RemoteStatus::Accepted | RemoteStatus::Pending => match appointment.state() {
            State::Scheduled(_) | State::Confirmed(_) if appointment.range() != last.range => {
                appointment.moved(last, staff, now)
            }
            State::Scheduled(_) if last.status == RemoteStatus::Accepted => {
                appointment.confirm(last, staff, now)
            }
            State::Scheduled(_) | State::Confirmed(_) => appointment.reassigned(last, staff, now),
            _ => Ok(Applied::AlreadyApplied),
        },
    }
}

fn as_if_it_stood(last: &RemoteBooking) -> RemoteBooking {
    let status = match last.status {
        RemoteStatus::Pending => RemoteStatus::Pending,
        _ => RemoteStatus::Accepted,
    };
    RemoteBooking {
        status,
        ..last.clone()
    }
}

fn by_calcom(now: Instant) -> Cancellation {
    Cancellation {
        at: now,
        origin: SyncOrigin::Calcom,
        by: SyncOrigin::Calcom.to_string(),
        reason: None,
    }
}
