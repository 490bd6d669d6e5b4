//! Which appointment a booking at Cal.com is, and what its name is to that appointment.

use booking_domain::appointment::{Appointment, RemoteBooking};
use booking_domain::ports::{StoreError, UnitOfWork};

/// What a name at Cal.com is to an appointment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Name {
    /// The one it bears.
    Current,
    /// One that it bore before.
    Former,
    /// Its first: Cal.com has not answered yet.
    First,
    /// The one that follows its present one.
    Next,
    /// It bears our number, and comes after a booking that is not known as the present one.
    Ours,
    /// It follows a name that was borne before, or its place is not known at all.
    Unplaced,
}

impl Name {
    /// For a booking whose name the appointment bears, or ever bore.
    pub(super) fn of_known(appointment: &Appointment, booking: &RemoteBooking) -> Self {
        if appointment.uid() == Some(&booking.uid) {
            Self::Current
        } else {
            Self::Former
        }
    }
}

/// Ours by name, by the metadata, or by the name it had before.
pub(super) async fn find_ours(
    unit: &mut dyn UnitOfWork,
    booking: &RemoteBooking,
) -> Result<Option<(Appointment, Name)>, StoreError> {
    if let Some(found) = unit.find_by_uid(&booking.uid).await? {
        let name = Name::of_known(&found, booking);
        return Ok(Some((found, name)));
    }
    if let Some(id) = booking.ours
        && let Some(found) = unit.find(id).await?
    {
        let name = place(&found, booking, Name::Ours);
        return Ok(Some((found, name)));
    }
    let Some(former) = &booking.rescheduled_from else {
        return Ok(None);
    };
    let found = unit.find_by_uid(former).await?;
    Ok(found.map(|found| {
        let name = place(&found, booking, Name::Unplaced);
        (found, name)
    }))
}

/// The place of a name that the appointment never bore.
fn place(appointment: &Appointment, booking: &RemoteBooking, otherwise: Name) -> Name {
    match (appointment.uid(), &booking.rescheduled_from) {
        (None, _) => Name::First,
        (Some(uid), Some(former)) if uid == former => Name::Next,
        (Some(_), Some(_)) => otherwise,
        (Some(_), None) => Name::Unplaced,
    }
}
