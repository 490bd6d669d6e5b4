//! A Cal.com with a memory: hosts, bookings, new names for what is moved.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use booking_application::{Application, NewsKind};
use booking_domain::appointment::{RemoteBooking, RemoteStatus};
use booking_domain::ids::{AppointmentId, BookingUid, EventTypeId, HostId};
use booking_domain::ports::{
    CalendarError, CalendarPort, Clock, CreateBooking, FindBookings, MoveBooking, OUR_APPOINTMENT,
    SlotQuery,
};
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Instant, Span, TimeRange};
use booking_test_support::builders::uid;
use booking_test_support::clock::FixedClock;

use crate::hosts::{company, free_slots, hosts, is_free, live};
use crate::news::{delivery, news};
use crate::script::{Act, Call, Script, ambiguous, held_back, not_executed};

pub(crate) struct FakeCalendar {
    pub(crate) script: Script,
    clock: Arc<FixedClock>,
    bookings: Mutex<Vec<RemoteBooking>>,
    /// Whether a move leaves nothing behind.
    loses: AtomicBool,
    app: Mutex<Weak<Application>>,
}

impl FakeCalendar {
    pub(crate) fn new(clock: Arc<FixedClock>) -> Self {
        Self {
            script: Script::default(),
            clock,
            bookings: Mutex::default(),
            loses: AtomicBool::new(false),
            app: Mutex::default(),
        }
    }

    /// Whom to tell.
    pub(crate) fn tells(&self, app: &Arc<Application>) {
        *self.app.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(app);
    }

    fn locked(&self) -> MutexGuard<'_, Vec<RemoteBooking>> {
        self.bookings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every booking it ever had.
    pub(crate) fn all(&self) -> Vec<RemoteBooking> {
        self.locked().clone()
    }

    /// Those that take their slot.
    pub(crate) fn live(&self) -> Vec<RemoteBooking> {
        let mut all = self.all();
        all.retain(RemoteBooking::is_live);
        all
    }

    /// Somebody books on Cal.com's own page, with this host.
    pub(crate) fn stranger(&self, range: TimeRange, host: i64) -> RemoteBooking {
        let event = booking_test_support::builders::CONSULTATION_EVENT;
        self.insert(&mut self.locked(), (event, range), HostId::new(host), None)
    }

    /// Somebody asks for a time there, and the host has to confirm it.
    pub(crate) fn asked(&self, range: TimeRange, host: i64) -> RemoteBooking {
        let made = self.stranger(range, host);
        self.now_is(&made.uid, |it| it.status = RemoteStatus::Pending)
    }

    /// A booking there bears our number, and is not the one we know.
    pub(crate) fn twin(&self, range: TimeRange, host: i64, id: AppointmentId) -> RemoteBooking {
        let made = self.stranger(range, host);
        self.now_is(&made.uid, |it| it.ours = Some(id))
    }

    /// Changes a booking there without a word.
    pub(crate) fn now_is(
        &self,
        name: &BookingUid,
        change: impl FnOnce(&mut RemoteBooking),
    ) -> RemoteBooking {
        let mut bookings = self.locked();
        let booking = bookings.iter_mut().find(|it| it.uid == *name).unwrap();
        change(booking);
        booking.clone()
    }

    /// A booking of ours comes into being, late or at another time.
    pub(crate) fn appears(&self, range: TimeRange, ours: AppointmentId) -> RemoteBooking {
        let event = booking_test_support::builders::CONSULTATION_EVENT;
        self.clock.advance(Span::MICROSECOND);
        let host = HostId::new(502);
        self.insert(&mut self.locked(), (event, range), host, Some(ours))
    }

    /// Somebody moves a booking on Cal.com's own page.
    pub(crate) fn move_to(&self, name: &BookingUid, start: Instant) -> RemoteBooking {
        self.moved(name, start).unwrap()
    }

    /// Somebody calls a booking off on Cal.com's own page.
    pub(crate) fn call_off(&self, name: &BookingUid) -> RemoteBooking {
        self.ended(name).unwrap()
    }

    fn insert(
        &self,
        bookings: &mut Vec<RemoteBooking>,
        (event_type, range): (EventTypeId, TimeRange),
        host: HostId,
        ours: Option<AppointmentId>,
    ) -> RemoteBooking {
        let n = bookings.len() + 1;
        let made = RemoteBooking {
            uid: uid(&format!("cal{n}")),
            status: RemoteStatus::Accepted,
            range,
            event_type: Some(event_type),
            host: Some(host),
            host_email: None,
            ours,
            rescheduled_from: None,
            rescheduled_to: None,
            created_at: Some(self.changed(n)),
            changed_at: Some(self.changed(n)),
        };
        bookings.push(made.clone());
        made
    }

    fn changed(&self, n: usize) -> Instant {
        self.clock.now() + Span::millis(n as i64)
    }

    fn made(&self, wish: &CreateBooking) -> Result<RemoteBooking, CalendarError> {
        let mut bookings = self.locked();
        let wanted = wish
            .host
            .map_or_else(|| hosts(wish.event_type), |it| vec![it]);
        let free = wanted
            .into_iter()
            .find(|host| is_free(&bookings, *host, &wish.range, None));
        let host = free.ok_or(CalendarError::Refused(Refusal::SlotTaken))?;
        let ours = wish.metadata[OUR_APPOINTMENT].parse().ok();
        Ok(self.insert(&mut bookings, (wish.event_type, wish.range), host, ours))
    }

    fn moved(&self, name: &BookingUid, start: Instant) -> Result<RemoteBooking, CalendarError> {
        if self.loses.load(Ordering::SeqCst) {
            return self.ended(name);
        }
        let mut bookings = self.locked();
        let old = live(&bookings, name)?;
        let range = TimeRange::new(start, start + old.range.span()).unwrap();
        let event = old.event_type.unwrap();
        let mut choices = hosts(event);
        choices.sort_by_key(|host| Some(*host) != old.host);
        let free = choices
            .into_iter()
            .find(|host| is_free(&bookings, *host, &range, Some(&old.uid)));
        let host = free.ok_or(CalendarError::Refused(Refusal::SlotTaken))?;
        let new = self.insert(&mut bookings, (event, range), host, old.ours);
        let now = new.changed_at;
        for booking in bookings.iter_mut() {
            if booking.uid == old.uid {
                booking.status = RemoteStatus::Cancelled;
                booking.rescheduled_to = Some(new.uid.clone());
                booking.changed_at = now;
            } else if booking.uid == new.uid {
                booking.rescheduled_from = Some(old.uid.clone());
            }
        }
        Ok(bookings.last().unwrap().clone())
    }

    fn ended(&self, name: &BookingUid) -> Result<RemoteBooking, CalendarError> {
        let mut bookings = self.locked();
        live(&bookings, name)?;
        let at = bookings.iter().position(|it| it.uid == *name).unwrap();
        bookings[at].status = RemoteStatus::Cancelled;
        bookings[at].changed_at = Some(self.changed(bookings.len() + 1));
        Ok(bookings[at].clone())
    }

    async fn acted(
        &self,
        (call, kind): (Call, NewsKind),
        account: &CalcomAccount,
        effect: impl Fn() -> Result<RemoteBooking, CalendarError> + Send + Sync,
    ) -> Result<RemoteBooking, CalendarError> {
        match self.script.take(call) {
            Act::Do | Act::Lag => effect(),
            Act::Refuse(refusal) => Err(CalendarError::Refused(refusal)),
            Act::Answer(older) => Ok(*older),
            Act::NotExecuted => Err(not_executed()),
            Act::HeldBack(until) => Err(held_back(until)),
            Act::DoUnheard => effect().and(Err(ambiguous())),
            Act::Lost => Err(ambiguous()),
            Act::HangThenDo(gate) => {
                gate.pass().await;
                effect()
            }
            Act::HangThenFail(gate) => {
                gate.pass().await;
                Err(not_executed())
            }
            Act::HangThenRefuse(gate, refusal) => {
                gate.pass().await;
                Err(CalendarError::Refused(refusal))
            }
            Act::DoThenHang(gate) => {
                let done = effect();
                gate.pass().await;
                done
            }
            Act::DoRefused(refusal) => effect().and(Err(CalendarError::Refused(refusal))),
            Act::LoseIt => {
                self.loses.store(true, Ordering::SeqCst);
                let lost = effect();
                self.loses.store(false, Ordering::SeqCst);
                lost.and(Err(ambiguous()))
            }
            act @ (Act::TellFirst | Act::TellThenRefuse(_)) => {
                let done = effect()?;
                let app = self.app.lock().unwrap().upgrade().unwrap();
                let (mut filed, told) = (delivery(kind, &done), news(kind, &done));
                filed.received_at = self.clock.now();
                app.calcom_news(company(account), filed, told)
                    .await
                    .expect("the news is taken in");
                match act {
                    Act::TellThenRefuse(refusal) => Err(CalendarError::Refused(refusal)),
                    _ => Ok(done),
                }
            }
        }
    }

    async fn read<T>(
        &self,
        call: Call,
        read: impl Fn(&[RemoteBooking]) -> T + Send + Sync,
    ) -> Result<T, CalendarError> {
        match self.script.take(call) {
            Act::Do | Act::TellFirst | Act::Answer(_) => Ok(read(&self.all())),
            Act::Lag => Ok(read(&[])),
            Act::Refuse(refusal) | Act::DoRefused(refusal) | Act::TellThenRefuse(refusal) => {
                Err(CalendarError::Refused(refusal))
            }
            Act::NotExecuted => Err(not_executed()),
            Act::HeldBack(until) => Err(held_back(until)),
            Act::DoUnheard | Act::Lost | Act::LoseIt => Err(ambiguous()),
            Act::HangThenDo(gate) => {
                gate.pass().await;
                Ok(read(&self.all()))
            }
            Act::HangThenFail(gate) => {
                gate.pass().await;
                Err(not_executed())
            }
            Act::HangThenRefuse(gate, refusal) => {
                gate.pass().await;
                Err(CalendarError::Refused(refusal))
            }
            Act::DoThenHang(gate) => {
                let found = read(&self.all());
                gate.pass().await;
                Ok(found)
            }
        }
    }
}

#[async_trait]
impl CalendarPort for FakeCalendar {
    async fn slots(
        &self,
        _: &CalcomAccount,
        query: &SlotQuery,
    ) -> Result<Vec<TimeRange>, CalendarError> {
        self.read(Call::Slots, |bookings| free_slots(query, bookings))
            .await
    }

    async fn create(
        &self,
        account: &CalcomAccount,
        booking: &CreateBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let call = (Call::Create, NewsKind::Created);
        self.acted(call, account, || self.made(booking)).await
    }

    async fn reschedule(
        &self,
        account: &CalcomAccount,
        booking: &MoveBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let call = (Call::Reschedule, NewsKind::Rescheduled);
        self.acted(call, account, || self.moved(&booking.uid, booking.start))
            .await
    }

    async fn cancel(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
        _: Option<&str>,
    ) -> Result<RemoteBooking, CalendarError> {
        let call = (Call::Cancel, NewsKind::Cancelled);
        self.acted(call, account, || self.ended(uid)).await
    }

    async fn get(
        &self,
        _: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<RemoteBooking>, CalendarError> {
        let named = |all: &[RemoteBooking]| all.iter().find(|it| it.uid == *uid).cloned();
        self.read(Call::Get, named).await
    }

    async fn find(
        &self,
        _: &CalcomAccount,
        wanted: &FindBookings,
    ) -> Result<Vec<RemoteBooking>, CalendarError> {
        let fits = |it: &&RemoteBooking| {
            it.event_type == Some(wanted.event_type) && wanted.window.contains(&it.range)
        };
        let found = |all: &[RemoteBooking]| all.iter().filter(fits).cloned().collect();
        self.read(Call::Find, found).await
    }
}
