//! Apply what Cal.com tells us: one transaction, no call to the outside.
//!
//! Cal.com delivers while our own call is still open, so nothing here waits for a saga. News about
//! a booking of ours (our metadata, a known name, an alias) never makes a second appointment; what
//! we already know changes nothing; nothing is ever sent back.

mod change;
mod news;

use std::collections::BTreeMap;
use std::sync::Arc;

use booking_domain::appointment::{
    Applied, Appointment, Booking, Placement, RemoteBooking, RemoteStatus,
};
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{Delivery, DeliveryStatus, StoreError, UnitOfWork};
use booking_domain::tenant::CompanySetup;

pub(crate) use self::change::staff_of;
use self::change::{cancellation, change, find_ours};
pub use self::news::{CalcomNews, NewsError, NewsKind, NewsOutcome, NewsStatus};
use crate::after_commit::Change;
use crate::{Application, Failure};

/// What the news did to an appointment.
enum Effect {
    Changed {
        before: Option<Box<Appointment>>,
        after: Box<Appointment>,
    },
    Nothing(AppointmentId),
    /// A person should see it.
    Quarantine(&'static str),
}

impl Application {
    /// Takes in a delivery: files it, applies it, both in one commit.
    pub async fn calcom_news(
        self: &Arc<Self>,
        company: CompanyId,
        delivery: Delivery,
        news: CalcomNews,
    ) -> Result<NewsOutcome, NewsError> {
        let app = self.clone();
        tokio::spawn(async move { app.take_in(company, delivery, news).await })
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()))
    }

    async fn take_in(
        self: Arc<Self>,
        company: CompanyId,
        delivery: Delivery,
        news: CalcomNews,
    ) -> Result<NewsOutcome, NewsError> {
        let setup = self
            .company(company)
            .await?
            .ok_or(NewsError::CompanyNotFound)?;
        // Lost races (a saga committed in between) are decided anew on what stands then.
        for attempt in 1.. {
            match self.take_in_once(&setup, &delivery, &news).await {
                Err(NewsError::Failed(Failure::Store(StoreError::Changed))) if attempt < 5 => {}
                result => return result,
            }
        }
        Err(Failure::Inconsistent("unreachable: the loop returns".into()).into())
    }

    async fn take_in_once(
        &self,
        setup: &CompanySetup,
        delivery: &Delivery,
        news: &CalcomNews,
    ) -> Result<NewsOutcome, NewsError> {
        let mut unit = self.deps.units.begin(setup.company.id).await?;
        if !unit.receive(delivery).await? {
            metrics::counter!("booking_webhook_duplicates_total").increment(1);
            return Ok(NewsOutcome {
                status: NewsStatus::AlreadyProcessed,
                appointment: None,
            });
        }
        let effect = match &news.booking {
            Some(booking) => self.apply(&mut *unit, setup, news, booking).await?,
            None => Effect::Quarantine("it names no booking"),
        };
        let (status, outcome, reason) = match &effect {
            Effect::Changed { after, .. } => (
                DeliveryStatus::Processed,
                (NewsStatus::Processed, Some(after.id())),
                None,
            ),
            Effect::Nothing(id) => (
                DeliveryStatus::Processed,
                (NewsStatus::AlreadyProcessed, Some(*id)),
                None,
            ),
            Effect::Quarantine(why) => (
                DeliveryStatus::Quarantined,
                (NewsStatus::Ignored, None),
                Some(*why),
            ),
        };
        unit.settle(&delivery.key, status, outcome.1, reason)
            .await?;
        let raised = unit.commit().await?;
        match effect {
            Effect::Changed { before, after } => {
                let change = Change {
                    before: before.as_deref(),
                    after: &after,
                    raised,
                    update: None,
                };
                self.after_commit(setup, change).await;
            }
            Effect::Nothing(_) => {}
            Effect::Quarantine(why) => {
                tracing::warn!(trigger = %delivery.trigger, why, "news from Cal.com is quarantined");
            }
        }
        Ok(NewsOutcome {
            status: outcome.0,
            appointment: outcome.1,
        })
    }

    async fn apply(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        news: &CalcomNews,
        booking: &RemoteBooking,
    ) -> Result<Effect, NewsError> {
        let Some(known) = find_ours(unit, booking).await? else {
            return self.apply_to_unknown(unit, setup, news, booking).await;
        };
        let (before, mut appointment) = (known.clone(), known);
        let outcome = change(&mut appointment, news, booking, setup, self.now());
        if let Err(refused) = &outcome {
            tracing::warn!(appointment = %appointment.id(), %refused, "news from Cal.com does not fit");
        }
        if !matches!(outcome, Ok(Applied::Applied)) {
            let is_new = is_made(news.kind, outcome.is_err()) && booking.is_live();
            if !is_new || unit.find_by_uid(&booking.uid).await?.is_some() {
                return Ok(Effect::Nothing(appointment.id()));
            }
            let _ = appointment.flag_for_review(
                "duplicate_at_calcom",
                "Cal.com holds a booking of this appointment under a name that it does not bear",
                self.now(),
            );
        }
        self.save_following(unit, setup, Some(&before), &mut appointment)
            .await?;
        Ok(Effect::Changed {
            before: Some(Box::new(before)),
            after: Box::new(appointment),
        })
    }

    async fn apply_to_unknown(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        news: &CalcomNews,
        booking: &RemoteBooking,
    ) -> Result<Effect, NewsError> {
        if !is_made(news.kind, true) {
            return Ok(Effect::Quarantine(
                "it is about a booking that is not known here",
            ));
        }
        let service = booking
            .event_type
            .and_then(|it| setup.service_of_event_type(it));
        let Some(service) = service else {
            return Ok(Effect::Quarantine(
                "its event type belongs to no service of the company",
            ));
        };
        let Some(attendee) = &news.attendee else {
            return Ok(Effect::Quarantine("it names nobody who could be reached"));
        };
        let now = self.now();
        let customer = unit.customer_for(attendee).await?;
        let new = Booking {
            id: self.new_appointment_id(),
            company: setup.company.id,
            branch: service.branch,
            service: service.id,
            event_type: service.event_type,
            customer,
            wanted_staff: None,
            range: booking.range,
            time_zone: news.time_zone.unwrap_or(setup.company.time_zone),
            origin: SyncOrigin::Calcom,
            by: SyncOrigin::Calcom.to_string(),
            notes: None,
            metadata: BTreeMap::new(),
        };
        let staff = staff_of(setup, booking);
        let placement = Placement {
            uid: Some(booking.uid.clone()),
            staff,
        };
        let accepted = booking.status == RemoteStatus::Accepted;
        let mut appointment =
            Appointment::booked_elsewhere(new, placement, accepted, booking.changed_at, now);
        // News may overtake each other: the cancellation may have come first.
        if unit.cancellation_filed(&booking.uid).await? {
            let _ = appointment.cancelled(cancellation(news, now), now);
        }
        self.save_following(unit, setup, None, &mut appointment)
            .await?;
        Ok(Effect::Changed {
            before: None,
            after: Box::new(appointment),
        })
    }
}

/// Whether such news is of a booking that came into being, a moved one included if so wished.
const fn is_made(kind: NewsKind, or_moved: bool) -> bool {
    match kind {
        NewsKind::Created | NewsKind::Requested => true,
        NewsKind::Rescheduled => or_moved,
        NewsKind::Cancelled | NewsKind::Rejected | NewsKind::NoShow => false,
    }
}
