//! Slots of a service that Cal.com does not know: cut from its opening hours.

use crate::tenant::Service;
use crate::time::{Instant, Span, TimeRange, ZoneName};

/// Back-to-back slots of the service's length within its opening hours, inside `window`, none
/// beginning before `now`. A service without opening hours has none: nobody said when.
pub fn slots_from_hours(
    service: &Service,
    zone: ZoneName,
    window: &TimeRange,
    now: Instant,
) -> Vec<TimeRange> {
    if service.opening_hours.is_unrestricted() {
        return Vec::new();
    }
    let length = Span::minutes(i64::from(service.duration_minutes.max(1)));
    let (first, last) = (zone.local(window.start()).day, zone.local(window.end()).day);
    let mut slots = Vec::new();
    for ahead in 0..=last.days_since(first) {
        for open in service.opening_hours.on(first.plus_days(ahead), zone) {
            let mut start = open.start();
            while start + length <= open.end() {
                let slot = TimeRange::lasting(start, service.duration_minutes);
                if window.contains(&slot) && start >= now {
                    slots.push(slot);
                }
                start = start + length;
            }
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{GroupId, ServiceId};

    #[test]
    fn cut_from_hours_on_a_day_with_25_hours() {
        let service = Service {
            id: ServiceId::new(1),
            branch: None,
            name: "x".into(),
            aliases: vec![],
            duration_minutes: 60,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            event_type: None,
            staff: vec![],
            capacity: 1,
            opening_hours: serde_json::from_str(r#"{"sun":[["00:00","24:00"]]}"#).expect("valid"),
            reminder_minutes: vec![],
            requires: vec![],
            group: GroupId::new(1),
        };
        let zone: ZoneName = "Europe/Berlin".parse().expect("known");
        let day = zone.day_range("2025-10-26".parse().expect("valid"));
        assert_eq!(
            slots_from_hours(&service, zone, &day, day.start()).len(),
            25
        );
        let later = day.start() + Span::minutes(90);
        assert_eq!(slots_from_hours(&service, zone, &day, later).len(), 23);
    }
}
