//! What is remembered about a booking, including how it came to be what it is.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value};

/// A stretch of time, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

impl Span {
    pub(crate) fn new(start: DateTime<Utc>, minutes: u32) -> Self {
        Self {
            start,
            end: start + TimeDelta::minutes(i64::from(minutes)),
        }
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    pub(crate) fn padded(self, before: u32, after: u32) -> Self {
        Self {
            start: self.start - TimeDelta::minutes(i64::from(before)),
            end: self.end + TimeDelta::minutes(i64::from(after)),
        }
    }

    pub(crate) fn minutes(self) -> i64 {
        (self.end - self.start).num_minutes()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Accepted,
    Pending,
    Cancelled,
    Rejected,
}

impl Status {
    /// As the API writes it; webhooks use upper case.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
        }
    }

    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Accepted | Self::Pending)
    }
}

/// Which door a booking came in by. Only the ledger shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Api,
    Page,
    Outsider,
}

impl Origin {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Page => "page",
            Self::Outsider => "outsider",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attendee {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: Option<String>,
    pub(crate) time_zone: Tz,
    pub(crate) language: String,
    pub(crate) absent: bool,
    /// Seated types only.
    pub(crate) seat_uid: Option<String>,
}

/// One step in a booking's life, for the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) at: DateTime<Utc>,
    pub(crate) event: &'static str,
    pub(crate) detail: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Booking {
    pub(crate) id: u64,
    pub(crate) uid: String,
    /// API key of the account that owns the event type.
    pub(crate) account: String,
    pub(crate) event_type_id: u64,
    pub(crate) host_ids: Vec<u64>,
    pub(crate) status: Status,
    pub(crate) span: Span,
    pub(crate) attendees: Vec<Attendee>,
    pub(crate) guests: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) responses: Map<String, Value>,
    pub(crate) location: String,
    pub(crate) origin: Origin,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
    pub(crate) rescheduled_from: Option<String>,
    pub(crate) rescheduled_to: Option<String>,
    pub(crate) rescheduled_by: Option<String>,
    pub(crate) rescheduling_reason: Option<String>,
    pub(crate) cancelled_by: Option<String>,
    pub(crate) cancellation_reason: Option<String>,
    pub(crate) rejection_reason: Option<String>,
    pub(crate) ics_uid: String,
    pub(crate) ics_sequence: u32,
    pub(crate) absent_host: bool,
    /// When it stopped holding its slot.
    pub(crate) released_at: Option<DateTime<Utc>>,
    pub(crate) history: Vec<Change>,
}

impl Booking {
    /// Writes down a change and the time it happened.
    pub(crate) fn note(&mut self, at: DateTime<Utc>, event: &'static str, detail: Option<String>) {
        self.history.push(Change { at, event, detail });
    }

    pub(crate) fn touch(&mut self, at: DateTime<Utc>, event: &'static str, detail: Option<String>) {
        self.updated_at = Some(at);
        self.note(at, event, detail);
    }

    /// Ends the booking's hold on its slot.
    pub(crate) fn end_as(&mut self, status: Status, at: DateTime<Utc>) {
        self.status = status;
        self.released_at = Some(at);
    }

    pub(crate) fn is_attended_by(&self, attendee: &Attendee) -> bool {
        self.attendees.iter().any(|known| {
            known.email.eq_ignore_ascii_case(&attendee.email)
                || (known.phone.is_some() && known.phone == attendee.phone)
        })
    }

    /// The title people see: what, with whom, for whom.
    pub(crate) fn title(&self, event_title: &str, host: &str) -> String {
        let attendee = self
            .attendees
            .first()
            .map_or("nobody", |attendee| attendee.name.as_str());
        format!("{event_title} between {host} and {attendee}")
    }

    pub(crate) fn video_url(&self) -> Option<&str> {
        self.location
            .starts_with("https://")
            .then_some(self.location.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_only_touch_do_not_overlap() {
        let start = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let first = Span::new(start, 60);
        let next = Span::new(first.end, 60);
        assert!(!first.overlaps(next));
        assert!(first.padded(0, 5).overlaps(next));
        assert_eq!(first.minutes(), 60);
    }
}
