//! "Is Monday at eight free?" — "What is free on Monday?"

use booking_domain::ids::StaffId;
use booking_domain::tenant::Service;
use booking_domain::time::{Day, Instant};

use super::session::MOST_OPTIONS;
use super::slots::{
    Choose, Wanted, alternatives_json, availability_json, free, near, not_free, spread,
};
use super::wish::{self, Names, Period, Wish};
use super::{Code, Line, NextStep, Outcome, Session, catalogue};

pub(super) async fn run(s: &Session<'_>) -> Outcome {
    if let Some(offered) = s.offered()?
        && let Some(service) = s.setup.service(offered.service)
    {
        return at(s, service, offered.staff, offered.start).await;
    }
    let service = catalogue::service(s)?;
    let staff = catalogue::staff(s, service)?;
    match wish::wish(s, service, Names::WISH)? {
        Wish::At(start) => at(s, service, staff, start).await,
        Wish::Within(period) => within(s, service, staff, period).await,
    }
}

/// One moment: free, or what is near.
pub(super) async fn at(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    start: Instant,
) -> Outcome {
    let wanted = Wanted {
        service,
        staff,
        start,
    };
    let found = near(s, &wanted, Choose::most()).await?;
    let open = service.opening_hours.covers(&found.requested, s.zone());
    let others: Vec<_> = found
        .alternatives
        .iter()
        .map(|it| it.slot.start())
        .collect();
    let (code, line, options) = match (open, found.available) {
        (true, true) => (Code::Available, Line::SlotFree(start), vec![start]),
        (false, _) => (
            Code::OutsideOpeningHours,
            Line::Closed(others.clone()),
            others,
        ),
        (true, false) if others.is_empty() => (Code::Unavailable, not_free(&found), others),
        (true, false) => (Code::Alternatives, not_free(&found), others),
    };
    let next_step = match code {
        Code::Available => NextStep::AskConfirmation,
        _ if options.is_empty() => NextStep::AskDate,
        _ => NextStep::AskChoice,
    };
    let data = alternatives_json(&found, service, s.zone());
    let mut answer = s.answer(code, next_step, &line, data);
    answer.as_of = s.zone().rfc3339(found.as_of);
    Ok(s.with_options(answer, service.id, staff, &options))
}

/// A day or a part of it: every option lies inside.
async fn within(
    s: &Session<'_>,
    service: &Service,
    staff: Option<StaffId>,
    period: Period,
) -> Outcome {
    let found = free(s, service, staff, period).await?;
    let options = spread(&found.slots, s.zone(), MOST_OPTIONS);
    let (code, next_step, line) = if options.is_empty() {
        (
            Code::Unavailable,
            NextStep::AskDate,
            nothing(s, service, period),
        )
    } else {
        (
            Code::Available,
            NextStep::AskChoice,
            Line::Free(options.clone()),
        )
    };
    let mut answer = s.answer(
        code,
        next_step,
        &line,
        availability_json(&found, period, s.now),
    );
    answer.as_of = s.zone().rfc3339(found.as_of);
    Ok(s.with_options(answer, service.id, staff, &options))
}

fn nothing(s: &Session<'_>, service: &Service, period: Period) -> Line {
    let whole_day = period.window == crate::language::DayWindow::WHOLE_DAY;
    let one_day: Option<Day> = (period.first == period.last).then_some(period.first);
    match (one_day, period.window.part) {
        (Some(day), _) if service.opening_hours.on(day, s.zone()).is_empty() => Line::ClosedOn(day),
        (Some(day), part) if whole_day || part.is_some() => Line::NothingOn(day, part),
        _ => Line::NothingNear,
    }
}
