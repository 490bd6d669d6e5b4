//! Apply what Cal.com tells us: one transaction, no call to the outside.
//!
//! Cal.com delivers while our own call is still open, so nothing here waits for a saga. News about
//! a booking of ours (our metadata, a known name, an alias) never makes a second appointment; what
//! we already know changes nothing; nothing is ever sent back.

use std::collections::BTreeMap;
use std::sync::Arc;

use booking_domain::appointment::{
    Applied, Appointment, Booking, Cancellation, Placement, Refused, RemoteBooking, RemoteStatus,
};
use booking_domain::availability::Resource;
use booking_domain::contact::Contact;
use booking_domain::ids::{AppointmentId, BookingUid, CompanyId, ServiceId, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{
    ClaimRequest, Delivery, DeliveryStatus, HoldOutcome, StoreError, UnitOfWork,
};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{Instant, TimeRange, ZoneName};

use crate::availability::{reach, touched};
use crate::{Application, Failure};

/// What kind of news.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "Cal.com's triggers")]
pub enum NewsKind {
    Created,
    Requested,
    Rescheduled,
    Cancelled,
    Rejected,
    NoShow,
}

/// News from Cal.com, translated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CalcomNews {
    /// What kind.
    pub kind: NewsKind,
    /// The booking as the payload tells it; `None` when it names no booking that we could know.
    pub booking: Option<RemoteBooking>,
    /// Who booked.
    pub attendee: Option<Contact>,
    /// The zone they think in.
    pub time_zone: Option<ZoneName>,
    /// Who called it off, and why.
    pub cancelled_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NewsStatus {
    /// Applied.
    Processed,
    /// Delivered before, or nothing new.
    AlreadyProcessed,
    /// Nothing for us; kept where a person should see it.
    Ignored,
}

impl NewsStatus {
    /// The word used in the answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::AlreadyProcessed => "already_processed",
            Self::Ignored => "ignored",
        }
    }
}

/// What became of it, and of which appointment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewsOutcome {
    /// What became of it.
    pub status: NewsStatus,
    /// The appointment it was about.
    pub appointment: Option<AppointmentId>,
}

/// Why it could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum NewsError {
    /// There is no such company.
    #[error("there is no such company")]
    CompanyNotFound,
    /// It could not be stored: Cal.com must be told so.
    #[error("the news could not be stored")]
    Failed(#[from] Failure),
}

impl From<StoreError> for NewsError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What the news did to an appointment.
enum Effect {
    Changed {
        id: AppointmentId,
        service: ServiceId,
        affected: Vec<TimeRange>,
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
            Effect::Changed { id, .. } => (
                DeliveryStatus::Processed,
                (NewsStatus::Processed, Some(*id)),
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
        self.wake_relay();
        match effect {
            Effect::Changed {
                service, affected, ..
            } => {
                if let Some(service) = setup.service(service) {
                    self.forget_availability(setup, service, &affected).await;
                }
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
        Ok(changed(Some(&before), &appointment))
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
        Ok(changed(None, &appointment))
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

fn changed(before: Option<&Appointment>, after: &Appointment) -> Effect {
    let affected = touched(before, after);
    Effect::Changed {
        id: after.id(),
        service: after.booking().service,
        affected,
    }
}

/// Ours by metadata, by name, or by the name it had before.
async fn find_ours(
    unit: &mut dyn UnitOfWork,
    booking: &RemoteBooking,
) -> Result<Option<Appointment>, StoreError> {
    if let Some(id) = booking.ours
        && let Some(found) = unit.find(id).await?
    {
        return Ok(Some(found));
    }
    for uid in [Some(&booking.uid), booking.rescheduled_from.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Some(found) = unit.find_by_uid(uid).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn change(
    appointment: &mut Appointment,
    news: &CalcomNews,
    booking: &RemoteBooking,
    setup: &CompanySetup,
    now: Instant,
) -> Result<Applied, Refused> {
    let staff = staff_of(setup, booking);
    let current: Option<&BookingUid> = appointment.uid();
    let is_current = current.is_none_or(|uid| *uid == booking.uid);
    match news.kind {
        NewsKind::Rescheduled => appointment.moved(booking, staff, now),
        NewsKind::Created | NewsKind::Requested if booking.rescheduled_from.is_some() => {
            appointment.moved(booking, staff, now)
        }
        NewsKind::Created | NewsKind::Requested if is_current => {
            appointment.confirm(booking, staff, now)
        }
        // News about a name that it bears no longer.
        NewsKind::Created | NewsKind::Requested => Ok(Applied::AlreadyApplied),
        NewsKind::Cancelled if is_current => appointment.cancelled(cancellation(news, now), now),
        NewsKind::Rejected if is_current => appointment.reject("rejected", SyncOrigin::Calcom, now),
        NewsKind::Cancelled | NewsKind::Rejected => Ok(Applied::AlreadyApplied),
        NewsKind::NoShow => appointment.no_show(now),
    }
}

pub(crate) fn staff_of(setup: &CompanySetup, booking: &RemoteBooking) -> Option<StaffId> {
    setup
        .staff_of_host(booking.host, booking.host_email.as_deref())
        .map(|person| person.id)
}

fn cancellation(news: &CalcomNews, now: Instant) -> Cancellation {
    Cancellation {
        at: now,
        origin: SyncOrigin::Calcom,
        by: news
            .cancelled_by
            .clone()
            .unwrap_or_else(|| SyncOrigin::Calcom.to_string()),
        reason: news.reason.clone(),
    }
}

fn claim_of(service: &Service, slot: TimeRange, staff: Option<StaffId>) -> ClaimRequest {
    let choices = match staff {
        Some(person) => vec![Resource::Staff(person)],
        None => booking_domain::availability::claim_choices(service, None),
    };
    ClaimRequest {
        slot,
        during: service.padded(&slot),
        choices,
        pinned: staff.is_some(),
    }
}
