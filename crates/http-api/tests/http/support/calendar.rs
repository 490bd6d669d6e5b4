//! A calendar that does what it is told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use booking_domain::appointment::{RemoteBooking, RemoteStatus};
use booking_domain::breaker::{Admission, Breaker, BreakerPolicy, BreakerView, CallOutcome};
use booking_domain::ids::{AppointmentId, BookingUid, HostId};
use booking_domain::ports::{
    CalendarError, CalendarHealth, CalendarPort, CreateBooking, FindBookings, MoveBooking,
    OUR_APPOINTMENT, SlotQuery,
};
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Instant, Span, TimeRange};
use booking_test_support::builders::{CONSULTATION_EVENT, monday};
use tokio::sync::Notify;

/// How it behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Mode {
    /// Does it.
    #[default]
    Well,
    /// Certainly does nothing.
    Down {
        /// Not before.
        retry_at: Option<Instant>,
    },
    /// Says that somebody else has the slot.
    Taken,
    /// Refuses for good.
    Refusing,
    /// Has nothing free.
    Full,
    /// Answers a wish for a booking only once it is let go on.
    Held,
}

#[derive(Default)]
struct Inside {
    mode: Mode,
    bookings: BTreeMap<String, RemoteBooking>,
    made: u32,
}

/// The calendar, and what lets it go on: open 06:00–16:00 UTC, Monday to Friday.
#[derive(Default)]
pub(crate) struct FakeCalendar(Mutex<Inside>, Notify);

impl FakeCalendar {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn behave(&self, mode: Mode) {
        self.inside().mode = mode;
    }

    /// Lets whoever is held go on.
    pub(crate) fn go_on(&self) {
        self.1.notify_one();
    }

    /// How many bookings it has made.
    pub(crate) fn made(&self) -> u32 {
        self.inside().made
    }

    /// Somebody has booked Monday at eight there, local time, and this became of it.
    pub(crate) fn knows(&self, name: &str, status: RemoteStatus) {
        let booking = RemoteBooking {
            uid: BookingUid::parse(name).expect("a plain name"),
            status,
            range: monday("06:00", 60),
            event_type: Some(CONSULTATION_EVENT),
            host: Some(HostId::new(501)),
            host_email: None,
            ours: None,
            rescheduled_from: None,
            rescheduled_to: None,
            created_at: None,
            changed_at: None,
        };
        self.inside().bookings.insert(name.to_owned(), booking);
    }

    /// Whoever refuses a wish answers questions.
    fn readable(&self) -> Result<MutexGuard<'_, Inside>, CalendarError> {
        let inside = self.inside();
        match inside.mode {
            Mode::Taken | Mode::Refusing => Ok(inside),
            _ => {
                drop(inside);
                self.obeying()
            }
        }
    }

    fn obeying(&self) -> Result<MutexGuard<'_, Inside>, CalendarError> {
        let inside = self.inside();
        match inside.mode {
            Mode::Well | Mode::Held | Mode::Full => Ok(inside),
            Mode::Down { retry_at } => Err(CalendarError::NotExecuted {
                reason: "connect",
                retry_at,
                tried: true,
            }),
            Mode::Taken => Err(CalendarError::Refused(Refusal::SlotTaken)),
            Mode::Refusing => Err(CalendarError::Refused(Refusal::Invalid(
                "no such attendee".to_owned(),
            ))),
        }
    }
}

impl Inside {
    fn name(&mut self) -> BookingUid {
        self.made += 1;
        BookingUid::parse(&format!("fake{}", self.made)).expect("a plain name")
    }
}

#[async_trait]
impl CalendarPort for FakeCalendar {
    async fn slots(
        &self,
        _: &CalcomAccount,
        query: &SlotQuery,
    ) -> Result<Vec<TimeRange>, CalendarError> {
        if self.obeying()?.mode == Mode::Full {
            return Ok(vec![]);
        }
        let mut slots = Vec::new();
        for day in query.window.utc_days().iter() {
            let weekend = day.weekday() >= booking_domain::time::Weekday::Sat;
            for hour in (6..16).filter(|_| !weekend) {
                let start = day.start_utc() + Span::hours(hour);
                let slot = TimeRange::lasting(start, query.duration_minutes);
                if query.window.contains(&slot) {
                    slots.push(slot);
                }
            }
        }
        Ok(slots)
    }

    async fn create(
        &self,
        _: &CalcomAccount,
        booking: &CreateBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        if self.inside().mode == Mode::Held {
            self.1.notified().await;
        }
        let mut inside = self.obeying()?;
        let ours = booking.metadata.get(OUR_APPOINTMENT);
        let made = RemoteBooking {
            uid: inside.name(),
            status: RemoteStatus::Accepted,
            range: booking.range,
            event_type: Some(booking.event_type),
            host: booking.host,
            host_email: None,
            ours: ours.and_then(|id| id.parse::<AppointmentId>().ok()),
            rescheduled_from: None,
            rescheduled_to: None,
            created_at: None,
            changed_at: None,
        };
        inside
            .bookings
            .insert(made.uid.expose().to_owned(), made.clone());
        Ok(made)
    }

    async fn reschedule(
        &self,
        _: &CalcomAccount,
        wish: &MoveBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let mut inside = self.obeying()?;
        let gone = || CalendarError::Refused(Refusal::Gone);
        let old = inside
            .bookings
            .get(wish.uid.expose())
            .cloned()
            .ok_or_else(gone)?;
        let minutes = u32::try_from(old.range.span().as_minutes()).expect("short");
        let made = RemoteBooking {
            uid: inside.name(),
            range: TimeRange::lasting(wish.start, minutes),
            rescheduled_from: Some(old.uid.clone()),
            ..old
        };
        inside
            .bookings
            .insert(made.uid.expose().to_owned(), made.clone());
        Ok(made)
    }

    async fn cancel(
        &self,
        _: &CalcomAccount,
        uid: &BookingUid,
        _: Option<&str>,
    ) -> Result<RemoteBooking, CalendarError> {
        let mut inside = self.obeying()?;
        let gone = || CalendarError::Refused(Refusal::Gone);
        let booking = inside.bookings.get_mut(uid.expose()).ok_or_else(gone)?;
        booking.status = RemoteStatus::Cancelled;
        Ok(booking.clone())
    }

    async fn get(
        &self,
        _: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<RemoteBooking>, CalendarError> {
        Ok(self.readable()?.bookings.get(uid.expose()).cloned())
    }

    async fn find(
        &self,
        _: &CalcomAccount,
        wanted: &FindBookings,
    ) -> Result<Vec<RemoteBooking>, CalendarError> {
        let inside = self.readable()?;
        let all = inside.bookings.values();
        Ok(all
            .filter(|it| wanted.window.contains(&it.range))
            .cloned()
            .collect())
    }
}

/// Open while it is down, as if five calls had failed just now.
#[async_trait]
impl CalendarHealth for FakeCalendar {
    fn breaker(&self, _: &CalcomAccount, now: Instant) -> BreakerView {
        let mut breaker = Breaker::new(BreakerPolicy::default());
        if matches!(self.inside().mode, Mode::Down { .. }) {
            for _ in 0..5 {
                if let Admission::Go(permit) = breaker.admit(now) {
                    breaker.settle(permit, CallOutcome::Failure, now);
                }
            }
        }
        breaker.view(now)
    }

    async fn recovered(&self) -> CalcomAccount {
        std::future::pending().await
    }
}
