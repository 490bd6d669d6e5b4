//! "When is my appointment?"

use super::args::{DATE, PERIOD, TIME};
use super::own::{Own, Which, json, list_json, listed, service_name, slot_of};
use super::wish::Names;
use super::{Code, Line, NextStep, Outcome, Plain, Question, Session};

const WHICH: Names = Names {
    date: DATE,
    time: TIME,
    period: PERIOD,
};

pub(super) async fn run(s: &Session<'_>) -> Outcome {
    let own = Own::find(s).await?;
    let which = Which::said(s, WHICH, s.offered()?);
    let fits: Vec<_> = own.live.iter().filter(|view| which.fits(s, view)).collect();
    match fits.as_slice() {
        [] if own.live.is_empty() => {
            Ok(s.plain(Code::NotFound, NextStep::OfferBooking, Plain::NothingFound))
        }
        [] => Ok(*listed(
            s,
            Code::NotFound,
            Question::NoneThere,
            own.live.iter(),
        )),
        [view] => {
            let start = view.appointment.range().start();
            let line = if view.appointment.sync_status().is_settled() {
                Line::Found(service_name(s, view), start)
            } else {
                Line::Pending(start)
            };
            let mut data = list_json(&fits);
            if let (Some(fields), serde_json::Value::Object(one)) =
                (data.as_object_mut(), json(view))
            {
                // One appointment can be read without going through the list.
                fields.extend(one);
            }
            let mut answer = s.answer(Code::Found, NextStep::Done, &line, data);
            s.choose_from(&mut answer, std::iter::once(slot_of(view)));
            Ok(answer)
        }
        several => {
            let count = u32::try_from(several.len()).unwrap_or(u32::MAX);
            let starts = several.iter().map(|view| view.appointment.range().start());
            let line = Line::FoundMany(count, starts.collect());
            let data = list_json(several);
            let mut answer = s.answer(Code::Found, NextStep::AskChoice, &line, data);
            s.choose_from(&mut answer, several.iter().map(|view| slot_of(view)));
            Ok(answer)
        }
    }
}
