//! Reading a booking at Cal.com after news about it, and believing what is read.
//!
//! Cal.com sends news before it has finished, out of order, and not always. So what the news says
//! is a reason to look; what stands there decides. One thing is not believed at once: that a booking
//! stands which was just called off. Cal.com tells of a cancellation before it carries it out.

use std::sync::Arc;

use booking_domain::appointment::{Appointment, State};
use booking_domain::availability::Raised;
use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{DeliveryStatus, DueBooking, Settlement, StoreError, UnitOfWork};
use booking_domain::retry::Ladder;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::{Instant, Span};

use super::chain::Chain;
use super::names::find_ours;
use super::payload::Told;
use super::truth::{agree, catch_up};
use crate::Application;
use crate::after_commit::Change;
use crate::sagas::is_stray;

/// A cancellation that Cal.com does not show yet is looked for again after these.
const SHOWN_LATE: [Span; 3] = [Span::seconds(5), Span::seconds(30), Span::seconds(120)];
/// After so long without an answer a person has to look at what waits.
const GIVE_UP_AFTER: Span = Span::hours(24);

/// What a look at Cal.com has changed here.
struct Outcome {
    changed: Option<(Option<Appointment>, Appointment)>,
    /// After which time it is to be read again: Cal.com has not carried out yet what it told, or
    /// does not show it yet, or something of ours is under way.
    again_in: Option<Span>,
}

impl Application {
    /// Reads the booking and brings its appointment to what stands at Cal.com; `false` when Cal.com
    /// could not be asked.
    pub(crate) async fn converge(&self, due: &DueBooking) -> Result<bool, StoreError> {
        let began = self.now();
        let account = match self.company(due.company).await? {
            Some(setup) => setup.company.calcom.clone().map(|it| (setup, it)),
            None => None,
        };
        let Some((setup, account)) = account else {
            return self.no_more_news(due, began, None).await.map(|()| true);
        };
        let mut unit = self.deps.store.units.begin(due.company).await?;
        let is_known = unit.find_by_uid(&due.uid).await?.is_some();
        drop(unit);
        let calendar = &*self.deps.calendar;
        match Chain::read(calendar, &account, &due.uid, is_known).await {
            Ok(None) => self.no_more_news(due, began, None).await.map(|()| true),
            Ok(Some(chain)) => {
                let believed = self.believe(&setup, due, &chain, began);
                believed.await.map(|()| true)
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a booking could not be read at Cal.com"
                );
                let later = began + Ladder::default().delay_after(due.attempts);
                let is_over = began.since(due.received_at) > GIVE_UP_AFTER;
                self.no_more_news(due, began, (!is_over).then_some(later))
                    .await
                    .map(|()| false)
            }
        }
    }

    /// Reads the booking that the appointment is, if it has one; `false` when Cal.com could not be
    /// asked.
    pub(crate) async fn converge_appointment(
        &self,
        company: CompanyId,
        appointment: AppointmentId,
    ) -> Result<bool, StoreError> {
        let mut unit = self.deps.store.units.begin(company).await?;
        let found = unit.find(appointment).await?;
        drop(unit);
        let Some(uid) = found.as_ref().and_then(Appointment::uid) else {
            return Ok(true);
        };
        let due = DueBooking {
            company,
            uid: uid.clone(),
            attempts: 1,
            received_at: self.now(),
        };
        self.converge(&due).await
    }

    async fn no_more_news(
        &self,
        due: &DueBooking,
        began: Instant,
        next: Option<Instant>,
    ) -> Result<(), StoreError> {
        let mut unit = self.deps.store.units.begin(due.company).await?;
        unit.converged(&due.uid, began, next).await?;
        unit.commit().await.map(drop)
    }

    async fn believe(
        &self,
        setup: &Arc<CompanySetup>,
        due: &DueBooking,
        chain: &Chain,
        began: Instant,
    ) -> Result<(), StoreError> {
        for attempt in 1.. {
            match self.believe_once(setup, due, chain, began).await {
                Err(StoreError::Changed) if attempt < 5 => {}
                Err(error) => return Err(error),
                Ok((Some((before, after)), raised)) => {
                    let change = Change {
                        before: before.as_ref(),
                        after: &after,
                        raised,
                        update: None,
                    };
                    self.after_commit(setup, change).await;
                    return Ok(());
                }
                Ok((None, _)) => return Ok(()),
            }
        }
        Ok(())
    }

    async fn believe_once(
        &self,
        setup: &CompanySetup,
        due: &DueBooking,
        chain: &Chain,
        began: Instant,
    ) -> Result<(Option<(Option<Appointment>, Appointment)>, Raised), StoreError> {
        let mut unit = self.deps.store.units.begin(due.company).await?;
        let outcome = match find_of_chain(&mut *unit, chain).await? {
            Some(known) => {
                self.bring_up(&mut *unit, setup, known, (chain, due))
                    .await?
            }
            None => self.make(&mut *unit, setup, (chain, due)).await?,
        };
        let next = outcome.again_in.map(|delay| began + delay);
        unit.converged(&due.uid, began, next).await?;
        let raised = unit.commit().await?;
        Ok((outcome.changed, raised))
    }

    async fn bring_up(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        before: Appointment,
        (chain, due): (&Chain, &DueBooking),
    ) -> Result<Outcome, StoreError> {
        let (mut names, last) = (chain.names(), chain.last());
        let has_waited = self.now().since(due.received_at);
        if is_stray(&before, last) && is_being_moved(&before) && has_waited <= GIVE_UP_AFTER {
            // It may be what the move is about to come to.
            return Ok(Outcome {
                changed: None,
                again_in: Some(Ladder::default().delay_after(due.attempts)),
            });
        }
        let mut after = before.clone();
        let caught_up = catch_up(&mut after, chain, setup, self.now());
        // An old delivery about an end is believed only if Cal.com says so too.
        self.replay_if(unit, setup, (&mut after, &mut names), |delivery, news| {
            !delivery.is_hint() || !news.kind.is_end() || !last.is_live()
        })
        .await?;
        let agreed = caught_up.and_then(|_| agree(&mut after, last, setup, self.now()));
        if let Err(refused) = agreed {
            let _ = after.flag_for_review("state_conflict", &refused.to_string(), self.now());
        }
        let is_to_come = is_called_off_there(&after, chain) || !chain.is_whole;
        if is_to_come && due.attempts as usize > SHOWN_LATE.len() {
            let detail = "Cal.com told of a cancellation or a move that it does not show";
            let _ = after.flag_for_review("state_conflict", detail, self.now());
        }
        if is_stray(&after, last) && !is_being_moved(&after) {
            self.discard_all(unit, &mut after, vec![last.uid.clone()])
                .await?;
        }
        self.save_following(unit, setup, Some(&before), &mut after)
            .await?;
        unit.file_names(after.id(), &names).await?;
        let has_changed = after.version() != before.version();
        Ok(Outcome {
            changed: has_changed.then_some((Some(before), after)),
            again_in: is_to_come.then(|| shown_late(due)).flatten(),
        })
    }

    /// Makes the appointment of a booking that stands, from the news that told who booked it.
    async fn make(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        (chain, due): (&Chain, &DueBooking),
    ) -> Result<Outcome, StoreError> {
        let (first, last, mut names) = (chain.first(), chain.last(), chain.names());
        let again_in = |is_to_come: bool| is_to_come.then(|| shown_late(due)).flatten();
        let service = last
            .event_type
            .and_then(|it| setup.service_of_event_type(it));
        let waiting = unit.waiting(&names).await?;
        let told = waiting.into_iter().find_map(|delivery| {
            let news = Told::read(delivery.body.as_bytes())?.news(delivery.received_at)?;
            let attendee = news.attendee.filter(|_| news.kind.is_made())?;
            Some((delivery.key, attendee, news.time_zone))
        });
        let (Some(service), Some((key, attendee, zone)), true) = (service, told, last.is_live())
        else {
            // News of the booking itself may still be on its way.
            return Ok(Outcome {
                changed: None,
                again_in: again_in(last.is_live() || !chain.is_whole),
            });
        };
        let who = (first, &attendee, zone);
        let mut after = self.made_there(unit, setup, service, who).await?;
        let _ = catch_up(&mut after, chain, setup, self.now());
        self.replay_if(unit, setup, (&mut after, &mut names), |delivery, news| {
            !delivery.is_hint() || !news.kind.is_end()
        })
        .await?;
        let settlement = Settlement {
            status: DeliveryStatus::Processed,
            appointment: Some(after.id()),
            reason: None,
            converge_at: None,
        };
        unit.settle(&key, settlement).await?;
        self.save_following(unit, setup, None, &mut after).await?;
        unit.file_names(after.id(), &names).await?;
        Ok(Outcome {
            changed: Some((None, after)),
            again_in: again_in(!chain.is_whole),
        })
    }
}

const fn is_being_moved(appointment: &Appointment) -> bool {
    matches!(appointment.state(), State::Rescheduling { .. })
}

fn shown_late(due: &DueBooking) -> Option<Span> {
    SHOWN_LATE
        .get(due.attempts.saturating_sub(1) as usize)
        .copied()
}

async fn find_of_chain(
    unit: &mut dyn UnitOfWork,
    chain: &Chain,
) -> Result<Option<Appointment>, StoreError> {
    let mut names: Vec<BookingUid> = chain.names();
    names.reverse();
    for name in &names {
        if let Some(found) = unit.find_by_uid(name).await? {
            return Ok(Some(found));
        }
    }
    let ours = find_ours(unit, chain.last()).await?;
    Ok(ours.map(|(found, _)| found))
}

/// Whether news ended it, and Cal.com still shows that very booking as standing.
fn is_called_off_there(after: &Appointment, chain: &Chain) -> bool {
    let last = chain.last();
    let by_calcom = match after.state() {
        State::Cancelled { cancel, .. } => cancel.origin == SyncOrigin::Calcom,
        _ => false,
    };
    by_calcom && last.is_live() && after.uid() == Some(&last.uid)
}
