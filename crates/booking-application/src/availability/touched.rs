//! How far a change reaches: which times to forget.

use booking_domain::appointment::Appointment;
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Span, TimeRange};

/// How far a change of an appointment of this service's group reaches on either side: the longest
/// appointment of the group with its buffers. A slot that begins that much earlier may be gone.
pub(crate) fn reach(setup: &CompanySetup, service: &Service) -> Span {
    let minutes = |service: &Service| {
        service.duration_minutes + service.buffer_before_minutes + service.buffer_after_minutes
    };
    let longest = setup
        .group(service.group)
        .map(minutes)
        .max()
        .unwrap_or_default();
    Span::minutes(i64::from(longest))
}

/// The ranges widened by [`reach`].
pub(crate) fn widened(
    setup: &CompanySetup,
    service: &Service,
    affected: &[TimeRange],
) -> Vec<TimeRange> {
    let reach = reach(setup, service);
    affected
        .iter()
        .map(|range| range.padded(reach, reach))
        .collect()
}

/// The times an appointment took before a change or takes after it.
pub(crate) fn touched(before: Option<&Appointment>, after: &Appointment) -> Vec<TimeRange> {
    let mut ranges: Vec<_> = before
        .into_iter()
        .chain([after])
        .flat_map(|it| it.live_ranges().into_iter().chain([it.range()]))
        .collect();
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}
