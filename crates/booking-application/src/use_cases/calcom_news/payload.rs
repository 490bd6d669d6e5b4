//! From Cal.com's words to ours. Tolerant: what is unknown is skipped, what is missing is missing.

use booking_domain::appointment::{RemoteBooking, RemoteStatus};
use booking_domain::ids::{BookingUid, EventTypeId, HostId};
use booking_domain::ports::OUR_APPOINTMENT;
use booking_domain::time::{Instant, TimeRange};
use serde_json::Value;

use super::{CalcomNews, NewsKind, attendee};

/// A delivery, understood as far as it goes.
#[derive(Debug)]
pub struct Told {
    /// The trigger in Cal.com's present spelling: `BOOKING_CREATED`, never `BOOKING.CREATED`.
    pub trigger: String,
    /// What kind of news; `None` for triggers that are nothing to us.
    pub kind: Option<NewsKind>,
    /// When it was sent.
    pub created_at: Option<Instant>,
    /// When it was sent, by the envelope: what is signed and has no other time.
    pub sent_at: Option<Instant>,
    payload: Value,
}

impl Told {
    /// Reads the envelope; `None` when the body is no JSON.
    pub fn read(body: &[u8]) -> Option<Self> {
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
            sent_at: time(&envelope["createdAt"]),
            created_at: time(&envelope["createdAt"])
                .or_else(|| time(&payload["updatedAt"]))
                .or_else(|| time(&payload["createdAt"])),
            trigger,
            payload,
        })
    }

    /// The trigger for a metric: one of the known ones, else `other`.
    pub fn label(&self) -> &'static str {
        match (self.kind, self.trigger.as_str()) {
            (Some(NewsKind::Created), _) => "BOOKING_CREATED",
            (Some(NewsKind::Requested), _) => "BOOKING_REQUESTED",
            (Some(NewsKind::Rescheduled), _) => "BOOKING_RESCHEDULED",
            (Some(NewsKind::Cancelled), _) => "BOOKING_CANCELLED",
            (Some(NewsKind::Rejected), _) => "BOOKING_REJECTED",
            (Some(NewsKind::NoShow), _) => "BOOKING_NO_SHOW_UPDATED",
            (Some(NewsKind::Paid), _) => "BOOKING_PAID",
            (Some(NewsKind::Reassigned), _) => "BOOKING_REASSIGNED",
            (Some(NewsKind::HostAway), _) => "OOO_CREATED",
            (None, "PING") => "PING",
            (None, _) => "other",
        }
    }

    /// Whether it only asks whether somebody listens.
    pub fn is_ping(&self) -> bool {
        self.trigger == "PING"
    }

    /// The booking it is about. No-show news call the uid by another name.
    pub fn uid(&self) -> Option<BookingUid> {
        uid(&self.payload["uid"]).or_else(|| uid(&self.payload["bookingUid"]))
    }

    /// The event type it is about.
    pub fn event_type(&self) -> Option<EventTypeId> {
        number(&self.payload["eventTypeId"]).map(EventTypeId::new)
    }

    /// The news; `None` when there is nothing in it for us.
    pub fn news(&self, now: Instant) -> Option<CalcomNews> {
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
            is_confirmed_by_host: payload["requiresConfirmation"] == true,
            away: self.away(),
        })
    }

    fn away(&self) -> Option<(HostId, TimeRange)> {
        let entry = &self.payload["oooEntry"];
        let time = |name| entry[name].as_str()?.parse::<Instant>().ok();
        let host = number(&entry["user"]["id"]).or_else(|| number(&entry["userId"]))?;
        let range = TimeRange::new(time("start")?, time("end")?).ok()?;
        Some((HostId::new(host), range))
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
            NewsKind::Created
                | NewsKind::Requested
                | NewsKind::Rescheduled
                | NewsKind::Paid
                | NewsKind::Reassigned
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
            created_at: None,
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
        "BOOKING_PAID" => NewsKind::Paid,
        "BOOKING_REASSIGNED" => NewsKind::Reassigned,
        "OOO_CREATED" => NewsKind::HostAway,
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
            NewsKind::Created
            | NewsKind::Rescheduled
            | NewsKind::NoShow
            | NewsKind::Paid
            | NewsKind::Reassigned
            | NewsKind::HostAway => RemoteStatus::Accepted,
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
