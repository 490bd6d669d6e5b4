//! The caller's own appointments: found by the number on the line, by nothing else.

use booking_domain::appointment::Status;
use booking_domain::ids::ServiceId;
use booking_domain::ports::{AppointmentFilter, AppointmentView};
use booking_domain::time::Instant;
use serde_json::{Value, json};

use booking_application::present::AppointmentJson;

use super::args::{NAME, SERVICE};
use super::catalogue::{like, named, plain};
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
        let own = Self { live, cancelled };
        own.of_one_person(s)
    }

    /// A number may be a family's: then the name says whose appointments are spoken of, and
    /// nothing is told without it. Where there is one person, a name changes nothing.
    fn of_one_person(mut self, s: &Session<'_>) -> Result<Self, Box<Answer>> {
        let name = |view: &AppointmentView| {
            let name = view.customer_name.as_ref();
            name.map(|it| plain(it.expose())).unwrap_or_default()
        };
        let mut names: Vec<_> = self.live.iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < 2 {
            return Ok(self);
        }
        let Some(said) = s.args.text(NAME) else {
            return Err(s.missing("name", NextStep::AskName, Plain::AskWhose));
        };
        let theirs = like(&names, &plain(&said));
        self.live.retain(|view| theirs.contains(&&name(view)));
        self.cancelled.retain(|view| theirs.contains(&&name(view)));
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

/// Cancelled, or about to be as soon as the calendar has answered.
pub(super) fn is_given_up(view: &AppointmentView) -> bool {
    let record = view.appointment.to_record();
    view.appointment.status() == Status::Cancelled || record.cancelled_by.is_some()
}

/// Which appointment is meant.
pub(super) struct Which {
    slot: Option<Offered>,
    date: DateReading,
    time: TimeReading,
    services: Vec<ServiceId>,
}

impl Which {
    /// What the arguments under `names` say about it.
    pub(super) fn said(s: &Session<'_>, names: Names, slot: Option<Offered>) -> Self {
        let (date, time) = heard(s, names);
        let services = s
            .args
            .text(SERVICE)
            .map(|text| named(&s.setup.services, &text));
        Self {
            slot,
            date,
            time,
            services: services
                .unwrap_or_default()
                .iter()
                .map(|it| it.id)
                .collect(),
        }
    }

    /// Whether a day was named.
    pub(super) fn names_a_day(&self) -> bool {
        self.date != DateReading::Missing || self.slot.is_some()
    }

    /// Whether anything was said about it.
    pub(super) fn is_told(&self) -> bool {
        self.names_a_day() || self.time != TimeReading::Missing || !self.services.is_empty()
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
        let time = match &self.time {
            TimeReading::Missing | TimeReading::Invalid => true,
            TimeReading::Exact(time) => *time == local.time,
            TimeReading::Window(window) => window.holds(local.time),
            TimeReading::Ambiguous { options } => options.contains(&local.time),
        };
        day && time && (self.services.is_empty() || self.services.contains(&service))
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
    answer.options = s.choices(views.iter().map(|view| slot_of(view)));
    Box::new(answer)
}

/// The slot of an appointment, as an option.
pub(super) fn slot_of(view: &AppointmentView) -> Offered {
    Offered {
        service: view.appointment.booking().service,
        staff: None,
        start: view.appointment.range().start(),
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
