//! News from Cal.com about what others did there, and what becomes of it.

use std::collections::BTreeSet;

use booking_application::{CalcomNews, NewsKind, NewsStatus, Told};
use booking_domain::appointment::{RemoteBooking, RemoteStatus, StateName};
use booking_domain::contact::{Email, Phone};
use booking_domain::ids::{BookingUid, EventTypeId, HostId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{Clock, Delivery, UnitOfWorkFactory};
use booking_domain::time::Span;
use booking_test_support::builders::{BEN, COMPANY, contact, monday, nine, now};
use serde_json::json;

use crate::script::Call;
use crate::world::{World, review, state, two};

pub(crate) fn news(kind: NewsKind, booking: &RemoteBooking) -> CalcomNews {
    let told = Told::read(body(kind, booking).as_bytes()).unwrap();
    told.news(now()).unwrap()
}

/// Its key is the same for the same news about the same state of the booking.
pub(crate) fn delivery(kind: NewsKind, booking: &RemoteBooking) -> Delivery {
    Delivery {
        key: format!("{} {booking:?} {:?}", trigger(kind), booking.uid.expose()),
        trigger: trigger(kind).to_owned(),
        uid: Some(booking.uid.clone()),
        rescheduled_from: booking.rescheduled_from.clone(),
        body: body(kind, booking),
        sent_at: booking.changed_at,
        received_at: now(),
    }
}

fn trigger(kind: NewsKind) -> &'static str {
    match kind {
        NewsKind::Created => "BOOKING_CREATED",
        NewsKind::Requested => "BOOKING_REQUESTED",
        NewsKind::Rescheduled => "BOOKING_RESCHEDULED",
        NewsKind::Cancelled => "BOOKING_CANCELLED",
        NewsKind::Rejected => "BOOKING_REJECTED",
        NewsKind::NoShow => "BOOKING_NO_SHOW_UPDATED",
        NewsKind::Paid => "BOOKING_PAID",
        NewsKind::Reassigned => "BOOKING_REASSIGNED",
        NewsKind::HostAway => "OOO_CREATED",
    }
}

/// As Cal.com words it.
fn body(kind: NewsKind, booking: &RemoteBooking) -> String {
    let who = contact();
    let mut payload = json!({
        "uid": booking.uid.expose(),
        "eventTypeId": booking.event_type.map(EventTypeId::get),
        "status": format!("{:?}", booking.status),
        "startTime": booking.range.start().to_string(),
        "endTime": booking.range.end().to_string(),
        "organizer": {"id": booking.host.map(HostId::get), "email": booking.host_email},
        "attendees": [{
            "name": who.name.expose(),
            "email": who.email.as_ref().map(Email::expose),
            "phoneNumber": who.phone.as_ref().map(Phone::expose),
            "noShow": true,
        }],
        "rescheduleUid": booking.rescheduled_from.as_ref().map(BookingUid::expose),
        "metadata": {"gw_booking": booking.ours.map(|id| id.to_string())},
    });
    if kind == NewsKind::Cancelled {
        payload["cancellationReason"] = json!("krank");
    }
    let sent_at = booking.changed_at.map(|at| at.to_string());
    json!({"triggerEvent": trigger(kind), "createdAt": sent_at, "payload": payload}).to_string()
}

impl World {
    /// Cal.com tells.
    pub(crate) async fn tell(&self, kind: NewsKind, booking: &RemoteBooking) -> NewsStatus {
        let (mut filed, told) = (delivery(kind, booking), news(kind, booking));
        filed.received_at = self.clock.now();
        self.app
            .calcom_news(COMPANY, filed, told)
            .await
            .unwrap()
            .status
    }

    /// The worker comes by, again and again, until nothing is left to be read at Cal.com.
    pub(crate) async fn look(&self) {
        for pause in [1, 5, 5, 5, 30, 30, 120, 120] {
            self.clock.advance(Span::seconds(pause));
            let report = self.app.converge_news().await.unwrap();
            assert_eq!(report.failed, 0, "what was read could not be written down");
        }
    }

    /// Why news is kept for a person.
    pub(crate) async fn quarantined(&self) -> Vec<String> {
        let mut unit = self.store.begin(COMPANY).await.unwrap();
        let kept = unit.quarantined(10).await.unwrap();
        kept.into_iter().map(|it| it.reason).collect()
    }
}

/// Red when what began at Cal.com is sent back to it, or takes nothing here.
#[tokio::test]
async fn what_a_stranger_booked_is_ours_and_is_not_sent_back() {
    let world = World::new().await;
    let made = world.calendar.stranger(nine(), 502);
    assert!(world.offers(nine()).await);
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::Processed
    );
    let view = world.everything().await.remove(0);
    assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
    let record = view.appointment.to_record();
    assert_eq!(
        (record.booking_source, record.sync_origin),
        (SyncOrigin::Calcom, SyncOrigin::Calcom)
    );
    assert_eq!(
        (view.appointment.staff(), view.appointment.uid()),
        (Some(BEN), Some(&made.uid))
    );
    assert_eq!(view.customer_name, Some(contact().name));
    assert_eq!(world.claims().await, BTreeSet::from([(BEN, nine())]));
    world.pass().await;
    let calls =
        [Call::Create, Call::Reschedule, Call::Cancel].map(|it| world.calendar.script.calls(it));
    assert_eq!(calls, [0; 3]);
    world.assert_at_rest().await;
}

/// Red when a delivery is applied as often as it comes.
#[tokio::test]
async fn a_repeat_of_a_delivery_changes_nothing() {
    let world = World::new().await;
    let made = world.calendar.stranger(nine(), 501);
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::Processed
    );
    let before = world.everything().await;
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::AlreadyProcessed
    );
    // The same news in other words: a delivery of its own, and nothing new.
    let mut again = made.clone();
    again.host_email = Some("anna@sonnenhof.example".to_owned());
    assert_eq!(
        world.tell(NewsKind::Created, &again).await,
        NewsStatus::AlreadyProcessed
    );
    assert_eq!(world.everything().await, before);
}

/// Red when an event type of somebody else's makes an appointment, or is dropped without a trace.
#[tokio::test]
async fn what_cannot_be_placed_is_kept_for_a_person() {
    let world = World::new().await;
    let mut made = world.calendar.stranger(nine(), 502);
    made.event_type = Some(EventTypeId::new(4_711));
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::Ignored
    );
    let nameless = CalcomNews {
        booking: None,
        ..news(NewsKind::Created, &made)
    };
    let filed = Delivery {
        key: "nameless".to_owned(),
        uid: None,
        ..delivery(NewsKind::Created, &made)
    };
    let outcome = world
        .app
        .calcom_news(COMPANY, filed, nameless)
        .await
        .unwrap();
    assert_eq!(
        (outcome.status, outcome.appointment),
        (NewsStatus::Ignored, None)
    );
    assert_eq!(
        world.tell(NewsKind::NoShow, &made).await,
        NewsStatus::Ignored
    );
    assert_eq!(world.quarantined().await.len(), 3);
    assert_eq!(world.everything().await, vec![]);
}

/// Red when an overlap is refused (Cal.com has it, so it is real) or nobody hears of it.
#[tokio::test]
async fn an_overlap_with_ours_is_stored_and_shown_to_a_person() {
    let world = World::new().await;
    let ours = world.booked(nine()).await;
    world.booked(nine()).await;
    let mut made = world.calendar.asked(nine(), 502);
    assert_eq!(
        world.tell(NewsKind::Requested, &made).await,
        NewsStatus::Ignored
    );
    world.look().await;
    let page = world.everything().await;
    assert_eq!(page.len(), 3);
    let find = |page: &[booking_domain::ports::AppointmentView]| {
        let theirs = page
            .iter()
            .find(|it| it.appointment.uid() == Some(&made.uid));
        theirs.unwrap().clone()
    };
    let theirs = find(&page);
    assert_eq!(state(&theirs), StateName::Scheduled);
    assert_eq!(review(&theirs), Some("host_conflict"));
    assert_eq!(review(&world.view(ours.appointment.id()).await), None);
    assert_eq!(world.claims().await.len(), 2);
    // What has no claim can still be accepted, moved and called off.
    made.status = RemoteStatus::Accepted;
    assert_eq!(
        world.tell(NewsKind::Created, &made).await,
        NewsStatus::Processed
    );
    assert_eq!(
        state(&find(&world.everything().await)),
        StateName::Confirmed
    );
    made.status = RemoteStatus::Cancelled;
    assert_eq!(
        world.tell(NewsKind::Cancelled, &made).await,
        NewsStatus::Processed
    );
    assert_eq!(world.claims().await.len(), 2);
}

/// Red when the host's "no" or the customer's absence is not taken over.
#[tokio::test]
async fn turned_down_and_not_come() {
    let world = World::new().await;
    let mut asked = world.calendar.asked(nine(), 502);
    world.tell(NewsKind::Requested, &asked).await;
    assert!(
        world.everything().await.is_empty(),
        "it may replace another"
    );
    world.look().await;
    assert_eq!(world.claims().await.len(), 1, "a request takes its slot");
    asked.status = RemoteStatus::Rejected;
    assert_eq!(
        world.tell(NewsKind::Rejected, &asked).await,
        NewsStatus::Processed
    );
    assert!(world.claims().await.is_empty());
    assert_eq!(state(&world.everything().await[0]), StateName::Cancelled);
    let made = world.calendar.stranger(two(), 502);
    world.tell(NewsKind::Created, &made).await;
    assert_eq!(
        world.tell(NewsKind::NoShow, &made).await,
        NewsStatus::Processed
    );
    assert_eq!(state(&world.everything().await[1]), StateName::NoShow);
    let late = world.calendar.stranger(monday("15:00", 60), 502);
    assert_eq!(
        world.tell(NewsKind::NoShow, &late).await,
        NewsStatus::Ignored
    );
    world.assert_at_rest().await;
}
