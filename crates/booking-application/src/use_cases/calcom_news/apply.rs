//! One piece of news, decided on what the store holds.

use std::collections::BTreeMap;

use booking_domain::appointment::State;
use booking_domain::appointment::{Appointment, Booking, Placement, RemoteBooking, RemoteStatus};
use booking_domain::contact::Contact;
use booking_domain::ids::HostId;
use booking_domain::origin::SyncOrigin;
use booking_domain::person::Evidence;
use booking_domain::ports::{Delivery, DeliveryStatus, StoreError, UnitOfWork};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::{TimeRange, ZoneName};

use super::change::{Upshot, change, staff_of};
use super::names::{Name, find_ours};
use super::{CalcomNews, Changed, Effect, NewsKind};
use crate::Application;
use crate::availability::reach;

impl Application {
    pub(super) async fn judge(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        delivery: &Delivery,
        news: &CalcomNews,
    ) -> Result<Effect, StoreError> {
        if news.kind == NewsKind::HostAway {
            return self.host_is_away(unit, setup, news.away).await;
        }
        let Some(booking) = &news.booking else {
            return Ok(Effect::Quarantine("it names no booking"));
        };
        match find_ours(unit, booking).await? {
            Some((known, name)) => {
                let what = (news, booking, delivery.is_hint());
                self.apply(unit, setup, (known, name), what).await
            }
            None => self.apply_to_unknown(unit, setup, delivery, news).await,
        }
    }

    async fn apply(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        (before, name): (Appointment, Name),
        (news, booking, is_hint): (&CalcomNews, &RemoteBooking, bool),
    ) -> Result<Effect, StoreError> {
        let mut after = before.clone();
        let mut names = vec![booking.uid.clone()];
        names.extend(booking.rescheduled_from.clone());
        let told = change(&mut after, name, (news, booking), setup, self.now());
        match told {
            Upshot::Ask(why) => self.wait(unit, setup, Some(&before), (booking, why)).await,
            Upshot::Changed if is_hint => {
                let why = "it was sent long ago, or in the future";
                self.wait(unit, setup, Some(&before), (booking, why)).await
            }
            Upshot::Nothing => {
                if !matches!(name, Name::Current | Name::Former) {
                    unit.file_names(before.id(), &names).await?;
                }
                Ok(Effect::Nothing(before.id()))
            }
            Upshot::Changed => {
                if name != Name::Current {
                    self.replay(unit, setup, &mut after, &mut names).await?;
                }
                self.save_following(unit, setup, Some(&before), &mut after)
                    .await?;
                if booking.rescheduled_from.is_some() {
                    unit.file_names(after.id(), &names).await?;
                }
                Ok(Effect::Changed(Box::new(Changed {
                    is_foreign: !is_our_wish(&before),
                    before: Some(before),
                    after,
                })))
            }
        }
    }

    async fn apply_to_unknown(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        delivery: &Delivery,
        news: &CalcomNews,
    ) -> Result<Effect, StoreError> {
        let Some(booking) = &news.booking else {
            return Ok(Effect::Quarantine("it names no booking"));
        };
        let service = booking
            .event_type
            .and_then(|it| setup.service_of_event_type(it));
        if service.is_none() && (booking.event_type.is_some() || news.kind.is_made()) {
            return Ok(Effect::Quarantine(
                "its event type belongs to no service of the company",
            ));
        }
        let (Some(service), None) = (service, must_be_asked(delivery, news, booking)) else {
            let why = must_be_asked(delivery, news, booking)
                .unwrap_or("it is about a booking that is not known here");
            return self.wait(unit, setup, None, (booking, why)).await;
        };
        let Some(attendee) = &news.attendee else {
            return Ok(Effect::Quarantine("it names nobody who could be reached"));
        };
        let mut after = self
            .made_there(unit, setup, service, (booking, attendee, news.time_zone))
            .await?;
        let mut names = vec![booking.uid.clone()];
        self.replay(unit, setup, &mut after, &mut names).await?;
        self.save_following(unit, setup, None, &mut after).await?;
        if names.len() > 1 {
            unit.file_names(after.id(), &names).await?;
        }
        Ok(Effect::Changed(Box::new(Changed {
            before: None,
            after,
            is_foreign: true,
        })))
    }

    /// The appointment of a booking that was made at Cal.com; not saved yet.
    pub(super) async fn made_there(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        service: &Service,
        (booking, attendee, zone): (&RemoteBooking, &Contact, Option<ZoneName>),
    ) -> Result<Appointment, StoreError> {
        let customer = unit.customer_for(attendee, Evidence::Records).await?;
        let new = Booking {
            id: self.new_appointment_id(),
            company: setup.company.id,
            branch: service.branch,
            service: service.id,
            event_type: service.event_type,
            customer,
            wanted_staff: None,
            range: booking.range,
            time_zone: zone.unwrap_or(setup.company.time_zone),
            origin: SyncOrigin::Calcom,
            by: SyncOrigin::Calcom.to_string(),
            notes: None,
            metadata: BTreeMap::new(),
        };
        let placement = Placement {
            uid: Some(booking.uid.clone()),
            staff: staff_of(setup, booking),
        };
        let accepted = booking.status == RemoteStatus::Accepted;
        let changed_at = booking.changed_at;
        Ok(Appointment::booked_elsewhere(
            new,
            placement,
            accepted,
            changed_at,
            self.now(),
        ))
    }

    /// Keeps the news, and lets nobody be offered what it may have taken or freed without asking.
    async fn wait(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        known: Option<&Appointment>,
        (booking, why): (&RemoteBooking, &'static str),
    ) -> Result<Effect, StoreError> {
        let service = match known {
            Some(known) => setup.service(known.booking().service),
            None => booking
                .event_type
                .and_then(|it| setup.service_of_event_type(it)),
        };
        if let Some(service) = service {
            let reach = reach(setup, service);
            unit.outdate(service.id, Some(&[booking.range]), reach)
                .await?;
        }
        Ok(Effect::Wait(why, known.map(Appointment::id)))
    }

    /// No appointment is touched by it; what was fetched of the host's days is not true any more.
    async fn host_is_away(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        away: Option<(HostId, TimeRange)>,
    ) -> Result<Effect, StoreError> {
        let Some((host, range)) = away else {
            return Ok(Effect::Seen(DeliveryStatus::Ignored));
        };
        let Some(person) = setup.staff_of_host(Some(host), None) else {
            return Ok(Effect::Seen(DeliveryStatus::Ignored));
        };
        for service in &setup.services {
            if service.staff.contains(&person.id) {
                let reach = reach(setup, service);
                unit.outdate(service.id, Some(&[range]), reach).await?;
            }
        }
        Ok(Effect::Seen(DeliveryStatus::Processed))
    }
}

/// Whether something that was asked for here is under way: then the news tells of that.
fn is_our_wish(before: &Appointment) -> bool {
    matches!(
        before.state(),
        State::Pending { .. } | State::Rescheduling { .. } | State::Cancelling { .. }
    )
}

/// Why a booking that is not known must not become an appointment by its payload alone.
fn must_be_asked(
    delivery: &Delivery,
    news: &CalcomNews,
    booking: &RemoteBooking,
) -> Option<&'static str> {
    if !news.kind.is_made() {
        Some("it is about a booking that is not known here")
    } else if delivery.is_hint() {
        Some("it was sent long ago, or in the future")
    } else if booking.rescheduled_from.is_some() || news.kind == NewsKind::Rescheduled {
        Some("it moves a booking that is not known here")
    } else if news.kind == NewsKind::Requested || news.is_confirmed_by_host {
        // A move that the host has to confirm does not say what it replaces.
        Some("it may replace a booking without saying so")
    } else {
        None
    }
}
