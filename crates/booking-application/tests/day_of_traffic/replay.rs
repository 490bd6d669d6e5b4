//! The day, lived through: two instances with a memory each, a cache for both, one store, a clock that
//! jumps from event to event, and the worker's passes in between.

use std::collections::HashMap;
use std::sync::Arc;

use booking_application::availability::Source;
use booking_application::{
    Actor, AlternativesQuestion, Application, AvailabilityQuestion, BookAppointment,
    CancelAppointment, Deps, RescheduleAppointment, Settings, Terms, key_digest,
};
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{Clock, NoProbe, SetupStore, StorePorts};
use booking_domain::time::{Day, Instant, Span, TimeRange};
use booking_memory_cache::MemoryCache;
use booking_sqlite::{SqliteStore, SqliteTarget};
use booking_test_support::builders::contact;
use booking_test_support::clock::{FixedClock, SeededIds};
use booking_test_support::dice::Dice;

use crate::calendar::Calendar;
use crate::calls::Calls;
use crate::mix::{self, Event, Traffic};
use crate::outcome::Outcome;
use crate::practices::{Service, at, setup, zone};

struct World {
    instances: [Arc<Application>; 2],
    clock: Arc<FixedClock>,
    calendar: Arc<Calendar>,
    dice: Dice,
    made: HashMap<CompanyId, Vec<AppointmentId>>,
    /// Whether the worker has something to do.
    is_busy: bool,
    outcome: Outcome,
}

/// Monday: the week lies ahead.
fn today() -> Day {
    Day::from_ymd(2025, 10, 13).unwrap()
}

/// Lives through a day, with entries that live so long.
pub(crate) async fn replay(traffic: Traffic, lifetime: Span, seed: u64) -> Outcome {
    let mut world = World::new(lifetime, seed).await;
    for (when, event) in mix::day(today(), traffic, seed) {
        world.work_until(when).await;
        world.happen(event).await;
    }
    world.outcome.calls = world.calendar.calls.causes();
    world.outcome
}

impl World {
    async fn new(lifetime: Span, seed: u64) -> Self {
        let store = Arc::new(SqliteStore::open(SqliteTarget::Memory).unwrap());
        store
            .import(&setup(), &|token| key_digest(token))
            .await
            .unwrap();
        let clock = Arc::new(FixedClock::new(at(today(), 0)));
        let calls = Calls::new(clock.clone(), lifetime);
        let calendar = Arc::new(Calendar::new(calls));
        let shared = Arc::new(MemoryCache::new(10_000));
        let instance = |n| {
            let deps = Deps {
                clock: clock.clone(),
                ids: Arc::new(SeededIds::new(seed + n)),
                store: StorePorts::of(store.clone()),
                wakeups: None,
                near_cache: Arc::new(MemoryCache::new(10_000)),
                shared_cache: Some(shared.clone()),
                calendar: calendar.clone(),
                health: Arc::new(booking_test_support::health::AlwaysWell),
                edge: None,
                carriers: Vec::new(),
                probe: Arc::new(NoProbe),
            };
            let settings = Settings {
                cache_ttl: lifetime,
                ..Settings::default()
            };
            Application::new(deps, settings)
        };
        let mut world = Self {
            instances: [1, 2].map(instance),
            clock,
            calendar,
            dice: Dice::new(!seed),
            made: HashMap::new(),
            is_busy: true,
            outcome: Outcome::new(lifetime),
        };
        world.fill_calendars();
        world
    }

    /// A part of the next two weeks is sold already.
    fn fill_calendars(&mut self) {
        for day in (0..14).map(|n| today().plus_days(n)) {
            for slot in Service::all().flat_map(|it| it.slots(day).map(move |slot| (it, slot))) {
                if self.dice.percent(20) {
                    self.calendar.was_booked(slot.0, slot.1);
                }
            }
        }
    }

    fn instance(&mut self) -> Arc<Application> {
        self.dice.pick(&self.instances).clone()
    }

    /// The worker looks every second while there is something to do.
    async fn work_until(&mut self, when: Instant) {
        while self.is_busy && self.clock.now() < when {
            let mut done = 0;
            for app in &self.instances {
                done += app.relay_events().await.unwrap().delivered;
                done += app.drive_sagas().await.unwrap().driven;
                self.calendar.calls.set_warming(true);
                done += app.warm_caches().await.unwrap().waiting;
                self.calendar.calls.set_warming(false);
            }
            self.is_busy = done > 0;
            let next = self.clock.now() + Span::seconds(1);
            self.clock.set(next.min(when));
        }
        self.clock.set(when);
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::AskDay(service, day) => self.ask(service, zone().day_range(day)).await,
            Event::AskWeek(service, day) => {
                let last = zone().day_range(day.plus_days(6));
                let week = TimeRange::new(zone().day_range(day).start(), last.end());
                self.ask(service, week.unwrap()).await;
            }
            Event::AskNear(service, start) => self.ask_near(service, start).await,
            Event::Book(service, day) => self.book(service, day).await,
            Event::Move(service, day) => self.reschedule(service, day).await,
            Event::Cancel(service) => self.cancel(service).await,
        }
    }

    async fn ask(&mut self, service: Service, window: TimeRange) {
        let question = AvailabilityQuestion {
            service: service.id,
            window,
            staff: None,
            allow_stale: false,
        };
        let app = self.instance();
        let answer = app.availability(service.company, &question).await;
        self.read(service, answer.unwrap().source);
    }

    fn read(&mut self, service: Service, source: Source) {
        let (now, hit) = (self.clock.now(), source == Source::Cache);
        self.outcome.read(service.event_type, now, hit);
    }

    async fn ask_near(&mut self, service: Service, start: Instant) {
        let question = AlternativesQuestion {
            service: service.id,
            start,
            limit: 3,
            staff: None,
        };
        let app = self.instance();
        let answer = app.alternatives(service.company, &question).await;
        self.read(service, answer.unwrap().source);
    }

    /// A time that is still free, on that day or the next that has any.
    fn free_start(&mut self, service: Service, day: Day) -> Instant {
        let now = self.clock.now();
        let free = (0..28).find_map(|n| {
            let day = zone().day_range(day.plus_days(n));
            let mut free = self.calendar.free(service, &day);
            free.retain(|slot| slot.start() > now);
            (!free.is_empty()).then_some(free)
        });
        self.dice.pick(&free.unwrap()).start()
    }

    async fn book(&mut self, service: Service, day: Day) {
        let wish = BookAppointment {
            service: service.id,
            branch: None,
            start: self.free_start(service, day),
            customer: contact(),
            staff: None,
            notes: None,
            metadata: Default::default(),
            idempotency: None,
        };
        let app = self.instance();
        let booked = app.book_appointment(actor(service), wish).await.unwrap();
        self.changed(service, Some(booked.view.appointment.id()));
    }

    async fn reschedule(&mut self, service: Service, day: Day) {
        let Some(id) = self.some_appointment(service) else {
            return;
        };
        let app = self.instance();
        let view = app.appointment(service.company, id).await.unwrap().unwrap();
        let service = Service::named(view.appointment.booking().event_type.unwrap());
        let wish = RescheduleAppointment {
            id,
            start: self.free_start(service, day),
            reason: None,
            terms: Terms::default(),
        };
        let moved = app.reschedule_appointment(actor(service), wish).await;
        moved.unwrap();
        self.changed(service, Some(id));
    }

    async fn cancel(&mut self, service: Service) {
        let Some(id) = self.some_appointment(service) else {
            return;
        };
        let wish = CancelAppointment {
            id,
            reason: None,
            terms: Terms::default(),
        };
        let app = self.instance();
        app.cancel_appointment(actor(service), wish).await.unwrap();
        self.changed(service, None);
    }

    /// An appointment that the company has made today, taken off its list.
    fn some_appointment(&mut self, service: Service) -> Option<AppointmentId> {
        let made = self.made.get_mut(&service.company)?;
        let n = self.dice.below(made.len().max(1) as u64) as usize;
        (n < made.len()).then(|| made.swap_remove(n))
    }

    fn changed(&mut self, service: Service, live: Option<AppointmentId>) {
        self.made.entry(service.company).or_default().extend(live);
        self.outcome.changes += 1;
        self.is_busy = true;
    }
}

fn actor(service: Service) -> Actor {
    Actor {
        company: service.company,
        origin: SyncOrigin::Retell,
        by: "a call".to_owned(),
        deadline: Span::seconds(2),
    }
}
