//! Which slots a change of an appointment may take or give back: from durations and buffers alone,
//! before anybody has looked at a calendar.

use crate::tenant::Service;
use crate::time::{Span, TimeRange};

/// How far, before and after an appointment, slots of its group begin that it may take.
///
/// A slot is gone when its time with buffers meets the appointment's with buffers. So the last one to
/// go begins earlier by its own length, by the time kept free after it, and by the time kept free
/// before the appointment; and any two services of the group may meet like this.
pub fn group_reach<'a>(group: impl IntoIterator<Item = &'a Service>) -> Span {
    let (mut before, mut from_start) = (0, 0);
    for service in group {
        let length = i64::from(service.duration_minutes.max(1));
        before = before.max(i64::from(service.buffer_before_minutes));
        from_start = from_start.max(length + i64::from(service.buffer_after_minutes));
    }
    Span::minutes(before + from_start)
}

/// The time in which slots of the group begin or end that a change of `appointment` may take or give
/// back: what has to be forgotten, for every event type of the group. For a move, ask for both sides.
///
/// ```
/// # use booking_domain::availability::predictive_window;
/// # use booking_domain::{ids::{GroupId, ServiceId}, tenant::{OpeningHours, Service}, time::TimeRange};
/// # let service = |duration_minutes, buffer_before_minutes| Service {
/// #     id: ServiceId::new(1), branch: None, name: "x".into(), aliases: vec![], duration_minutes,
/// #     buffer_before_minutes, buffer_after_minutes: 0, event_type: None, staff: vec![],
/// #     capacity: 1, opening_hours: OpeningHours::default(), reminder_minutes: vec![], requires: vec![], group: GroupId::new(1),
/// # };
/// let group = [service(60, 0), service(15, 10)]; // minutes, and minutes kept free before
/// let short = TimeRange::lasting("2025-10-13T09:00:00Z".parse()?, 15);
/// let touched = predictive_window(&group, &short);
/// // From 08:50 on somebody gets ready: nobody can begin an hour after 07:50.
/// assert_eq!(touched.start().to_string(), "2025-10-13T07:50:00Z");
/// # Ok::<(), booking_domain::time::InstantError>(())
/// ```
pub fn predictive_window<'a>(
    group: impl IntoIterator<Item = &'a Service>,
    appointment: &TimeRange,
) -> TimeRange {
    let reach = group_reach(group);
    appointment.padded(reach, reach)
}
