//! The desk: hourly slots on weekdays from eight to six, less what is in the book.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use booking_application::availability::{Availability, Source};
use booking_application::{
    Actor, Alternatives, AlternativesQuestion, AvailabilityError, AvailabilityQuestion,
    BookAppointment, BookError, Booked, CancelAppointment, CancelError, Greeting, Principal,
    RescheduleAppointment, RescheduleError,
};
use booking_domain::appointment::Cancellation;
use booking_domain::availability::nearest;
use booking_domain::calls::Call;
use booking_domain::contact::{ContactField, Phone};
use booking_domain::ids::CompanyId;
use booking_domain::ports::{AppointmentFilter, AppointmentPage, AppointmentView, StoreError};
use booking_domain::tenant::{CallRules, Company, CompanySetup, OwnTexts, RetellSettings, Service};
use booking_domain::time::{Instant, TimeRange};
use serde_json::Value;

use super::calendar::{Calendar, near};
use super::company::{appointment, principal, setup};
use super::friday;
use super::telephone::Telephone;
use crate::desk::Desk;

#[derive(Default)]
struct Book {
    views: Vec<AppointmentView>,
    keys: HashMap<String, Result<usize, (Vec<TimeRange>, String)>>,
    blocked: Vec<Instant>,
    now: Option<Instant>,
    calendar: Calendar,
    commands: usize,
    asked: i64,
    texts: OwnTexts,
    requires: Vec<ContactField>,
}

#[derive(Default)]
pub(crate) struct TestDesk {
    book: Mutex<Book>,
    pub telephone: Telephone,
}

impl TestDesk {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("not poisoned")
    }

    pub(crate) fn time(&self) -> Instant {
        self.book().now.unwrap_or_else(friday)
    }

    pub(crate) fn set_time(&self, now: Instant) {
        self.book().now = Some(now);
    }

    /// Somebody else has this slot.
    pub(crate) fn block(&self, start: &str) {
        self.book().blocked.push(start.parse().expect("an instant"));
    }

    /// No service is booked without.
    pub(crate) fn require(&self, field: ContactField) {
        self.book().requires = vec![field];
    }

    /// The company speaks in its own words.
    pub(crate) fn set_texts(&self, texts: Value) {
        self.book().texts = serde_json::from_value(texts).expect("texts");
    }

    pub(crate) fn set_calendar(&self, calendar: Calendar) {
        self.book().calendar = calendar;
    }

    /// The company that was last asked about free slots.
    pub(crate) fn asked(&self) -> i64 {
        self.book().asked
    }

    /// How many appointments were ever made.
    pub(crate) fn made(&self) -> usize {
        self.book().views.len()
    }

    /// How many commands changed something.
    pub(crate) fn commands(&self) -> usize {
        self.book().commands
    }

    pub(crate) fn last(&self) -> AppointmentView {
        self.book().views.last().cloned().expect("an appointment")
    }

    /// The last appointment's wish to Cal.com is given up.
    pub(crate) fn give_up_last(&self) {
        let now = self.time();
        let mut book = self.book();
        let view = book.views.last_mut().expect("an appointment");
        let appointment = &mut view.appointment;
        let _ = appointment.flag_for_review("sync_failed", "a day of nothing", now);
    }

    async fn calendar(&self) -> Result<(), AvailabilityError> {
        let calendar = self.book().calendar;
        match calendar {
            Calendar::Fine => Ok(()),
            Calendar::Down => Err(AvailabilityError::CalendarUnavailable { retry_at: None }),
            Calendar::Silent => std::future::pending().await,
            Calendar::Slow => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(())
            }
            Calendar::Once => {
                self.set_calendar(Calendar::Silent);
                Ok(())
            }
        }
    }

    fn is_taken(&self, slot: &TimeRange) -> bool {
        let book = self.book();
        let mut live = book
            .views
            .iter()
            .flat_map(|view| view.appointment.live_ranges());
        book.blocked.contains(&slot.start()) || live.any(|it| it.overlaps(slot))
    }

    fn free(&self, service: &Service, window: &TimeRange) -> Vec<TimeRange> {
        let zone = setup().company.time_zone;
        let days = zone.local(window.start()).day..=zone.local(window.end()).day;
        (days.start().epoch_days()..=days.end().epoch_days())
            .map(booking_domain::time::Day::from_epoch_days)
            .flat_map(|day| service.opening_hours.on(day, zone))
            .flat_map(|open| {
                let hours = open.span().as_minutes() / 60;
                (0..hours).map(move |hour| open.start() + booking_domain::time::Span::hours(hour))
            })
            .map(|start| service.range_from(start))
            .filter(|slot| window.contains(slot) && !self.is_taken(slot))
            .collect()
    }
}

#[async_trait]
impl Desk for TestDesk {
    fn now(&self) -> Instant {
        self.time()
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Principal>, StoreError> {
        Ok(principal(token))
    }

    async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanySetup>>, StoreError> {
        let mut setup = setup();
        setup.company.texts = self.book().texts.clone();
        for service in &mut setup.services {
            service.requires = self.book().requires.clone();
        }
        if id == CompanyId::new(20) {
            setup.company.id = id;
            setup.company.locale = "en".into();
            setup.company.retell = RetellSettings::default();
        }
        Ok([15, 20].contains(&id.get()).then(|| Arc::new(setup)))
    }

    async fn availability(
        &self,
        _: CompanyId,
        question: &AvailabilityQuestion,
    ) -> Result<Availability, AvailabilityError> {
        self.calendar().await?;
        let setup = Arc::new(setup());
        let service = setup.service(question.service).expect("known").clone();
        Ok(Availability {
            slots: self.free(&service, &question.window),
            setup,
            service,
            source: Source::Cache,
            as_of: self.time(),
            proof: None,
        })
    }

    async fn alternatives(
        &self,
        company: CompanyId,
        question: &AlternativesQuestion,
    ) -> Result<Alternatives, AvailabilityError> {
        self.book().asked = company.get();
        self.calendar().await?;
        let setup = setup();
        let service = setup.service(question.service).expect("known");
        let week = TimeRange::lasting(self.time(), 14 * 24 * 60);
        let free = self.free(service, &week);
        let requested = service.range_from(question.start);
        Ok(Alternatives {
            requested,
            taken: self.is_taken(&requested),
            available: free.iter().any(|slot| slot.start() == question.start),
            alternatives: nearest(question.start, &free, question.limit),
            as_of: self.time(),
            source: Source::Cache,
            expires_at: None,
            days: week.utc_days(),
        })
    }

    async fn book(&self, actor: Actor, command: BookAppointment) -> Result<Booked, BookError> {
        let key = command
            .idempotency
            .as_ref()
            .map(|(key, _)| key.as_str().to_owned());
        let setup = setup();
        let service = setup
            .service(command.service)
            .ok_or(BookError::ServiceNotFound)?;
        let range = service.range_from(command.start);
        if let Some(known) = key
            .as_ref()
            .and_then(|key| self.book().keys.get(key).cloned())
        {
            let view = known.map_err(|(alternatives, asked_by)| BookError::Replayed {
                first: Box::new(BookError::SlotTaken { alternatives }),
                asked_by,
            })?;
            let view = self.book().views[view].clone();
            return Ok(Booked {
                view,
                replayed: true,
            });
        }
        if command.start <= self.time() {
            return Err(BookError::SlotInPast);
        }
        if !service
            .opening_hours
            .covers(&range, setup.company.time_zone)
        {
            return Err(BookError::OutsideOpeningHours);
        }
        let free = self.free(service, &TimeRange::lasting(self.time(), 14 * 24 * 60));
        if !free.contains(&range) {
            let alternatives = near(command.start, &free);
            if let Some(key) = key {
                self.book()
                    .keys
                    .insert(key, Err((alternatives.clone(), actor.by.clone())));
            }
            return Err(BookError::SlotTaken { alternatives });
        }
        let view = appointment(
            (self.made() + 1, self.time()),
            &actor,
            &command,
            (service, range),
        );
        let mut book = self.book();
        if let Some(key) = key {
            let at = book.views.len();
            book.keys.insert(key, Ok(at));
        }
        book.commands += 1;
        book.views.push(view.clone());
        Ok(Booked {
            view,
            replayed: false,
        })
    }

    async fn reschedule(
        &self,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<AppointmentView, RescheduleError> {
        let (now, setup) = (self.time(), setup());
        let service = setup.services[0].clone();
        let free = self.free(&service, &TimeRange::lasting(now, 14 * 24 * 60));
        let key = command.terms.idempotency.as_ref();
        let key = key.map(|(key, _)| key.as_str().to_owned());
        let mut book = self.book();
        let Book { views, keys, .. } = &mut *book;
        let found = |it: &AppointmentView| it.appointment.id() == command.id;
        let at = views.iter().position(found);
        let at = at.ok_or(RescheduleError::NotFound)?;
        let view = &mut views[at];
        if key.as_ref().is_some_and(|key| keys.contains_key(key)) {
            return Ok(view.clone());
        }
        let service = setup
            .service(view.appointment.booking().service)
            .expect("known");
        let to = service.range_from(command.start);
        if !service.opening_hours.covers(&to, setup.company.time_zone) {
            return Err(RescheduleError::OutsideOpeningHours);
        }
        if !free.iter().any(|slot| slot.start() == command.start) {
            let alternatives = near(command.start, &free);
            return Err(RescheduleError::SlotTaken { alternatives });
        }
        let _ = view
            .appointment
            .reschedule(to, actor.origin, &actor.by, now)?;
        let view = view.clone();
        keys.extend(key.map(|key| (key, Ok(at))));
        book.commands += 1;
        Ok(view)
    }

    async fn cancel(
        &self,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<AppointmentView, CancelError> {
        let now = self.time();
        let mut book = self.book();
        let view = book
            .views
            .iter_mut()
            .find(|it| it.appointment.id() == command.id);
        let view = view.ok_or(CancelError::NotFound)?;
        let wish = Cancellation {
            at: now,
            origin: actor.origin,
            by: actor.by,
            reason: command.reason,
        };
        let _ = view.appointment.cancel(wish, now)?;
        let view = view.clone();
        book.commands += 1;
        Ok(view)
    }

    async fn appointments(
        &self,
        _: CompanyId,
        filter: &AppointmentFilter,
        _: u32,
    ) -> Result<AppointmentPage, StoreError> {
        let fits = |view: &&AppointmentView| {
            let range = view.appointment.range();
            filter.from.is_none_or(|from| range.end() > from)
                && filter.to.is_none_or(|to| range.start() < to)
                && filter
                    .service
                    .is_none_or(|it| view.appointment.booking().service == it)
                && (filter.customer_phone.is_none() || view.customer_phone == filter.customer_phone)
                && (filter.customer_email.is_none() || view.customer_email == filter.customer_email)
        };
        let mut items: Vec<_> = self.book().views.iter().filter(fits).cloned().collect();
        items.sort_by_key(|view| view.appointment.range().start());
        Ok(AppointmentPage { items, next: None })
    }

    async fn companies(&self) -> Result<Vec<Company>, StoreError> {
        self.telephone.look_up();
        let mut both = Vec::new();
        for id in [15, 20] {
            let found = self.company(CompanyId::new(id)).await?;
            both.extend(found.map(|it| it.company.clone()));
        }
        Ok(both)
    }

    async fn note_call(
        &self,
        company: CompanyId,
        _: &CallRules,
        told: Call,
    ) -> Result<(), StoreError> {
        self.telephone.note(company, told)
    }

    async fn greet(&self, _: CompanyId, _: &Phone) -> Result<Greeting, StoreError> {
        Ok(self.telephone.greet().await)
    }

    async fn expect_questions(&self, company: CompanyId) {
        self.telephone.expect_questions(company);
    }
}
