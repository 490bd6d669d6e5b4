//! Making a booking: is the slot free, who takes it, and is it perhaps a repeat.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::availability::{View, is_open};
use super::{Attendee, Booking, Origin, Refusal, Span, Status, Store};
use crate::world::{EventType, Scheduling, World};

/// What a caller asks for.
#[derive(Debug, Clone)]
pub(crate) struct NewBooking {
    pub(crate) event_type_id: u64,
    pub(crate) start: DateTime<Utc>,
    /// Only for event types with several lengths.
    pub(crate) length: Option<u32>,
    pub(crate) attendee: Attendee,
    pub(crate) guests: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) responses: Map<String, Value>,
    pub(crate) location: Option<String>,
    /// Restricts a team type to these hosts; empty means all.
    pub(crate) wanted_hosts: Vec<u64>,
    pub(crate) origin: Origin,
}

/// Switches that faults and settings put on the rules.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Policy {
    /// Let bookings overlap.
    pub(crate) accept_overlaps: bool,
    /// Pick the host who would come last.
    pub(crate) other_host: bool,
    /// Answer a repeat with the booking that exists.
    pub(crate) same_attendee_returns_original: bool,
    /// Let no host have two accepted bookings with the same start and end.
    pub(crate) natural_key: bool,
    /// Make the booking so many minutes longer than asked.
    pub(crate) longer_minutes: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Created {
    New(Booking),
    /// The same attendee had it already; nothing happened.
    Existing(Booking),
    /// Another seat in a booking that exists.
    Seat {
        booking: Booking,
        seat_uid: String,
    },
}

impl Created {
    pub(crate) fn booking(&self) -> &Booking {
        match self {
            Self::New(booking) | Self::Existing(booking) | Self::Seat { booking, .. } => booking,
        }
    }
}

impl Store {
    pub(crate) fn create(
        &mut self,
        world: &World,
        new: NewBooking,
        policy: Policy,
        now: DateTime<Utc>,
    ) -> Result<Created, Refusal> {
        let (_, event_type) = world
            .event_type(new.event_type_id)
            .ok_or(Refusal::EventTypeNotFound(new.event_type_id))?;
        let span = Span::new(new.start, length(event_type, new.length)?);
        check_time(event_type, span, now)?;
        if policy.same_attendee_returns_original
            && let Some(existing) = self.repeat_of(event_type, &new)
        {
            return Ok(Created::Existing(existing.clone()));
        }
        if event_type.seats.is_some()
            && let Some(taken) = self.take_seat(event_type, &new, now)?
        {
            return Ok(taken);
        }
        let hosts = self
            .choose_hosts(
                world,
                event_type,
                span,
                Choice::new(&new.wanted_hosts, policy),
            )
            .ok_or(Refusal::SlotTaken {
                team: event_type.is_team(),
            })?;
        if policy.natural_key && self.is_key_taken(span, &hosts) {
            return Err(Refusal::LostRace);
        }
        let span = span.padded(0, policy.longer_minutes);
        let booking = self.build(world, event_type, new, (span, hosts), now);
        self.insert(booking.clone());
        match booking
            .attendees
            .first()
            .and_then(|attendee| attendee.seat_uid.clone())
        {
            Some(seat_uid) => Ok(Created::Seat { booking, seat_uid }),
            None => Ok(Created::New(booking)),
        }
    }

    /// The booking that the same person already has at the same start, where Cal.com looks for it:
    /// round robin and confirmation types.
    fn repeat_of(&self, event_type: &EventType, new: &NewBooking) -> Option<&Booking> {
        let looks = event_type.scheduling == Scheduling::RoundRobin
            || event_type.requires_confirmation && event_type.seats.is_none();
        if !looks {
            return None;
        }
        self.bookings.iter().find(|booking| {
            booking.status.is_live()
                && booking.event_type_id == event_type.id
                && booking.span.start == new.start
                && booking.is_attended_by(&new.attendee)
        })
    }

    pub(super) fn choose_hosts(
        &self,
        world: &World,
        event_type: &EventType,
        span: Span,
        choice: Choice<'_>,
    ) -> Option<Vec<u64>> {
        let mut candidates = if choice.accept_overlaps {
            event_type.host_ids.clone()
        } else {
            if !is_open(event_type, span) {
                return None;
            }
            let view = View {
                ignore: choice.ignore,
                ..View::default()
            };
            self.busy(world, span, view).free_hosts(event_type, span)
        };
        if event_type.scheduling != Scheduling::RoundRobin {
            return (!candidates.is_empty()).then_some(candidates);
        }
        if !choice.wanted.is_empty() {
            candidates.retain(|host| choice.wanted.contains(host));
        }
        candidates.sort_by_key(|host| (self.last_assigned.get(host).copied().unwrap_or(0), *host));
        let picked = if choice.other_host {
            candidates.last()
        } else {
            candidates.first()
        };
        picked.map(|host| vec![*host])
    }

    /// Whether an accepted booking has the same start, end and host.
    fn is_key_taken(&self, span: Span, hosts: &[u64]) -> bool {
        self.bookings.iter().any(|booking| {
            booking.status == Status::Accepted
                && booking.span == span
                && booking.host_ids.iter().any(|host| hosts.contains(host))
        })
    }

    fn build(
        &mut self,
        world: &World,
        event_type: &EventType,
        new: NewBooking,
        (span, host_ids): (Span, Vec<u64>),
        now: DateTime<Utc>,
    ) -> Booking {
        let account = world
            .event_type(event_type.id)
            .map(|(account, _)| account.api_key.clone());
        let uid = self.ids.booking_uid();
        let mut attendee = new.attendee;
        attendee.seat_uid = event_type.seats.map(|_| self.ids.uuid());
        let pending = event_type.requires_confirmation;
        let mut booking = Booking {
            id: self.ids.booking_id(),
            account: account.unwrap_or_default(),
            event_type_id: event_type.id,
            host_ids,
            status: if pending {
                Status::Pending
            } else {
                Status::Accepted
            },
            span,
            attendees: vec![attendee],
            guests: new.guests,
            metadata: new.metadata,
            responses: new.responses,
            location: new
                .location
                .unwrap_or_else(|| format!("https://video.example/room/{uid}")),
            origin: new.origin,
            created_at: now,
            updated_at: None,
            rescheduled_from: None,
            rescheduled_to: None,
            rescheduled_by: None,
            rescheduling_reason: None,
            cancelled_by: None,
            cancellation_reason: None,
            rejection_reason: None,
            ics_uid: format!("{uid}@Cal.com"),
            ics_sequence: 0,
            absent_host: false,
            released_at: None,
            history: Vec::new(),
            uid,
        };
        booking.note(now, if pending { "requested" } else { "created" }, None);
        booking
    }
}

/// How to pick among hosts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Choice<'a> {
    pub(super) wanted: &'a [u64],
    pub(super) ignore: Option<&'a str>,
    pub(super) accept_overlaps: bool,
    pub(super) other_host: bool,
}

impl<'a> Choice<'a> {
    pub(super) fn new(wanted: &'a [u64], policy: Policy) -> Self {
        Self {
            wanted,
            ignore: None,
            accept_overlaps: policy.accept_overlaps,
            other_host: policy.other_host,
        }
    }
}

fn length(event_type: &EventType, asked: Option<u32>) -> Result<u32, Refusal> {
    match asked {
        None => Ok(event_type.length_in_minutes),
        Some(minutes) if event_type.length_options.contains(&minutes) => Ok(minutes),
        Some(_) => Err(Refusal::LengthNotOffered(event_type.length_options.clone())),
    }
}

pub(super) fn check_time(
    event_type: &EventType,
    span: Span,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if span.start < now {
        return Err(Refusal::InThePast);
    }
    let notice = TimeDelta::minutes(i64::from(event_type.minimum_booking_notice));
    if span.start < now + notice {
        return Err(Refusal::TooSoon);
    }
    Ok(())
}
