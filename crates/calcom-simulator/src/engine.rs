//! The booking engine: changes the books and tells the subscribers, in Cal.com's order. New
//! bookings and moves are in the books before anybody is told; cancellations are told first.

use std::sync::Arc;

use futures_util::future::join_all;

use crate::sim::Sim;
use crate::store::create::{Created, NewBooking, Policy};
use crate::store::lifecycle::{Move, Moved};
use crate::store::{Booking, Refusal, Status};
use crate::webhooks::courier::{Draft, Parcel};
use crate::webhooks::payload::{self, Cancellation};
use crate::webhooks::{Event, Subscription};

/// A wish to cancel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancel {
    pub(crate) by: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) seat_uid: Option<String>,
    /// The host asks for another time: the customer is to choose one.
    pub(crate) asks_to_move: bool,
}

/// Whether subscribers hear of a change; outsiders can act in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tell {
    Subscribers,
    Nobody,
}

impl Sim {
    pub(crate) async fn create(
        self: &Arc<Self>,
        new: NewBooking,
        policy: Policy,
        tell: Tell,
    ) -> Result<Created, Refusal> {
        let now = self.now();
        let (created, event) = {
            let mut state = self.state();
            let world = Arc::clone(&state.world);
            let policy = Policy {
                same_attendee_returns_original: world.settings.same_attendee_returns_original,
                natural_key: world.settings.natural_key,
                ..policy
            };
            let created = state.store.create(&world, new, policy, now)?;
            let booking = created.booking();
            let event = match (&created, booking.status) {
                (Created::Existing(_), _) => None,
                (_, Status::Pending) => {
                    Some(payload::requested(&world, booking, &state.store.uuid()))
                }
                _ => Some(payload::created(&world, booking)),
            };
            (created, event)
        };
        self.tell(event, tell).await;
        Ok(created)
    }

    pub(crate) async fn reschedule(
        self: &Arc<Self>,
        uid: &str,
        wish: &Move,
        policy: Policy,
        tell: Tell,
    ) -> Result<Moved, Refusal> {
        let now = self.now();
        let (moved, event) = {
            let mut state = self.state();
            let world = Arc::clone(&state.world);
            let moved = state.store.reschedule(&world, uid, wish, policy, now)?;
            let event = match moved.new.status {
                Status::Pending => payload::requested(&world, &moved.new, &state.store.uuid()),
                _ => payload::rescheduled(&world, &moved.old, &moved.new),
            };
            (moved, event)
        };
        self.tell(Some(event), tell).await;
        Ok(moved)
    }

    pub(crate) async fn cancel(
        self: &Arc<Self>,
        uid: &str,
        wish: Cancel,
        tell: Tell,
    ) -> Result<Booking, Refusal> {
        let event = {
            let state = self.state();
            let booking = state.store.cancellable(uid, self.now())?;
            let seat = wish.seat_uid.as_deref();
            let known = |seat: &str| {
                booking
                    .attendees
                    .iter()
                    .any(|one| one.seat_uid.as_deref() == Some(seat))
            };
            if seat.is_some_and(|seat| !known(seat)) {
                return Err(Refusal::NoSuchSeat);
            }
            let why = Cancellation {
                by: wish.by.as_deref(),
                reason: wish.reason.as_deref(),
                seat,
                asks_to_move: wish.asks_to_move,
            };
            payload::cancelled(&state.world, booking, why)
        };
        self.tell(Some(event), tell).await;
        let mut state = self.state();
        match &wish.seat_uid {
            Some(seat) => state.store.leave_seat(uid, seat, self.now()),
            None => state.store.cancel(uid, wish.by, wish.reason, self.now()),
        }
    }

    /// Another host of the event type takes the booking.
    pub(crate) async fn reassign(
        self: &Arc<Self>,
        uid: &str,
        host: u64,
        tell: Tell,
    ) -> Result<Booking, Refusal> {
        let (booking, event) = {
            let mut state = self.state();
            let world = Arc::clone(&state.world);
            let (booking, had) = state.store.reassign(&world, uid, host, self.now())?;
            let event = payload::reassigned(&world, &booking, &had);
            (booking, event)
        };
        self.tell(Some(event), tell).await;
        Ok(booking)
    }

    pub(crate) async fn confirm(self: &Arc<Self>, uid: &str) -> Result<Booking, Refusal> {
        let (booking, event) = {
            let mut state = self.state();
            let booking = state.store.confirm(uid, self.now())?;
            let event = payload::confirmed(&state.world, &booking);
            (booking, event)
        };
        self.tell(Some(event), Tell::Subscribers).await;
        Ok(booking)
    }

    pub(crate) async fn decline(
        self: &Arc<Self>,
        uid: &str,
        reason: Option<String>,
    ) -> Result<Booking, Refusal> {
        let (booking, event) = {
            let mut state = self.state();
            let booking = state.store.decline(uid, reason, self.now())?;
            let event = payload::rejected(&state.world, &booking);
            (booking, event)
        };
        self.tell(Some(event), Tell::Subscribers).await;
        Ok(booking)
    }

    pub(crate) async fn mark_absent(
        self: &Arc<Self>,
        uid: &str,
        host: Option<bool>,
        attendees: Vec<(String, bool)>,
    ) -> Result<Booking, Refusal> {
        let booking = self
            .state()
            .store
            .mark_absent(uid, host, &attendees, self.now())?;
        // Nothing is sent when only the host was absent.
        let event = (!attendees.is_empty()).then(|| payload::no_show(&booking, &attendees));
        self.tell(event, Tell::Subscribers).await;
        Ok(booking)
    }

    /// Sends an event to all subscribers in parallel and waits for them.
    async fn tell(self: &Arc<Self>, event: Option<Event>, tell: Tell) {
        let (Some(event), Tell::Subscribers) = (event, tell) else {
            return;
        };
        let subscribers: Vec<Subscription> = {
            let state = self.state();
            let all = state.subscriptions.iter();
            all.filter(|one| one.wants(&event.account, event.trigger))
                .cloned()
                .collect()
        };
        join_all(
            subscribers
                .iter()
                .map(|subscriber| self.deliver(subscriber, &event)),
        )
        .await;
    }

    async fn deliver(self: &Arc<Self>, subscriber: &Subscription, event: &Event) {
        let effects = self.faults.take_webhook(event.trigger, &event.account);
        let draft = Draft {
            event: event.clone(),
            secret: subscriber.secret.clone(),
            effects: effects.clone(),
        };
        let body = draft.body(self.now());
        let faults = [
            ("drop", effects.drop),
            ("duplicate", effects.duplicate),
            ("delay_ms", effects.delay_ms.is_some()),
            ("hold_until", effects.hold_until.is_some()),
            ("late_payload", effects.late_payload),
            ("form_encoded", effects.form_encoded),
            ("wrong_secret", effects.wrong_secret),
            ("no_secret", effects.no_secret),
            ("null_uid", effects.null_uid),
        ];
        let parcel = Parcel {
            account: event.account.clone(),
            url: subscriber.url.clone(),
            trigger: event.trigger.to_owned(),
            booking_uid: event.booking_uid.clone(),
            signature: draft.signature(&body),
            content_type: draft.content_type(),
            body,
            faults: faults
                .iter()
                .filter(|fault| fault.1)
                .map(|fault| fault.0)
                .collect(),
            replay_of: None,
            draft: effects.late_payload.then_some(draft),
        };
        if effects.drop {
            self.courier.record(parcel, "dropped", self.now());
            return;
        }
        let state = match (effects.hold_until, effects.delay_ms) {
            (Some(_), _) => "held",
            (None, Some(_)) => "delayed",
            (None, None) => "sending",
        };
        let mut copies = vec![self.courier.record(parcel.clone(), state, self.now())];
        if effects.duplicate {
            let repeat = Parcel {
                replay_of: copies.first().copied(),
                ..parcel
            };
            copies.push(self.courier.record(repeat, state, self.now()));
        }
        if let Some(limit) = effects.hold_until {
            copies = copies
                .into_iter()
                .flat_map(|n| self.courier.hold(n, limit))
                .collect();
            self.send_later(copies, 0);
        } else if let Some(delay) = effects.delay_ms {
            self.send_later(copies, delay);
        } else {
            for number in copies {
                self.courier.send(number).await;
            }
        }
    }

    /// Sends recorded deliveries one after the other, in the background.
    pub(crate) fn send_later(self: &Arc<Self>, numbers: Vec<usize>, delay_ms: u64) {
        if numbers.is_empty() {
            return;
        }
        let sim = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(std::time::Duration::from_millis(delay_ms)) => {}
                () = sim.stop.cancelled() => return,
            }
            for number in numbers {
                sim.write_anew(number);
                sim.courier.send(number).await;
            }
        });
    }
    /// What is sent late may say how the booking is now.
    fn write_anew(&self, number: usize) {
        let Some(mut draft) = self.courier.parcel(number).and_then(|it| it.draft) else {
            return;
        };
        {
            let state = self.state();
            if let Some(booking) = state.store.get(&draft.event.booking_uid) {
                payload::bring_up_to_date(&mut draft.event, &state.world, booking);
            }
        }
        let body = draft.body(self.now());
        let signature = draft.signature(&body);
        self.courier.rewrite(number, body, signature);
    }
}
