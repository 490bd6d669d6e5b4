//! "I cannot come."

use booking_application::{CancelAppointment, CancelError, Terms};
use booking_domain::ports::AppointmentView;

use super::args::{CONFIRMED, DATE, OLD_DATE, OLD_TIME, PERIOD, REASON, TIME};
use super::own::{Own, Which, json, slot_of};
use super::wish::Names;
use super::{Answer, Code, Line, NextStep, Outcome, Plain, Question, Session};

/// Nothing is cancelled on a word: the caller has named the appointment — its day, its time, its
/// service — or has agreed. Otherwise the answer is the question, and `confirm` the way on.
pub(super) async fn run(s: &Session<'_>) -> Outcome {
    let own = Own::find(s).await?;
    if let Some(done) = done_before(s, &own) {
        return Ok(cancelled(s, done));
    }
    let which = Which::said(s, names(s), s.offered()?);
    let view = match own.select(s, &which) {
        Ok(view) => view,
        Err(question) => {
            return match cancelled_already(s, &own, &which) {
                Some(view) if question.code == Code::NotFound => Ok(cancelled(s, view)),
                _ => Err(question),
            };
        }
    };
    let agreed = s.args.yes_or_no(CONFIRMED);
    let is_clear = which.is_told() && !which.is_strange && !own.is_strange_name;
    let agreed = agreed.unwrap_or(is_clear);
    if !agreed {
        let line = Line::Ask(Question::ConfirmCancel(view.appointment.range().start()));
        let mut answer = s.answer(Code::Found, NextStep::AskConfirmation, &line, json(view));
        s.choose_from(&mut answer, std::iter::once(slot_of(view)));
        return Ok(answer);
    }
    let command = CancelAppointment {
        id: view.appointment.id(),
        reason: s.args.text(REASON),
        terms: Terms::default(),
    };
    match s.desk.cancel(s.actor(), command).await {
        Ok(view) => Ok(cancelled(s, &view)),
        Err(error) => Err(refusal(s, view, &error)),
    }
}

fn names(s: &Session<'_>) -> Names {
    Names {
        date: if s.args.has(OLD_DATE) { OLD_DATE } else { DATE },
        time: if s.args.has(OLD_TIME) { OLD_TIME } else { TIME },
        period: PERIOD,
    }
}

/// What this very invocation cancelled, when it is sent again.
fn done_before<'a>(s: &Session<'_>, own: &'a Own) -> Option<&'a AppointmentView> {
    s.conversation.tool_call_id.as_ref()?;
    own.cancelled.iter().find(|view| by(view) == Some(s.by()))
}

/// What was cancelled already, and is meant again: in this call, or by its day.
fn cancelled_already<'a>(
    s: &Session<'_>,
    own: &'a Own,
    which: &Which,
) -> Option<&'a AppointmentView> {
    let in_this_call = |view: &AppointmentView| by(view).is_some_and(|by| s.is_by_this_call(&by));
    let fits: Vec<_> = own
        .cancelled
        .iter()
        .filter(|view| which.fits(s, view) && (which.names_a_day() || in_this_call(view)))
        .collect();
    match fits.as_slice() {
        [view] => Some(view),
        _ => None,
    }
}

fn by(view: &AppointmentView) -> Option<String> {
    view.appointment.to_record().cancelled_by
}

fn cancelled(s: &Session<'_>, view: &AppointmentView) -> Answer {
    let line = Line::Cancelled(view.appointment.range().start());
    s.answer(Code::Cancelled, NextStep::Done, &line, json(view))
}

fn refusal(s: &Session<'_>, view: &AppointmentView, error: &CancelError) -> Box<Answer> {
    Box::new(match error {
        CancelError::NotFound | CancelError::NotActive => {
            s.plain(Code::NotFound, NextStep::OfferBooking, Plain::NothingFound)
        }
        CancelError::InProgress => {
            let line = Line::Plain(Plain::Busy);
            s.answer(Code::Pending, NextStep::TryAgain, &line, json(view))
        }
        error => {
            tracing::error!(%error, "a cancellation on the telephone failed");
            s.plain(
                Code::CalendarUnavailable,
                NextStep::TryAgain,
                Plain::NothingDone,
            )
        }
    })
}
