//! News from Cal.com about what others did there, and what becomes of it.

use std::collections::BTreeSet;

use booking_application::{CalcomNews, NewsKind, NewsStatus};
use booking_domain::appointment::{RemoteBooking, RemoteStatus, StateName};
use booking_domain::ids::EventTypeId;
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{Delivery, UnitOfWorkFactory};
use booking_test_support::builders::{BEN, COMPANY, contact, monday, nine, now};

use crate::script::Call;
use crate::world::{World, review, state, two};

pub(crate) fn news(kind: NewsKind, booking: &RemoteBooking) -> CalcomNews {
    CalcomNews {
        kind,
        booking: Some(booking.clone()),
        attendee: Some(contact()),
        time_zone: None,
        cancelled_by: None,
        reason: None,
    }
}

/// Its key is the same for the same news about the same state of the booking.
pub(crate) fn delivery(kind: NewsKind, booking: &RemoteBooking) -> Delivery {
    let trigger = match kind {
        NewsKind::Created => "BOOKING_CREATED",
        NewsKind::Requested => "BOOKING_REQUESTED",
        NewsKind::Rescheduled => "BOOKING_RESCHEDULED",
        NewsKind::Cancelled => "BOOKING_CANCELLED",
        NewsKind::Rejected => "BOOKING_REJECTED",
        NewsKind::NoShow => "BOOKING_NO_SHOW_UPDATED",
    };
    Delivery {
        key: format!("{trigger} {booking:?} {:?}", booking.uid.expose()),
        trigger: trigger.to_owned(),
        uid: Some(booking.uid.clone()),
        body: "{}".to_owned(),
        received_at: now(),
    }
}

impl World {
    /// Cal.com tells.
    pub(crate) async fn tell(&self, kind: NewsKind, booking: &RemoteBooking) -> NewsStatus {
        let (filed, told) = (delivery(kind, booking), news(kind, booking));
        self.app
            .calcom_news(COMPANY, filed, told)
            .await
            .unwrap()
            .status
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
    let mut made = world.calendar.stranger(nine(), 502);
    made.status = RemoteStatus::Pending;
    assert_eq!(
        world.tell(NewsKind::Requested, &made).await,
        NewsStatus::Processed
    );
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
    let mut asked = world.calendar.stranger(nine(), 502);
    asked.status = RemoteStatus::Pending;
    world.tell(NewsKind::Requested, &asked).await;
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
