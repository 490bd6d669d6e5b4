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
use booking_domain::ids::{AppointmentId, CompanyId, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{Delivery, DeliveryStatus, HoldOutcome, StoreError, UnitOfWork};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::TimeRange;

pub(crate) use self::change::staff_of;
use self::change::{cancellation, change, claim_of, find_ours};
pub use self::news::{CalcomNews, NewsError, NewsKind, NewsOutcome, NewsStatus};
use crate::availability::reach;
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
        unit.commit().await?;
        match effect {
            Effect::Changed { before, after } => {
                self.after_commit(setup, before.as_deref(), &after).await;
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
        let service = setup.service(known.booking().service);
        let mut appointment = known;
        let before = appointment.clone();
        match change(&mut appointment, news, booking, setup, self.now()) {
            Ok(Applied::Applied) => {}
            Ok(Applied::AlreadyApplied) => return Ok(Effect::Nothing(appointment.id())),
            Err(refused) => {
                tracing::warn!(appointment = %appointment.id(), %refused, "news from Cal.com does not fit");
                return Ok(Effect::Nothing(appointment.id()));
            }
        }
        self.store(unit, setup, service, &mut appointment, before.range())
            .await?;
        Ok(Effect::Changed {
            before: Some(Box::new(before)),
            after: Box::new(appointment),
        })
    }

    /// Saves an appointment that Cal.com has changed; a new time is claimed first.
    async fn store(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        service: Option<&Service>,
        appointment: &mut Appointment,
        before: TimeRange,
    ) -> Result<(), NewsError> {
        let Some(service) = service else {
            return Ok(unit.save(appointment, Default::default()).await?);
        };
        let reach = reach(setup, service);
        let staff = appointment.staff();
        if appointment.range() == before {
            unit.save(appointment, reach).await?;
            self.follow_host(unit, appointment, staff, reach).await?;
            return Ok(());
        }
        let claim = claim_of(service, appointment.range(), staff);
        if unit.hold(appointment, &claim, reach).await? == HoldOutcome::Taken {
            let _ = appointment.flag_for_review(
                "overlap_at_calcom",
                "Cal.com moved it to a time that another appointment of ours takes",
                self.now(),
            );
            unit.save(appointment, reach).await?;
        }
        Ok(())
    }

    /// Puts the claim on the host that Cal.com has chosen.
    pub(crate) async fn follow_host(
        &self,
        unit: &mut dyn UnitOfWork,
        appointment: &mut Appointment,
        staff: Option<StaffId>,
        reach: booking_domain::time::Span,
    ) -> Result<(), StoreError> {
        let (Some(staff), [slot, ..]) = (staff, &appointment.live_ranges()[..]) else {
            return Ok(());
        };
        if !unit.assign(appointment, *slot, staff).await? {
            let _ = appointment.flag_for_review(
                "host_conflict",
                "Cal.com gave it to a person whose time another appointment of ours takes",
                self.now(),
            );
            unit.save(appointment, reach).await?;
        }
        Ok(())
    }

    async fn apply_to_unknown(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        news: &CalcomNews,
        booking: &RemoteBooking,
    ) -> Result<Effect, NewsError> {
        let makes = matches!(
            news.kind,
            NewsKind::Created | NewsKind::Requested | NewsKind::Rescheduled
        );
        if !makes {
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
        self.store_new(unit, setup, service, &mut appointment)
            .await?;
        Ok(Effect::Changed {
            before: None,
            after: Box::new(appointment),
        })
    }

    async fn store_new(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        service: &Service,
        appointment: &mut Appointment,
    ) -> Result<(), NewsError> {
        let reach = reach(setup, service);
        if appointment.live_ranges().is_empty() {
            return Ok(unit.save(appointment, reach).await?);
        }
        let claim = claim_of(service, appointment.range(), appointment.staff());
        if unit.hold(appointment, &claim, reach).await? == HoldOutcome::Taken {
            // Cal.com has it, so it is real; that two overlap is for a person to see.
            let _ = appointment.flag_for_review(
                "overlap_at_calcom",
                "Cal.com holds a booking at a time that another appointment of ours takes",
                self.now(),
            );
            unit.save(appointment, reach).await?;
        }
        Ok(())
    }
}
