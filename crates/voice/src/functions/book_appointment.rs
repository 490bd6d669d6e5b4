//! "I'll take it."

use std::collections::BTreeMap;
use std::time::Duration;

use booking_application::{BookAppointment, BookError, Booked};
use booking_domain::contact::{Contact, Email, Phone};
use booking_domain::ids::{ServiceId, StaffId};
use booking_domain::person::{Meant, who_is_meant};
use booking_domain::ports::{AppointmentFilter, AppointmentView};
use booking_domain::time::{Instant, Span, TimeRange};
use serde_json::json;

use super::args::{CONFIRMED, NOTES};
use super::catalogue;
use super::key::{BUCKET, Intent, Past};
use super::own::{is_given_up, json as appointment_json, service_name};
use super::session::MOST_OPTIONS;
use super::slots::{Choose, Wanted, alternatives_json, near, slot_json};
use super::wish::{self, Names, Wish};
use super::{Answer, Code, Line, NextStep, Outcome, Plain, Session, check_availability, customer};

/// Without a call id: as long as two equal invocations may be apart and still meet in no bucket.
const ONE_CONVERSATION: Span = Span::seconds(2 * BUCKET.as_seconds());
/// While the first of two equal invocations runs, the second asks this often.
const PAUSE: Duration = Duration::from_millis(50);
/// How often a slot may be booked and given up, or refused and wished again, in one call.
const MOST_TURNS: usize = 12;

pub(super) async fn run(s: &Session<'_>) -> Outcome {
    let order = order(s)?;
    if s.args.yes_or_no(CONFIRMED) == Some(false) {
        // The caller has not agreed yet: only look.
        return check_availability::at(s, order.service, order.staff, order.start).await;
    }
    let contact = customer::contact(s, order.service)?;
    if s.conversation.call_id.is_none()
        && let Some(view) = booked_before(s, &order, &contact).await
    {
        return Ok(booked(s, &view, &contact));
    }
    match book(s, &order, &contact).await {
        Ok(view) => Ok(booked(s, &view, &contact)),
        Err(error) => {
            let (error, replayed) = error.first();
            let is_taken = matches!(error, BookError::SlotTaken { .. }) && !replayed;
            if is_taken && let Some(view) = booked_in_this_call(s, &order, &contact).await {
                return Ok(booked(s, &view, &contact));
            }
            refusal(s, &order, error).await
        }
    }
}

/// What takes the slot may be what this caller has just booked.
async fn booked_in_this_call(
    s: &Session<'_>,
    order: &Wanted<'_>,
    contact: &Contact,
) -> Option<AppointmentView> {
    let view = booked_before(s, order, contact).await?;
    s.is_by_this_call(&view.appointment.booking().by)
        .then_some(view)
}

fn order<'a>(s: &'a Session<'_>) -> Result<Wanted<'a>, Box<Answer>> {
    if let Some(offered) = s.offered()?
        && let Some(service) = s.setup.service(offered.service)
    {
        return Ok(Wanted {
            service,
            staff: offered.staff,
            start: offered.start,
        });
    }
    let service = catalogue::service(s)?;
    let staff = catalogue::staff(s, service)?;
    match wish::wish(s, service, Names::WISH)? {
        Wish::At(start) => Ok(Wanted {
            service,
            staff,
            start,
        }),
        Wish::Within(_) => Err(s.missing("time", NextStep::AskTime, Plain::AskTime)),
    }
}

/// The appointment itself tells that an intent was carried out: without a call id it may fall into
/// two buckets of ten minutes, and within a call the name may be said another way.
async fn booked_before(
    s: &Session<'_>,
    order: &Wanted<'_>,
    contact: &Contact,
) -> Option<AppointmentView> {
    let filter = AppointmentFilter {
        from: Some(order.start),
        to: Some(order.start + Span::MINUTE),
        service: Some(order.service.id),
        customer_phone: contact.phone.clone(),
        customer_email: contact.email.clone().filter(|_| contact.phone.is_none()),
        ..AppointmentFilter::default()
    };
    let page = s.desk.appointments(s.company(), &filter, 10).await.ok()?;
    let mut views = page.items;
    views.retain(|view| {
        view.appointment.range().start() == order.start
            && !is_given_up(view)
            && view.customer_name.is_some()
            && (s.caller.phone().is_some() || is_recent(s, view))
    });
    let names = views.iter().filter_map(|it| it.customer_name.as_ref());
    match who_is_meant(names, &contact.name) {
        Meant::Known { at, .. } => Some(views.swap_remove(at)),
        Meant::Stranger => None,
    }
}

/// Who only says a number hears of what was booked just now, and of nothing else that stands on it.
fn is_recent(s: &Session<'_>, view: &AppointmentView) -> bool {
    s.now.since(view.appointment.created_at()) <= ONE_CONVERSATION
}

/// Books once. An intent that was refused, or whose appointment was given up since, is spoken anew,
/// unless this very invocation came to that.
async fn book(
    s: &Session<'_>,
    order: &Wanted<'_>,
    contact: &Contact,
) -> Result<AppointmentView, BookError> {
    let mut past = Past::default();
    let mut refused = BookError::InProgress;
    for _ in 0..MOST_TURNS {
        match attempt(s, order, contact, &past).await {
            Ok(booked) if booked.replayed && !still_that(s, order, &booked.view) => {
                past.after = Some(booked.view.appointment.id());
            }
            Ok(booked) => return Ok(booked.view),
            Err(BookError::Replayed { first, asked_by }) if asked_by != s.by() => {
                past.refused.push(asked_by);
                refused = *first;
            }
            Err(error) => return Err(error),
        }
    }
    Err(refused)
}

fn still_that(s: &Session<'_>, order: &Wanted<'_>, view: &AppointmentView) -> bool {
    let appointment = &view.appointment;
    let made_now = s.conversation.tool_call_id.is_some() && appointment.booking().by == s.by();
    let stands = !is_given_up(view) && appointment.range().start() == order.start;
    made_now || stands
}

/// One attempt; while an equal one runs, waits for what that comes to.
async fn attempt(
    s: &Session<'_>,
    order: &Wanted<'_>,
    contact: &Contact,
    past: &Past,
) -> Result<Booked, BookError> {
    let patience = u128::try_from(s.deadline.as_micros()).unwrap_or(0) / PAUSE.as_micros();
    for _ in 0..=patience + 1 {
        match s
            .desk
            .book(s.actor(), command(s, order, contact, past))
            .await
        {
            Err(BookError::InProgress) => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
    Err(BookError::InProgress)
}

fn command(s: &Session<'_>, order: &Wanted<'_>, contact: &Contact, past: &Past) -> BookAppointment {
    let intent = Intent {
        company: s.company(),
        call: s.conversation.call_id.as_deref(),
        service: order.service.id,
        start: order.start,
        customer: contact,
        past,
    };
    let ids = [
        ("call_id", &s.conversation.call_id),
        ("tool_call_id", &s.conversation.tool_call_id),
    ];
    let metadata: BTreeMap<_, _> = ids
        .into_iter()
        .filter_map(|(key, id)| Some((key.to_owned(), id.clone()?)))
        .collect();
    BookAppointment {
        service: order.service.id,
        branch: None,
        start: order.start,
        customer: contact.clone(),
        staff: order.staff,
        notes: s.args.text(NOTES),
        metadata,
        idempotency: intent.key(s.now),
    }
}

fn booked(s: &Session<'_>, view: &AppointmentView, contact: &Contact) -> Answer {
    let mut answer = outcome(s, view);
    answer.read_back = customer::read_back(s, contact);
    if s.caller.phone().is_none() {
        // A number that was said opens nobody's file: what we know beyond it stays with us.
        let customer = &mut answer.data["customer"];
        customer["name"] = contact.name.expose().into();
        customer["email"] = contact.email.as_ref().map(Email::expose).into();
        customer["phone"] = contact.phone.as_ref().map(Phone::expose).into();
    }
    answer
}

fn outcome(s: &Session<'_>, view: &AppointmentView) -> Answer {
    let start = view.appointment.range().start();
    let data = appointment_json(view);
    if is_given_up(view) {
        let line = Line::Cancelled(start);
        return s.answer(Code::Cancelled, NextStep::OfferBooking, &line, data);
    }
    if !view.appointment.sync_status().is_settled() {
        return s.answer(Code::Pending, NextStep::Done, &Line::Pending(start), data);
    }
    let line = Line::Booked(service_name(s, view), start);
    s.answer(Code::Booked, NextStep::Done, &line, data)
}

async fn refusal(s: &Session<'_>, order: &Wanted<'_>, error: BookError) -> Outcome {
    Ok(match error {
        BookError::SlotTaken { alternatives } => taken(
            s,
            (order.service.id, order.staff),
            order.start,
            &alternatives,
        ),
        BookError::OutsideOpeningHours => {
            return closed(s, order).await;
        }
        BookError::SlotInPast => s.plain(Code::AmbiguousDate, NextStep::AskTime, Plain::TimePast),
        BookError::StaffNotFound => s.plain(
            Code::InvalidParameter,
            NextStep::AskStaff,
            Plain::UnknownStaff,
        ),
        BookError::CustomerUnreachable => {
            return Err(s.missing("phone", NextStep::AskPhone, Plain::AskContact));
        }
        BookError::ContactMissing(field) => return Err(customer::lacking(s, field)),
        BookError::CalendarRefused(why) => {
            tracing::warn!(why, "the calendar refuses a booking");
            s.plain(
                Code::CalendarUnavailable,
                NextStep::AskTime,
                Plain::CalendarRefuses,
            )
        }
        BookError::InProgress => {
            s.plain(Code::CalendarUnavailable, NextStep::TryAgain, Plain::Busy)
        }
        error => {
            tracing::error!(%error, "a booking on the telephone failed");
            s.plain(
                Code::CalendarUnavailable,
                NextStep::TryAgain,
                Plain::NothingDone,
            )
        }
    })
}

/// Somebody was faster: what is near, in the same breath.
pub(super) fn taken(
    s: &Session<'_>,
    (service, staff): (ServiceId, Option<StaffId>),
    start: Instant,
    alternatives: &[TimeRange],
) -> Answer {
    let zone = s.zone();
    let free: Vec<_> = alternatives
        .iter()
        .take(MOST_OPTIONS)
        .map(TimeRange::start)
        .collect();
    let next_step = if free.is_empty() {
        NextStep::AskDate
    } else {
        NextStep::AskChoice
    };
    let data = json!({
        "service_id": service.get(),
        "time_zone": zone.name(),
        "requested": {"start": zone.rfc3339(start), "available": false},
        "alternatives": alternatives.iter().map(|it| slot_json(it, zone)).collect::<Vec<_>>(),
    });
    let line = Line::SlotTaken(start, free.clone());
    let answer = s.answer(Code::SlotTaken, next_step, &line, data);
    s.with_options(answer, service, staff, &free)
}

/// Closed then: what is near.
pub(super) async fn closed(s: &Session<'_>, wanted: &Wanted<'_>) -> Outcome {
    let found = near(s, wanted, Choose::most()).await?;
    let free: Vec<_> = found
        .alternatives
        .iter()
        .map(|it| it.slot.start())
        .collect();
    let next_step = if free.is_empty() {
        NextStep::AskDate
    } else {
        NextStep::AskChoice
    };
    let data = alternatives_json(&found, wanted.service, s.zone());
    let line = Line::Closed(free.clone());
    let answer = s.answer(Code::OutsideOpeningHours, next_step, &line, data);
    Ok(s.with_options(answer, wanted.service.id, wanted.staff, &free))
}
