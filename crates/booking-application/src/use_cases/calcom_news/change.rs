//! What news does to the appointment it is about, as far as the payload alone can tell.

use booking_domain::appointment::{Applied, Appointment, Cancellation, Refused, RemoteBooking};
use booking_domain::ids::StaffId;
use booking_domain::origin::SyncOrigin;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Instant;

use super::names::Name;
use super::{CalcomNews, NewsKind};

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Upshot {
    /// The appointment is another now.
    Changed,
    /// Nothing new.
    Nothing,
    /// Only Cal.com can say what stands there now.
    Ask(&'static str),
}

pub(super) fn change(
    appointment: &mut Appointment,
    name: Name,
    (news, booking): (&CalcomNews, &RemoteBooking),
    setup: &CompanySetup,
    now: Instant,
) -> Upshot {
    if name == Name::Former || (news.kind.is_made() && is_older_link(appointment, name, booking)) {
        return Upshot::Nothing;
    }
    if name == Name::Unplaced
        || (name == Name::Ours && !appointment.is_newer_news(booking.changed_at))
    {
        return Upshot::Ask("its booking is not the one that the appointment bears");
    }
    if !news.kind.is_made() && matches!(name, Name::Next | Name::Ours) {
        return Upshot::Ask("it is about a move that is not known here");
    }
    match apply(appointment, name, (news, booking), setup, now) {
        Ok(Applied::Applied) => Upshot::Changed,
        Ok(Applied::AlreadyApplied) => Upshot::Nothing,
        Err(refused) => {
            tracing::warn!(appointment = %appointment.id(), %refused, "news from Cal.com does not fit");
            let is_another = matches!(name, Name::First | Name::Next | Name::Ours);
            if is_another && booking.is_live() {
                Upshot::Ask("it lives, and the appointment has ended")
            } else {
                Upshot::Nothing
            }
        }
    }
}

/// Whether it is one of a chain of moves whose end we know.
fn is_older_link(appointment: &Appointment, name: Name, booking: &RemoteBooking) -> bool {
    matches!(name, Name::Ours | Name::Unplaced)
        && booking.rescheduled_from.is_some()
        && appointment.is_old_news(booking.changed_at)
}

fn apply(
    appointment: &mut Appointment,
    name: Name,
    (news, booking): (&CalcomNews, &RemoteBooking),
    setup: &CompanySetup,
    now: Instant,
) -> Result<Applied, Refused> {
    let staff = staff_of(setup, booking);
    match news.kind {
        NewsKind::Rescheduled => appointment.moved(booking, staff, now),
        NewsKind::Created | NewsKind::Requested | NewsKind::Paid if name == Name::Current => {
            appointment.confirm(booking, staff, now)
        }
        NewsKind::Created | NewsKind::Requested | NewsKind::Paid => {
            if booking.rescheduled_from.is_some() {
                appointment.moved(booking, staff, now)
            } else {
                appointment.confirm(booking, staff, now)
            }
        }
        NewsKind::Cancelled => appointment.called_off(cancellation(news, now), now),
        NewsKind::Rejected => appointment.reject("rejected", SyncOrigin::Calcom, now),
        NewsKind::NoShow => appointment.no_show(now),
        NewsKind::Reassigned => appointment.reassigned(booking, staff, now),
        NewsKind::HostAway => Ok(Applied::AlreadyApplied),
    }
}

pub(crate) fn staff_of(setup: &CompanySetup, booking: &RemoteBooking) -> Option<StaffId> {
    setup
        .staff_of_host(booking.host, booking.host_email.as_deref())
        .map(|person| person.id)
}

pub(super) fn cancellation(news: &CalcomNews, now: Instant) -> Cancellation {
    Cancellation {
        at: now,
        origin: SyncOrigin::Calcom,
        by: news
            .cancelled_by
            .clone()
            .unwrap_or_else(|| SyncOrigin::Calcom.to_string()),
        reason: news.reason.clone(),
    }
}
