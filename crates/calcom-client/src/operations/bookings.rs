//! Moving, cancelling and reading one booking.

use booking_domain::appointment::RemoteBooking;
use booking_domain::ids::BookingUid;
use booking_domain::ports::{CalendarError, MoveBooking};
use booking_domain::saga::Refusal;
use booking_domain::tenant::CalcomAccount;
use serde_json::{Value, json};

use crate::body::Envelope;
use crate::call::{Call, Operation};
use crate::client::CalcomClient;
use crate::translate;
use crate::verdict::Problem;

/// Some event types demand a reason.
const NO_REASON: &str = "Cancelled on request";
const WHAT: &str = "a booking";

impl CalcomClient {
    pub(crate) async fn move_booking(
        &self,
        account: &CalcomAccount,
        booking: &MoveBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        let mut call = Call::about(Operation::Reschedule, &booking.uid);
        let mut body = json!({ "start": booking.start.to_string() });
        if let Some(reason) = &booking.reason {
            body["reschedulingReason"] = reason.as_str().into();
        }
        call.body = Some(body);
        call.private.push(booking.uid.expose());
        call.private.extend(booking.reason.as_deref());
        self.ask(account, &call, |answer| moved(answer, booking))
            .await
    }

    pub(crate) async fn cancel_booking(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
        reason: Option<&str>,
    ) -> Result<RemoteBooking, CalendarError> {
        let mut call = Call::about(Operation::Cancel, uid);
        call.body = Some(json!({ "cancellationReason": reason.unwrap_or(NO_REASON) }));
        call.private.push(uid.expose());
        call.private.extend(reason);
        self.ask(account, &call, |answer| cancelled(answer, uid))
            .await
    }

    pub(crate) async fn get_booking(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<RemoteBooking>, CalendarError> {
        let mut call = Call::about(Operation::Get, uid);
        call.private.push(uid.expose());
        match self.ask(account, &call, |answer| named(answer, uid)).await {
            Ok(booking) => Ok(Some(booking)),
            Err(CalendarError::Refused(Refusal::Gone)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn moved(answer: &[u8], asked: &MoveBooking) -> Result<RemoteBooking, Problem> {
    let (data, _) = Envelope::<Value>::read(answer, WHAT)?;
    let booking = translate::booking(&data)?;
    if booking.range.start() != asked.start {
        return Err(Problem::Otherwise("another start"));
    }
    if !booking.is_live() {
        return Err(Problem::Otherwise("a booking that is off"));
    }
    Ok(booking)
}

fn cancelled(answer: &[u8], uid: &BookingUid) -> Result<RemoteBooking, Problem> {
    let booking = named(answer, uid)?;
    if booking.is_live() {
        return Err(Problem::Otherwise("a booking that still stands"));
    }
    Ok(booking)
}

/// The booking of this name. Of a series, Cal.com answers with a list.
fn named(answer: &[u8], uid: &BookingUid) -> Result<RemoteBooking, Problem> {
    let (data, _) = Envelope::<Value>::read(answer, WHAT)?;
    let is_it = |value: &&Value| value["uid"].as_str() == Some(uid.expose());
    let found = match &data {
        Value::Array(series) => series.iter().find(is_it),
        single => Some(single).filter(is_it),
    };
    translate::booking(found.ok_or(Problem::Otherwise("another booking"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uid() -> BookingUid {
        BookingUid::parse("aB3").unwrap()
    }

    fn booking(uid: &str, status: &str) -> Value {
        json!({
            "uid": uid, "status": status,
            "start": "2030-03-12T15:00:00.000Z", "end": "2030-03-12T15:45:00.000Z",
        })
    }

    fn answer(data: &Value) -> Vec<u8> {
        json!({"status": "success", "data": data})
            .to_string()
            .into_bytes()
    }

    /// Turns red when a booking that still stands counts as cancelled.
    #[test]
    fn cancelled_means_cancelled_and_this_one() {
        let off = booking("aB3", "cancelled");
        assert!(cancelled(&answer(&off), &uid()).is_ok());
        let series = json!([booking("zZ9", "accepted"), off]);
        assert!(cancelled(&answer(&series), &uid()).is_ok());
        for odd in [
            booking("aB3", "accepted"),
            booking("zZ9", "cancelled"),
            json!([booking("zZ9", "cancelled")]),
            json!([]),
            json!({}),
        ] {
            assert!(cancelled(&answer(&odd), &uid()).is_err(), "{odd}");
        }
    }

    #[test]
    fn moved_means_to_the_wanted_start() {
        let mut asked = MoveBooking {
            uid: uid(),
            start: "2030-03-12T15:00:00Z".parse().unwrap(),
            reason: None,
        };
        let new = booking("cD4", "accepted");
        let moved_to = moved(&answer(&new), &asked).unwrap();
        assert_eq!(moved_to.uid.expose(), "cD4");
        assert!(moved(&answer(&json!([new])), &asked).is_err());
        assert!(moved(&answer(&booking("cD4", "cancelled")), &asked).is_err());
        asked.start = "2030-03-12T15:15:00Z".parse().unwrap();
        assert!(moved(&answer(&new), &asked).is_err());
    }
}
