//! Who works when at the calendar, and who is free.

use booking_domain::appointment::RemoteBooking;
use booking_domain::ids::{BookingUid, CompanyId, EventTypeId, HostId};
use booking_domain::ports::{CalendarError, SlotQuery};
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::MASSAGE_EVENT;

/// When slots begin, UTC: Monday's opening hours of the consultation.
const HOURS: [i64; 9] = [6, 7, 8, 9, 11, 12, 13, 14, 15];

pub(crate) fn free_slots(query: &SlotQuery, bookings: &[RemoteBooking]) -> Vec<TimeRange> {
    let days = query.window.utc_days().iter();
    let all = days.flat_map(|day| HOURS.map(|hour| day.start_utc() + Span::hours(hour)));
    let slots = all.map(|start| TimeRange::lasting(start, query.duration_minutes));
    slots
        .filter(|slot| query.window.contains(slot))
        .filter(|slot| {
            let mut hosts = hosts(query.event_type).into_iter();
            hosts.any(|host| is_free(bookings, host, slot, None))
        })
        .collect()
}

pub(crate) fn company(account: &CalcomAccount) -> CompanyId {
    account
        .api_key
        .trim_start_matches("cal_test_")
        .parse()
        .unwrap()
}

/// Whom Cal.com asks first: Ben, where we would take Anna.
pub(crate) fn hosts(event_type: EventTypeId) -> Vec<HostId> {
    let numbers: &[i64] = if event_type == MASSAGE_EVENT {
        &[601]
    } else {
        &[502, 501]
    };
    numbers.iter().copied().map(HostId::new).collect()
}

pub(crate) fn is_free(
    bookings: &[RemoteBooking],
    host: HostId,
    range: &TimeRange,
    besides: Option<&BookingUid>,
) -> bool {
    !bookings.iter().any(|booking| {
        booking.is_live()
            && booking.host == Some(host)
            && besides != Some(&booking.uid)
            && booking.range.overlaps(range)
    })
}

pub(crate) fn live(
    bookings: &[RemoteBooking],
    name: &BookingUid,
) -> Result<RemoteBooking, CalendarError> {
    let mut found = bookings.iter().filter(|it| it.uid == *name && it.is_live());
    found
        .next()
        .cloned()
        .ok_or(CalendarError::Refused(Refusal::Gone))
}
