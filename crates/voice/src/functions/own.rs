//! The caller's own appointments: found by the number on the line, by nothing else.

use booking_domain::appointment::Status;
use booking_domain::contact::PersonName;
use booking_domain::ids::ServiceId;
use booking_domain::person::{Meant, name_key, who_is_meant};
use booking_domain::ports::{AppointmentFilter, AppointmentView};
use booking_domain::time::{Instant, LocalTime};
use serde_json::{Value, json};

use booking_application::present::AppointmentJson;

use super::args::{NAME, SERVICE};
use super::catalogue::{like, plain, services};
use super::handle::Offered;
use super::wish::{Names, heard};
use super::{Answer, Code, Line, NextStep, Plain, Question, Session};
use crate::language::{DateReading, TimeReading};

/// So many are looked at; nobody has more ahead of them.
const LOOKED_AT: u32 = 50;
/// So many are told in `data`.
const MOST_TOLD: usize = 5;

/// What lies ahead of the caller.
pub(super) struct Own {
    /// Those that will take place, nearest first.
    pub live: Vec<AppointmentView>,
    /// Those that were cancelled.
    pub cancelled: Vec<AppointmentView>,
    /// Whether a name was said that is nobody's on this number.
    pub is_strange_name: bool,
}

impl Own {
    /// Looks them up; an anonymous caller has none that we may know of.
    pub(super) async fn find(s: &Session<'_>) -> Result<Self, Box<Answer>> {
        let Some(phone) = s.caller.phone() else {
            return Err(Box::new(s.plain(
                Code::AnonymousCaller,
                NextStep::OfferCallback,
                Plain::Anonymous,
            )));
        };
        let filter = AppointmentFilter {
            from: Some(s.now),
            customer_phone: Some(phone.clone()),
            ..AppointmentFilter::default()
        };
        let page = s.desk.appointments(s.company(), &filter, LOOKED_AT).await;
        let page = page.map_err(|error| {
            tracing::warn!(%error, "a caller's appointments could not be read");
            Box::new(s.plain(
                Code::CalendarUnavailable,
                NextStep::TryAgain,
                Plain::CalendarDown,
            ))
        })?;
        let (mut live, mut cancelled) = (Vec::new(), Vec::new());
        for view in page.items {
            match view.appointment.status() {
                _ if is_given_up(&view) => cancelled.push(view),
                Status::Pending | Status::Scheduled | Status::Confirmed => live.push(view),
                Status::Cancelled => cancelled.push(view),
                Status::Completed | Status::NoShow => {}
            }
        }
        let own = Self {
            live,
            cancelled,
            is_strange_name: false,
        };
        own.of_one_person(s)
    }

    /// A number may be a family's: then the name says whose appointments are spoken of, and
    /// nothing is told without it. Where there is one person, a name that is nobody's is perhaps
    /// misheard, and changes nothing but that nothing is done without asking.
    fn of_one_person(mut self, s: &Session<'_>) -> Result<Self, Box<Answer>> {
        let live = people(self.live.iter());
        let whose = || s.missing("name", NextStep::AskName, Plain::AskWhose);
        let Some(said) = s.args.text(NAME) else {
            return if live.len() < 2 {
                Ok(self)
            } else {
                Err(whose())
            };
        };
        let theirs = meant(&people(self.live.iter().chain(&self.cancelled)), &said);
        if theirs.is_empty() && live.len() < 2 {
            self.is_strange_name = true;
            return Ok(self);
        }
        let is_theirs = |view: &AppointmentView| {
            let key = view.customer_name.as_ref().map(name_key);
            key.is_some_and(|it| theirs.contains(&it))
        };
        self.live.retain(is_theirs);
        self.cancelled.retain(is_theirs);
        if people(self.live.iter()).len() > 1 {
            return Err(whose());
        }
        Ok(self)
    }

    /// The one that is meant, or the question which one it is.
    pub(super) fn select<'a>(
        &'a self,
        s: &Session<'_>,
        which: &Which,
    ) -> Result<&'a AppointmentView, Box<Answer>> {
        let fits: Vec<_> = self
            .live
            .iter()
            .filter(|view| which.fits(s, view))
            .collect();
        match (fits.as_slice(), self.live.is_empty()) {
            ([view], _) => Ok(view),
            ([], true) => Err(Box::new(s.plain(
                Code::NotFound,
                NextStep::OfferBooking,
                Plain::NothingFound,
            ))),
            ([], false) => Err(listed(
                s,
                Code::NotFound,
                Question::NoneThere,
                self.live.iter(),
            )),
            (several, _) => Err(listed(
                s,
                Code::AmbiguousDate,
                Question::WhichOne,
                several.iter().copied(),
            )),
        }
    }
}

/// Who the appointments are for, each person once.
fn people<'a>(views: impl Iterator<Item = &'a AppointmentView>) -> Vec<&'a PersonName> {
    let mut names: Vec<_> = views.filter_map(|it| it.customer_name.as_ref()).collect();
    names.sort_by_cached_key(|name| name_key(name));
    names.dedup_by_key(|name| name_key(name));
    names
}

/// Whom of them a said name means, by their keys: the one it fits, else those that it may, else
/// those that sound like it.
fn meant(people: &[&PersonName], said: &str) -> Vec<String> {
    let name = PersonName::parse(said).ok();
    let found = name.map(|name| who_is_meant(people.iter().copied(), &name));
    if let Some(Meant::Known { at, .. }) = found {
        return vec![name_key(people[at])];
    }
    let names: Vec<_> = people.iter().map(|it| plain(it.expose())).collect();
    let alike = like(&names, &plain(said));
    let theirs = people
        .iter()
        .zip(&names)
        .filter(|(_, name)| alike.contains(name));
    theirs.map(|(person, _)| name_key(person)).collect()
}

/// Cancelled, or about to be as soon as the calendar has answered.
pub(super) fn is_given_up(view: &AppointmentView) -> bool {
    let record = view.appointment.to_record();
    view.appointment.status() == Status::Cancelled || record.cancelled_by.is_some()
}

/// Which appointment is meant.
#[derive(Clone)]
pub(super) struct Which {
    slot: Option<Offered>,
    date: DateReading,
    time: TimeReading,
    services: Vec<ServiceId>,
    /// Whether a service was said that there is not. It is perhaps misheard, and changes nothing but
    /// that nothing is done without asking.
    pub is_strange: bool,
}

impl Which {
    /// What the arguments under `names` say about it.
    pub(super) fn said(s: &Session<'_>, names: Names, slot: Option<Offered>) -> Self {
        let (date, time) = heard(s, names);
        let said = s.args.text(SERVICE);
        let services = said.as_deref().map(|text| services(&s.setup, text));
        let is_strange = services.as_ref().is_some_and(Vec::is_empty);
        let services = services.unwrap_or_default();
        Self {
            slot,
            date,
            time,
            services: services.iter().map(|it| it.id).collect(),
            is_strange,
        }
    }

    /// The same, whatever the time, if that may be this one.
    pub(super) fn without_time(&self, time: LocalTime) -> Option<Self> {
        let is_said = self.time != TimeReading::Missing;
        (is_said && self.may_be_at(time)).then(|| Self {
            time: TimeReading::Missing,
            ..self.clone()
        })
    }

    /// Whether a day was named.
    pub(super) fn names_a_day(&self) -> bool {
        self.date != DateReading::Missing || self.slot.is_some()
    }

    /// Whether anything was said about it.
    pub(super) fn is_told(&self) -> bool {
        self.names_a_day() || self.time != TimeReading::Missing || !self.services.is_empty()
    }

    fn may_be_at(&self, time: LocalTime) -> bool {
        match &self.time {
            TimeReading::Missing | TimeReading::Invalid => true,
            TimeReading::Exact(said) => *said == time,
            TimeReading::Window(window) => window.holds(time),
            TimeReading::Ambiguous { options } => options.contains(&time),
        }
    }

    pub(super) fn fits(&self, s: &Session<'_>, view: &AppointmentView) -> bool {
        let start = view.appointment.range().start();
        let service = view.appointment.booking().service;
        if let Some(slot) = self.slot {
            return slot.start == start && slot.service == service;
        }
        let local = s.zone().local(start);
        let day = match &self.date {
            DateReading::Missing => true,
            DateReading::Exact(day) => *day == local.day,
            DateReading::Days { first, last } => (*first..=*last).contains(&local.day),
            DateReading::Ambiguous { options } => options.contains(&local.day),
            DateReading::Past(_) | DateReading::Invalid(_) => false,
        };
        day && self.may_be_at(local.time)
            && (self.services.is_empty() || self.services.contains(&service))
    }
}

/// An answer that lists appointments to choose from.
pub(super) fn listed<'a>(
    s: &Session<'_>,
    code: Code,
    ask: fn(Vec<Instant>) -> Question,
    views: impl Iterator<Item = &'a AppointmentView>,
) -> Box<Answer> {
    let views: Vec<_> = views.collect();
    let starts = views.iter().map(|view| view.appointment.range().start());
    let mut answer = s.answer(
        code,
        NextStep::AskChoice,
        &Line::Ask(ask(starts.collect())),
        list_json(&views),
    );
    s.choose_from(&mut answer, views.iter().map(|view| slot_of(view)));
    Box::new(answer)
}

/// The slot of an appointment, as an option.
pub(super) fn slot_of(view: &AppointmentView) -> Offered {
    Offered {
        service: view.appointment.booking().service,
        staff: None,
        start: view.appointment.range().start(),
        is_own: true,
    }
}

/// The list as the REST API gives it, its first entries.
pub(super) fn list_json(views: &[&AppointmentView]) -> Value {
    let told = views.iter().take(MOST_TOLD).map(|view| json(view));
    json!({"data": told.collect::<Vec<_>>(), "next_cursor": null})
}

/// An appointment as the REST API gives it.
pub(super) fn json(view: &AppointmentView) -> Value {
    serde_json::to_value(AppointmentJson::from(view)).unwrap_or_default()
}

/// The name of an appointment's service.
pub(super) fn service_name(s: &Session<'_>, view: &AppointmentView) -> String {
    let service = s.setup.service(view.appointment.booking().service);
    service.map_or_else(String::new, |it| it.name.clone())
}
