//! Cal.com for the day: answers at once, and counts how often it is asked for slots, and why.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use booking_domain::appointment::{RemoteBooking, RemoteStatus};
use booking_domain::ids::{AppointmentId, BookingUid, HostId};
use booking_domain::ports::{
    CalendarError, CalendarPort, CreateBooking, FindBookings, MoveBooking, OUR_APPOINTMENT,
    SlotQuery,
};
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Day, TimeRange};
use booking_test_support::builders::remote;

use crate::calls::Calls;
use crate::practices::Service;

pub(crate) struct Calendar {
    pub(crate) calls: Calls,
    books: Mutex<Books>,
}

/// All bookings, and what they take of whose day.
#[derive(Default)]
struct Books {
    bookings: Vec<RemoteBooking>,
    taken: HashMap<(HostId, Day), Vec<TimeRange>>,
}

impl Books {
    fn free_host(&self, service: Service, slot: &TimeRange) -> Option<HostId> {
        let day = slot.start().utc_day();
        let is_free = |host: &HostId| {
            let taken = self.taken.get(&(*host, day));
            !taken.is_some_and(|all| all.iter().any(|it| it.overlaps(slot)))
        };
        service.hosts().find(is_free)
    }

    fn book(
        &mut self,
        service: Service,
        range: TimeRange,
        ours: Option<AppointmentId>,
    ) -> Result<RemoteBooking, CalendarError> {
        let host = self.free_host(service, &range);
        let host = host.ok_or(CalendarError::Refused(Refusal::SlotTaken))?;
        let day = (host, range.start().utc_day());
        self.taken.entry(day).or_default().push(range);
        let made = RemoteBooking {
            event_type: Some(service.event_type),
            host: Some(host),
            ours,
            ..remote(&format!("cal{}", self.bookings.len()), range)
        };
        self.bookings.push(made.clone());
        Ok(made)
    }

    fn end(&mut self, name: &BookingUid) -> Result<RemoteBooking, CalendarError> {
        let found = self.bookings.iter_mut().find(|it| it.uid == *name);
        let found = found.filter(|it| it.is_live());
        let found = found.ok_or(CalendarError::Refused(Refusal::Gone))?;
        found.status = RemoteStatus::Cancelled;
        let day = (found.host.unwrap(), found.range.start().utc_day());
        let taken = self.taken.get_mut(&day).unwrap();
        taken.retain(|range| *range != found.range);
        Ok(found.clone())
    }
}

impl Calendar {
    pub(crate) fn new(calls: Calls) -> Self {
        Self {
            calls,
            books: Mutex::default(),
        }
    }

    /// The free slots.
    pub(crate) fn free(&self, service: Service, window: &TimeRange) -> Vec<TimeRange> {
        let books = self.locked();
        let days = window.utc_days().iter();
        days.flat_map(|day| service.slots(day))
            .filter(|slot| window.contains(slot) && books.free_host(service, slot).is_some())
            .collect()
    }

    /// Somebody booked elsewhere, long before.
    pub(crate) fn was_booked(&self, service: Service, slot: TimeRange) {
        let _ = self.locked().book(service, slot, None);
    }

    fn locked(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CalendarPort for Calendar {
    async fn slots(
        &self,
        _: &CalcomAccount,
        query: &SlotQuery,
    ) -> Result<Vec<TimeRange>, CalendarError> {
        self.calls.note(query);
        Ok(self.free(Service::named(query.event_type), &query.window))
    }

    async fn create(
        &self,
        _: &CalcomAccount,
        wish: &CreateBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let ours = wish.metadata[OUR_APPOINTMENT].parse().ok();
        let service = Service::named(wish.event_type);
        self.locked().book(service, wish.range, ours)
    }

    async fn reschedule(
        &self,
        _: &CalcomAccount,
        wish: &MoveBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let mut books = self.locked();
        let old = books.end(&wish.uid)?;
        let service = Service::named(old.event_type.unwrap());
        let range = TimeRange::lasting(wish.start, service.minutes);
        let new = books.book(service, range, old.ours)?;
        Ok(RemoteBooking {
            rescheduled_from: Some(old.uid),
            ..new
        })
    }

    async fn cancel(
        &self,
        _: &CalcomAccount,
        name: &BookingUid,
        _: Option<&str>,
    ) -> Result<RemoteBooking, CalendarError> {
        self.locked().end(name)
    }

    async fn get(
        &self,
        _: &CalcomAccount,
        name: &BookingUid,
    ) -> Result<Option<RemoteBooking>, CalendarError> {
        let books = self.locked();
        Ok(books.bookings.iter().find(|it| it.uid == *name).cloned())
    }

    async fn find(
        &self,
        _: &CalcomAccount,
        wanted: &FindBookings,
    ) -> Result<Vec<RemoteBooking>, CalendarError> {
        let books = self.locked();
        let inside = |it: &&RemoteBooking| {
            it.event_type == Some(wanted.event_type) && wanted.window.contains(&it.range)
        };
        Ok(books.bookings.iter().filter(inside).cloned().collect())
    }
}
