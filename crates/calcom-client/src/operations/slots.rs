//! Free slots.

use std::collections::BTreeMap;

use booking_domain::ports::{CalendarError, SlotQuery};
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Instant, Span, TimeRange};
use serde::Deserialize;

use crate::body::Envelope;
use crate::call::{Call, Operation};
use crate::client::CalcomClient;
use crate::verdict::Problem;

const UNREADABLE: &str = "a list of slots";

#[derive(Deserialize)]
struct Slot {
    start: Instant,
    end: Option<Instant>,
}

impl CalcomClient {
    /// The slots that lie wholly inside the window, whatever Cal.com says, in order, none twice.
    pub(crate) async fn free_slots(
        &self,
        account: &CalcomAccount,
        query: &SlotQuery,
    ) -> Result<Vec<TimeRange>, CalendarError> {
        let mut call = Call::new(Operation::Slots);
        call.query = vec![
            ("eventTypeId", query.event_type.to_string()),
            ("start", query.window.start().to_string()),
            ("end", last_moment(&query.window).to_string()),
            ("timeZone", "UTC".to_owned()),
            ("duration", query.duration_minutes.to_string()),
            ("format", "range".to_owned()),
        ];
        call.priority = query.priority;
        self.ask(account, &call, |body| read(body, query)).await
    }
}

/// Cal.com stretches an end at midnight by a whole day.
fn last_moment(window: &TimeRange) -> Instant {
    if window.end().utc_time_of_day() == Span::ZERO {
        window.end() - Span::seconds(1)
    } else {
        window.end()
    }
}

fn read(body: &[u8], query: &SlotQuery) -> Result<Vec<TimeRange>, Problem> {
    type Days = BTreeMap<String, Vec<Slot>>;
    let (days, _) = Envelope::<Days>::read(body, UNREADABLE)?;
    let mut slots = Vec::new();
    for slot in days.into_values().flatten() {
        let range = match slot.end {
            Some(end) => {
                let range = TimeRange::new(slot.start, end);
                range.map_err(|_| Problem::Unreadable(UNREADABLE))?
            }
            None => TimeRange::lasting(slot.start, query.duration_minutes),
        };
        if query.window.contains(&range) {
            slots.push(range);
        }
    }
    slots.sort_unstable();
    slots.dedup();
    Ok(slots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::budget::Priority;
    use booking_domain::ids::EventTypeId;

    fn query() -> SlotQuery {
        let window = TimeRange::new(
            "2030-03-12T00:00:00Z".parse().unwrap(),
            "2030-03-14T00:00:00Z".parse().unwrap(),
        );
        SlotQuery {
            event_type: EventTypeId::new(77),
            window: window.unwrap(),
            duration_minutes: 30,
            priority: Priority::Read,
        }
    }

    /// Turns red when the window, the order or the duplicates are left to Cal.com.
    #[test]
    fn slots_are_filtered_sorted_and_unique() {
        let body = br#"{"data":{
            "2030-03-13":[{"start":"2030-03-13T09:00:00.000Z","end":"2030-03-13T09:30:00.000Z","seatsTotal":3}],
            "2030-03-12":[
                {"start":"2030-03-12T10:00:00.000-05:00","end":"2030-03-12T10:30:00.000-05:00"},
                {"start":"2030-03-12T00:00:00.000Z","end":"2030-03-12T00:30:00.000Z"},
                {"start":"2030-03-12T15:00:00.000Z","end":"2030-03-12T15:30:00.000Z"},
                {"start":"2030-03-11T23:45:00.000Z","end":"2030-03-12T00:15:00.000Z"},
                {"start":"2030-03-13T23:45:00.000Z"}],
            "2030-03-19":[{"start":"2030-03-19T09:00:00.000Z","end":"2030-03-19T09:30:00.000Z"}]
        },"status":"success","message":"new"}"#;
        let slots = read(body, &query()).unwrap();
        let starts: Vec<_> = slots.iter().map(|slot| slot.start().to_string()).collect();
        assert_eq!(
            starts,
            [
                "2030-03-12T00:00:00Z",
                "2030-03-12T15:00:00Z",
                "2030-03-13T09:00:00Z"
            ]
        );
    }

    /// Turns red when an unreadable answer becomes "nothing free".
    #[test]
    fn nothing_free_is_not_the_same_as_unreadable() {
        let nothing = read(br#"{"status":"success","data":{}}"#, &query());
        assert!(nothing.unwrap().is_empty());
        for bad in [
            &br#"{"status":"success","data":[]}"#[..],
            br#"{"status":"success","data":{"2030-03-12":[{"time":"2030-03-12T15:00:00Z"}]}}"#,
            br#"{"status":"success","data":{"2030-03-12":["2030-03-12T15:00:00Z"]}}"#,
            br#"{"status":"success","data":{"2030-03-12":[{"start":"2030-03-12T15:00:00Z","end":"2030-03-12T15:00:00Z"}]}}"#,
            br#"{"status":"success","data":{"2030-03-12":[{"start":"tomorrow"}]}}"#,
            br#"{"status":"error","data":{}}"#,
            br#"{"data":{}}"#,
        ] {
            assert!(read(bad, &query()).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn an_end_at_midnight_is_not_stretched() {
        assert_eq!(
            last_moment(&query().window).to_string(),
            "2030-03-13T23:59:59Z"
        );
        let noon = TimeRange::lasting("2030-03-12T11:00:00Z".parse().unwrap(), 60);
        assert_eq!(last_moment(&noon), noon.end());
    }
}
