//! What changes the company: appointments made, moved, called off, and what Cal.com says of them.
//! Each is one commit; then what is filed under the tags of the change goes.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::{DAY, at, minutes};
use super::Answer;
use super::truth::Truth;
use super::world::{Held, World, now};
use crate::appointment::{
    Appointment, Booking, Cancellation, RemoteBooking, RemoteStatus, StateName,
};
use crate::availability::{
    LiveClaim, Raised, Resource, claim_choices, days_reached, group_reach, predictive_window,
};
use crate::cache_key::{CacheKey, Tag, tags_touched};
use crate::events::DomainEvent;
use crate::ids::{AppointmentId, BookingUid, CompanyId, CustomerId, StaffId};
use crate::origin::SyncOrigin;
use crate::tenant::Service;
use crate::time::{Day, TimeRange, ZoneName};

impl World {
    pub(super) fn book(&mut self, service: &Service, start: i64, wanted: Option<StaffId>) {
        let slot = service.range_from(at(start));
        let id = AppointmentId::new(Uuid::from_u128(self.appointments.len() as u128));
        let Some(resource) = self.free_choice(service, &slot, wanted, id) else {
            return;
        };
        let booking = Booking {
            id,
            company: CompanyId::new(15),
            branch: None,
            service: service.id,
            event_type: service.event_type,
            customer: CustomerId::new(1),
            wanted_staff: wanted,
            range: slot,
            time_zone: ZoneName::UTC,
            origin: SyncOrigin::Api,
            by: String::new(),
            notes: None,
            metadata: Default::default(),
        };
        let which = self.appointments.len();
        self.save(which, Appointment::book(booking, now()), Some(resource));
    }

    pub(super) fn reschedule(&mut self, which: usize, start: i64) {
        let mut appointment = self.appointments[which].clone();
        let service = self.service_of(&appointment);
        let to = service.range_from(at(start));
        let wanted = appointment.booking().wanted_staff;
        let Some(resource) = self.free_choice(&service, &to, wanted, appointment.id()) else {
            return;
        };
        if appointment
            .reschedule(to, SyncOrigin::Api, "", now())
            .is_ok()
        {
            self.save(which, appointment, Some(resource));
        }
    }

    pub(super) fn cancel(&mut self, which: usize) {
        let mut appointment = self.appointments[which].clone();
        if appointment.cancel(cancellation(), now()).is_ok() {
            self.save(which, appointment, None);
        }
    }

    pub(super) fn hear(&mut self, which: usize, answer: Answer) {
        let mut appointment = self.appointments[which].clone();
        let range = match answer {
            Answer::Elsewhere(quarter) => {
                let service = self.service_of(&appointment);
                service.range_from(at(self.quarter(quarter)))
            }
            Answer::Yes | Answer::No => asked_for(&appointment),
        };
        let remote = remote(&appointment, range);
        let state = appointment.state().name();
        let outcome = match (state, answer) {
            (StateName::Pending, Answer::No) => appointment.reject("", SyncOrigin::Calcom, now()),
            (StateName::Pending, _) => appointment.confirm(&remote, None, now()),
            (StateName::Rescheduling, Answer::No) => appointment.stay(now()),
            (StateName::Cancelling, Answer::Yes) => appointment.cancelled(cancellation(), now()),
            (StateName::Cancelling, Answer::No) => return,
            // What Cal.com moved or called off on its own.
            (_, Answer::No) => appointment.cancelled(cancellation(), now()),
            (_, Answer::Yes | Answer::Elsewhere(_)) => appointment.moved(&remote, None, now()),
        };
        if outcome.is_ok() {
            self.save(which, appointment, None);
        }
    }

    /// The first choice that nobody else's claim is in the way of.
    fn free_choice(
        &self,
        service: &Service,
        slot: &TimeRange,
        wanted: Option<StaffId>,
        by: AppointmentId,
    ) -> Option<Resource> {
        let others = self.held.iter().filter(|held| held.by != by);
        let horizon = self.first - 2 * DAY..self.first + 6 * DAY;
        let truth = Truth::of(horizon, others.map(|held| &held.claim));
        let needed = minutes(&service.padded(slot));
        let mut choices = claim_choices(service, wanted).into_iter();
        choices.find(|choice| truth.is_free(*choice, &needed))
    }

    /// One commit: the appointment, what it takes, the versions; then what is filed is forgotten.
    fn save(&mut self, which: usize, mut appointment: Appointment, chosen: Option<Resource>) {
        let events = appointment.saved();
        let before = self.appointments.get(which);
        let before = before.map(Appointment::live_ranges).unwrap_or_default();
        let live = appointment.live_ranges();
        let id = appointment.id();
        self.held
            .retain(|held| held.by != id || live.contains(&held.slot));
        let service = self.service_of(&appointment);
        for slot in live.into_iter().filter(|slot| !before.contains(slot)) {
            self.hold(id, &service, slot, chosen);
        }
        match self.appointments.get_mut(which) {
            Some(known) => *known = appointment,
            None => self.appointments.push(appointment),
        }
        let raised = self.raise(&service, &events);
        self.forget(&service, &events);
        // What a booking or a wish to move takes is all that its commit changes.
        if chosen.is_some()
            && let Some(claim) = self.held.last().map(|held| held.claim)
        {
            self.update(claim, &raised);
        }
    }

    /// Takes the chosen resource, else any that is free; what Cal.com did is real, also if none is.
    fn hold(
        &mut self,
        by: AppointmentId,
        service: &Service,
        slot: TimeRange,
        chosen: Option<Resource>,
    ) {
        let free = || self.free_choice(service, &slot, None, by);
        if let Some(resource) = chosen.or_else(free) {
            let during = service.padded(&slot);
            self.held.push(Held {
                by,
                slot,
                claim: LiveClaim { resource, during },
            });
        }
    }

    /// As the stores do: each day that an event reaches, once per commit.
    fn raise(&mut self, service: &Service, events: &[DomainEvent]) -> Raised {
        let reach = group_reach(self.group(service));
        let days = events
            .iter()
            .map(|event| days_reached(Some(&event.affected), reach));
        let days: BTreeSet<Day> = days.flatten().collect();
        self.changes += usize::from(!days.is_empty());
        let (numbers, rows) = self.versions.entry(service.group).or_default();
        for day in &days {
            let number = numbers.entry(*day).or_default();
            *number += 1;
            rows.put(*day, *number, None);
        }
        days.into_iter().map(|day| (service.group, day)).collect()
    }

    fn group(&self, service: &Service) -> Vec<&Service> {
        let group = service.group;
        self.services
            .iter()
            .filter(|it| it.group == group)
            .collect()
    }

    /// As the listener does: what is filed under the tags of the change goes, fills lose their
    /// leases.
    fn forget(&mut self, service: &Service, events: &[DomainEvent]) {
        let group = self.group(service);
        let event_types: Vec<_> = group.iter().filter_map(|it| it.event_type).collect();
        let affected = events.iter().flat_map(|event| &event.affected);
        let windows: Vec<_> = affected
            .map(|range| predictive_window(group.iter().copied(), range))
            .collect();
        let tags = tags_touched(&event_types, &windows);
        let forgotten = |key: &CacheKey| {
            let filed = Tag::of_window(key.event_type(), &key.window());
            filed.iter().any(|tag| tags.contains(tag))
        };
        self.tagged.retain(|(_, key), _| !forgotten(key));
        for fill in &mut self.under_way {
            fill.has_lease &= !forgotten(&fill.key);
        }
    }
}

fn cancellation() -> Cancellation {
    Cancellation {
        at: now(),
        origin: SyncOrigin::Api,
        by: String::new(),
        reason: None,
    }
}

/// The time that Cal.com was last asked for.
fn asked_for(appointment: &Appointment) -> TimeRange {
    let live = appointment.live_ranges();
    live.last().copied().unwrap_or_else(|| appointment.range())
}

/// As Cal.com tells it; a move gives it another name.
fn remote(appointment: &Appointment, range: TimeRange) -> RemoteBooking {
    let name = format!("uid{}", appointment.version());
    RemoteBooking {
        uid: BookingUid::parse(&name).expect("plain"),
        status: RemoteStatus::Accepted,
        range,
        event_type: appointment.booking().event_type,
        host: None,
        host_email: None,
        ours: Some(appointment.id()),
        rescheduled_from: None,
        rescheduled_to: None,
        created_at: None,
        changed_at: None,
    }
}
