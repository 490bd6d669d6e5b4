//! Which appointment the news is about, and what it does to it.

use booking_domain::appointment::{Applied, Appointment, Cancellation, Refused, RemoteBooking};
use booking_domain::ids::{BookingUid, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{StoreError, UnitOfWork};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Instant;

use super::{CalcomNews, NewsKind};

/// Ours by metadata, by name, or by the name it had before.
pub(super) async fn find_ours(
    unit: &mut dyn UnitOfWork,
    booking: &RemoteBooking,
) -> Result<Option<Appointment>, StoreError> {
    if let Some(id) = booking.ours
        && let Some(found) = unit.find(id).await?
    {
        return Ok(Some(found));
    }
    for uid in [Some(&booking.uid), booking.rescheduled_from.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Some(found) = unit.find_by_uid(uid).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

pub(super) fn change(
    appointment: &mut Appointment,
    news: &CalcomNews,
    booking: &RemoteBooking,
    setup: &CompanySetup,
    now: Instant,
) -> Result<Applied, Refused> {
    let staff = staff_of(setup, booking);
    let current: Option<&BookingUid> = appointment.uid();
    let is_current = current.is_none_or(|uid| *uid == booking.uid);
    match news.kind {
        NewsKind::Rescheduled => appointment.moved(booking, staff, now),
        NewsKind::Created | NewsKind::Requested if booking.rescheduled_from.is_some() => {
            appointment.moved(booking, staff, now)
        }
        NewsKind::Created | NewsKind::Requested if is_current => {
            appointment.confirm(booking, staff, now)
        }
        // News about a name that it bears no longer.
        NewsKind::Created | NewsKind::Requested => Ok(Applied::AlreadyApplied),
        NewsKind::Cancelled if is_current => appointment.cancelled(cancellation(news, now), now),
        NewsKind::Rejected if is_current => appointment.reject("rejected", SyncOrigin::Calcom, now),
        NewsKind::Cancelled | NewsKind::Rejected => Ok(Applied::AlreadyApplied),
        NewsKind::NoShow => appointment.no_show(now),
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
