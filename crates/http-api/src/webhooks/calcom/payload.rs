//! From Cal.com's words to ours. Tolerant: what is unknown is skipped, what is missing is missing.

use booking_application::{CalcomNews, NewsKind};
use booking_domain::appointment::{RemoteBooking, RemoteStatus};
use booking_domain::ids::{BookingUid, EventTypeId, HostId};
use booking_domain::ports::OUR_APPOINTMENT;
use booking_domain::time::{Instant, TimeRange};
use serde_json::Value;

use super::attendee;

/// A delivery, understood as far as it goes.
#[derive(Debug)]
pub(super) struct Told {
    /// The trigger in Cal.com's present spelling: `BOOKING_CREATED`, never `BOOKING.CREATED`.
    pub(super) trigger: String,
    /// What kind of news; `None` for triggers that are nothing to us.
    pub(super) kind: Option<NewsKind>,
    /// When it was sent.
    pub(super) created_at: Option<Instant>,
    payload: Value,
}

impl Told {
    /// Reads the envelope; `None` when the body is no JSON.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut envelope: Value = serde_json::from_slice(body).ok()?;
        let trigger = envelope["triggerEvent"].as_str().unwrap_or_default();
        let trigger: String = trigger.replace('.', "_").chars().take(64).collect();
        let payload = envelope
            .get_mut("payload")
            .map(Value::take)
            .unwrap_or_default();
        let time = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
        Some(Self {
            kind: kind_of(&trigger),
            created_at: time(&envelope["createdAt"])
                .or_else(|| time(&payload["updatedAt"]))
                .or_else(|| time(&payload["createdAt"])),
            trigger,
            payload,
        })
    }

    /// The trigger for a metric: one of the known ones, else `other`.
    pub(super) fn label(&self) -> &'static str {
        match (self.kind, self.trigger.as_str()) {
            (Some(NewsKind::Created), _) => "BOOKING_CREATED",
            (Some(NewsKind::Requested), _) => "BOOKING_REQUESTED",
            (Some(NewsKind::Rescheduled), _) => "BOOKING_RESCHEDULED",
            (Some(NewsKind::Cancelled), _) => "BOOKING_CANCELLED",
            (Some(NewsKind::Rejected), _) => "BOOKING_REJECTED",
            (Some(NewsKind::NoShow), _) => "BOOKING_NO_SHOW_UPDATED",
            (None, "PING") => "PING",
            (None, _) => "other",
        }
    }

    /// The booking it is about. No-show news call the uid by another name.
    pub(super) fn uid(&self) -> Option<BookingUid> {
        uid(&self.payload["uid"]).or_else(|| uid(&self.payload["bookingUid"]))
    }

    /// The event type it is about.
    pub(super) fn event_type(&self) -> Option<EventTypeId> {
        number(&self.payload["eventTypeId"]).map(EventTypeId::new)
    }

    /// The news; `None` when there is nothing in it for us.
    pub(super) fn news(&self, now: Instant) -> Option<CalcomNews> {
        let kind = self.kind?;
        if kind == NewsKind::NoShow && !self.somebody_is_absent() {
            return None;
        }
        let payload = &self.payload;
        let why = ["cancellationReason", "rejectionReason"];
        Some(CalcomNews {
            kind,
            booking: self.booking(kind, now),
            attendee: attendee::contact(payload),
            time_zone: attendee::zone(payload),
            cancelled_by: attendee::canceller(payload),
            reason: why
                .iter()
                .find_map(|name| attendee::prose(payload[name].as_str()?)),
        })
    }

    fn somebody_is_absent(&self) -> bool {
        let attendees = self.payload["attendees"].as_array();
        attendees.is_some_and(|all| all.iter().any(|it| it["noShow"] == true))
    }

    /// `None` when it names no booking, or only one person's seat of one: whose appointment that is
    /// cannot be told from the uid, so a person must look.
    fn booking(&self, kind: NewsKind, now: Instant) -> Option<RemoteBooking> {
        let payload = &self.payload;
        if kind == NewsKind::Cancelled && payload["attendeeSeatId"].is_string() {
            return None;
        }
        let makes = matches!(
            kind,
            NewsKind::Created | NewsKind::Requested | NewsKind::Rescheduled
        );
        let range = match self.range() {
            Some(range) => range,
            None if makes => return None,
            // News that ends a booking need not say when it was to be.
            None => TimeRange::lasting(now, 1),
        };
        let host = &payload["organizer"];
        Some(RemoteBooking {
            uid: self.uid()?,
            status: status(&payload["status"], kind),
            range,
            event_type: self.event_type(),
            host: number(&host["id"]).map(HostId::new),
            host_email: host["email"].as_str().map(str::to_owned),
            ours: payload["metadata"][OUR_APPOINTMENT]
                .as_str()
                .and_then(|id| id.parse().ok()),
            rescheduled_from: uid(&payload["rescheduleUid"]),
            rescheduled_to: None,
            changed_at: self.created_at,
        })
    }

    fn range(&self) -> Option<TimeRange> {
        let time = |name| self.payload[name].as_str()?.parse::<Instant>().ok();
        let start = time("startTime")?;
        match (time("endTime"), number(&self.payload["length"])) {
            (Some(end), _) => TimeRange::new(start, end).ok(),
            (None, Some(minutes)) => Some(TimeRange::lasting(start, u32::try_from(minutes).ok()?)),
            (None, None) => None,
        }
    }
}

fn kind_of(trigger: &str) -> Option<NewsKind> {
    Some(match trigger {
        "BOOKING_CREATED" => NewsKind::Created,
        "BOOKING_REQUESTED" => NewsKind::Requested,
        "BOOKING_RESCHEDULED" | "BOOKING_UPDATED" => NewsKind::Rescheduled,
        "BOOKING_CANCELLED" => NewsKind::Cancelled,
        "BOOKING_REJECTED" => NewsKind::Rejected,
        "BOOKING_NO_SHOW_UPDATED" => NewsKind::NoShow,
        _ => return None,
    })
}

fn status(value: &Value, kind: NewsKind) -> RemoteStatus {
    let text = value.as_str().unwrap_or_default();
    match text.to_ascii_uppercase().as_str() {
        "ACCEPTED" => RemoteStatus::Accepted,
        "PENDING" => RemoteStatus::Pending,
        "CANCELLED" => RemoteStatus::Cancelled,
        "REJECTED" => RemoteStatus::Rejected,
        _ => match kind {
            NewsKind::Requested => RemoteStatus::Pending,
            NewsKind::Cancelled => RemoteStatus::Cancelled,
            NewsKind::Rejected => RemoteStatus::Rejected,
            NewsKind::Created | NewsKind::Rescheduled | NewsKind::NoShow => RemoteStatus::Accepted,
        },
    }
}

fn uid(value: &Value) -> Option<BookingUid> {
    BookingUid::parse(value.as_str()?)
}

/// A positive number, also where it is sent as text.
fn number(value: &Value) -> Option<i64> {
    let number = value.as_i64().or_else(|| value.as_str()?.parse().ok())?;
    (number > 0).then_some(number)
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
