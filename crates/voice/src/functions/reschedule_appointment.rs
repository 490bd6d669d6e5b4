//! "Can we move it?"

use booking_application::{RescheduleAppointment, RescheduleError, Terms};
use booking_domain::ports::AppointmentView;
use booking_domain::tenant::Service;
use booking_domain::time::Instant;

use super::args::{CONFIRMED, DATE, NEW_DATE, NEW_TIME, OLD_DATE, OLD_TIME, PERIOD, REASON, TIME};
use super::book_appointment::{closed, taken};
use super::handle::Offered;
use super::own::{Own, Which, json};
use super::slots::Wanted;
use super::wish::{Names, Wish, heard, meant};
use super::{
    Answer, Code, Line, NextStep, Outcome, Plain, Question, Session, check_availability, key,
};
use crate::language::{DateReading, TimeReading};

pub(super) async fn run(s: &Session<'_>) -> Outcome {
    let own = Own::find(s).await?;
    if let Some(done) = done_before(s, &own) {
        return Ok(moved(s, done, done.appointment.range().start()));
    }
    let asked = Asked::read(s)?;
    let view = match own.select(s, &asked.which) {
        Ok(view) => view,
        Err(question) if question.code == Code::NotFound => {
            if let Some(view) = moved_already(s, &own, &asked) {
                return Ok(moved(s, view, view.appointment.range().start()));
            }
            match asked.without_the_slots_time(s) {
                Some(which) => own.select(s, &which)?,
                None => return Err(question),
            }
        }
        Err(question) => return Err(question),
    };
    let start = asked.new_start(s, view)?;
    if view.appointment.range().start() == start {
        return Ok(moved(s, view, start));
    }
    let is_clear = !asked.which.is_strange && !own.is_strange_name;
    if !s.args.yes_or_no(CONFIRMED).unwrap_or(is_clear) {
        return confirm(s, view, start).await;
    }
    let id = view.appointment.id();
    let has_id = s.conversation.tool_call_id.is_some();
    let once = has_id.then(|| key::of_move(&s.by(), id, start));
    let command = RescheduleAppointment {
        id,
        start,
        reason: s.args.text(REASON),
        terms: Terms {
            idempotency: once.flatten(),
            ..Terms::default()
        },
    };
    match s.desk.reschedule(s.actor(), command).await {
        Ok(view) => Ok(moved(s, &view, start)),
        Err(error) => refusal(s, view, start, error).await,
    }
}

/// The caller has not agreed yet: is the new time free, and shall it be?
async fn confirm(s: &Session<'_>, view: &AppointmentView, start: Instant) -> Outcome {
    let Some(service) = service_of(s, view) else {
        return Ok(s.plain(Code::NotFound, NextStep::OfferBooking, Plain::NothingFound));
    };
    let mut answer = check_availability::at(s, service, None, start).await?;
    if answer.code == Code::Available {
        let line = Line::Ask(Question::ConfirmMove(start));
        let options = std::mem::take(&mut answer.options);
        answer = s.answer(
            Code::Available,
            NextStep::AskConfirmation,
            &line,
            answer.data,
        );
        answer.options = options;
    }
    Ok(answer)
}

/// What is to be moved, and where to.
struct Asked {
    which: Which,
    slot: Option<Offered>,
    names: Names,
}

impl Asked {
    /// `datum` is the day of the appointment where a new day or time is given too, and the new
    /// day where it is not. An option is the new slot, unless it is an appointment of the caller's.
    fn read(s: &Session<'_>) -> Result<Self, Box<Answer>> {
        let (old, slot) = match s.offered()? {
            Some(slot) if slot.is_own => (Some(slot), None),
            other => (None, other),
        };
        let told_new = s.args.has(NEW_DATE) || s.args.has(NEW_TIME) || slot.is_some();
        let old_date = if !s.args.has(OLD_DATE) && told_new {
            DATE
        } else {
            OLD_DATE
        };
        let names_new = s.args.has(NEW_TIME) || slot.is_some();
        let old_time = if !s.args.has(OLD_TIME) && names_new {
            TIME
        } else {
            OLD_TIME
        };
        let old_names = Names {
            date: old_date,
            time: old_time,
            period: &[],
        };
        let names = Names {
            date: if told_new { NEW_DATE } else { DATE },
            time: if s.args.has(NEW_TIME) { NEW_TIME } else { TIME },
            period: PERIOD,
        };
        Ok(Self {
            which: Which::said(s, old_names, old),
            slot,
            names,
        })
    }

    /// The time beside a chosen slot may be the slot's own, said once more.
    fn without_the_slots_time(&self, s: &Session<'_>) -> Option<Which> {
        let time = s.zone().local(self.slot?.start).time;
        self.which.without_time(time)
    }

    /// Where the appointment is to go; a time alone keeps the day.
    fn new_start(&self, s: &Session<'_>, view: &AppointmentView) -> Result<Instant, Box<Answer>> {
        if let Some(slot) = self.slot {
            return Ok(slot.start);
        }
        let Some(service) = service_of(s, view) else {
            return Err(Box::new(s.plain(
                Code::NotFound,
                NextStep::OfferBooking,
                Plain::NothingFound,
            )));
        };
        let (date, time) = heard(s, self.names);
        let date = match (date, &time) {
            (DateReading::Missing, TimeReading::Missing) => {
                return Err(s.missing("new_date", NextStep::AskDate, Plain::AskNewDate));
            }
            (DateReading::Missing, _) => {
                DateReading::Exact(s.zone().local(view.appointment.range().start()).day)
            }
            (date, _) => date,
        };
        match meant(s, service, date, time)? {
            Wish::At(start) => Ok(start),
            Wish::Within(_) => Err(s.missing("new_time", NextStep::AskTime, Plain::AskNewTime)),
        }
    }
}

fn service_of<'a>(s: &'a Session<'_>, view: &AppointmentView) -> Option<&'a Service> {
    s.setup.service(view.appointment.booking().service)
}

/// What this very invocation moved, when it is sent again.
fn done_before<'a>(s: &Session<'_>, own: &'a Own) -> Option<&'a AppointmentView> {
    s.conversation.tool_call_id.as_ref()?;
    let by = |view: &AppointmentView| view.appointment.to_record().rescheduled_by;
    own.live.iter().find(|view| by(view) == Some(s.by()))
}

/// What stands at the new time already, and no longer at the old one.
fn moved_already<'a>(s: &Session<'_>, own: &'a Own, asked: &Asked) -> Option<&'a AppointmentView> {
    own.live.iter().find(|view| {
        let start = view.appointment.range().start();
        asked.new_start(s, view).is_ok_and(|new| new == start)
    })
}

fn moved(s: &Session<'_>, view: &AppointmentView, start: Instant) -> Answer {
    // Elsewhere, a later move has come between this one and its repeat.
    let stands = view.appointment.range().start();
    if view.appointment.sync_status().is_settled() {
        s.answer(
            Code::Rescheduled,
            NextStep::Done,
            &Line::Rescheduled(stands),
            json(view),
        )
    } else {
        s.answer(
            Code::Pending,
            NextStep::Done,
            &Line::Pending(start),
            json(view),
        )
    }
}

async fn refusal(
    s: &Session<'_>,
    view: &AppointmentView,
    start: Instant,
    error: RescheduleError,
) -> Outcome {
    let busy = || {
        s.answer(
            Code::Pending,
            NextStep::TryAgain,
            &Line::Plain(Plain::Busy),
            json(view),
        )
    };
    Ok(match error.first().0 {
        RescheduleError::SlotTaken { alternatives } => {
            let service = view.appointment.booking().service;
            taken(s, (service, None), start, &alternatives)
        }
        RescheduleError::OutsideOpeningHours => match service_of(s, view) {
            Some(service) => {
                let wanted = Wanted {
                    service,
                    staff: None,
                    start,
                };
                return closed(s, &wanted).await;
            }
            None => s.plain(Code::NotFound, NextStep::OfferBooking, Plain::NothingFound),
        },
        RescheduleError::SlotInPast => {
            s.plain(Code::AmbiguousDate, NextStep::AskTime, Plain::TimePast)
        }
        RescheduleError::NotFound | RescheduleError::NotActive => {
            s.plain(Code::NotFound, NextStep::OfferBooking, Plain::NothingFound)
        }
        RescheduleError::InProgress | RescheduleError::FirstRunning => busy(),
        RescheduleError::CalendarRefused(why) => {
            tracing::warn!(why, "the calendar refuses a move");
            s.plain(
                Code::CalendarUnavailable,
                NextStep::AskTime,
                Plain::CalendarRefuses,
            )
        }
        error => {
            tracing::error!(%error, "a move on the telephone failed");
            s.plain(
                Code::CalendarUnavailable,
                NextStep::TryAgain,
                Plain::NothingDone,
            )
        }
    })
}
