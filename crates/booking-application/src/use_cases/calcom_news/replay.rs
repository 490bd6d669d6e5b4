//! News that waited for its booking to become known, applied as soon as it is.

use booking_domain::appointment::{Appointment, RemoteBooking};
use booking_domain::ids::BookingUid;
use booking_domain::ports::{Delivery, DeliveryStatus, Settlement, StoreError, UnitOfWork};
use booking_domain::tenant::CompanySetup;

use super::change::{Upshot, change};
use super::names::Name;
use super::{CalcomNews, payload};
use crate::Application;

/// So many moves of one booking are followed.
const MOST_MOVES: usize = 20;

impl Application {
    /// Applies what waits for one of these names, in the order in which it was sent, and goes on
    /// with the names that come of it.
    pub(super) async fn replay(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        appointment: &mut Appointment,
        names: &mut Vec<BookingUid>,
    ) -> Result<(), StoreError> {
        self.replay_if(unit, setup, (appointment, names), |it, _| !it.is_hint())
            .await
    }

    /// As [`Self::replay`], of those deliveries that may be believed.
    pub(super) async fn replay_if(
        &self,
        unit: &mut dyn UnitOfWork,
        setup: &CompanySetup,
        (appointment, names): (&mut Appointment, &mut Vec<BookingUid>),
        may_be_believed: impl Fn(&Delivery, &CalcomNews) -> bool + Send + Sync,
    ) -> Result<(), StoreError> {
        for _ in 0..MOST_MOVES {
            let mut waiting = unit.waiting(names).await?.into_iter();
            let next = waiting.find_map(|delivery| {
                let (news, booking) = read(&delivery)?;
                if !may_be_believed(&delivery, &news) {
                    return None;
                }
                let name = place(appointment, names, &booking);
                let told = change(appointment, name, (&news, &booking), setup, self.now());
                (!matches!(told, Upshot::Ask(_))).then_some((delivery, booking))
            });
            let Some((delivery, booking)) = next else {
                return Ok(());
            };
            for name in [Some(booking.uid), booking.rescheduled_from] {
                names.extend(name.filter(|name| !names.contains(name)));
            }
            let settlement = Settlement {
                status: DeliveryStatus::Processed,
                appointment: Some(appointment.id()),
                reason: None,
                converge_at: None,
            };
            unit.settle(&delivery.key, settlement).await?;
        }
        Ok(())
    }
}

fn read(delivery: &Delivery) -> Option<(CalcomNews, RemoteBooking)> {
    let told = payload::Told::read(delivery.body.as_bytes())?;
    let news = told.news(delivery.received_at)?;
    let booking = news.booking.clone()?;
    Some((news, booking))
}

fn place(appointment: &Appointment, names: &[BookingUid], booking: &RemoteBooking) -> Name {
    if appointment.uid() == Some(&booking.uid) {
        Name::Current
    } else if appointment.uid().is_some() && appointment.uid() == booking.rescheduled_from.as_ref()
    {
        Name::Next
    } else if names.contains(&booking.uid) {
        Name::Former
    } else {
        Name::Unplaced
    }
}
