//! How far a change reaches: which times to forget.

use booking_domain::appointment::Appointment;
use booking_domain::availability::{group_reach, predictive_window};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Span, TimeRange};

/// How far a change of an appointment of this service's group reaches on either side.
pub(crate) fn reach(setup: &CompanySetup, service: &Service) -> Span {
    group_reach(setup.group(service.group))
}

/// The ranges widened by [`reach`].
pub(crate) fn widened(
    setup: &CompanySetup,
    service: &Service,
    affected: &[TimeRange],
) -> Vec<TimeRange> {
    let window = |range| predictive_window(setup.group(service.group), range);
    affected.iter().map(window).collect()
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
