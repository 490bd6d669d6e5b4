//! `EventRecords` and `Housekeeping`: what is written down about events is written once, and what
//! is deleted is over.

use booking_domain::appointment::Appointment;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::idempotency::{Fingerprint, IdempotencyKey};
use booking_domain::ids::JobId;
use booking_domain::messages::{Fate, NotSent, Planned, Template};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{About, Channel, Job, NewMessage, Queue, Retention};
use booking_domain::time::{Instant, Span};
use serde_json::json;
use uuid::Uuid;

use super::StoreUnderTest;
use super::steps::{Held, Shop};
use crate::builders::{ANNA, BEN, COMPANY, OTHER_COMPANY, monday, nine, now, remote};

fn event(appointment: &Appointment, sequence: i64) -> DomainEvent {
    DomainEvent {
        company: appointment.booking().company,
        appointment: appointment.id(),
        sequence,
        kind: EventKind::AppointmentBooked,
        service: appointment.booking().service,
        event_type: None,
        branch: None,
        affected: vec![],
        origin: SyncOrigin::Api,
        trace_parent: None,
        occurred_at: now(),
    }
}

/// An event that is told twice counts once, in the figures and in the audit log; others that are
/// told with it count all the same.
pub async fn an_event_is_written_down_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    let mine = |sequence| event(&appointment, sequence);
    let (first, second, third) = (mine(1), mine(2), mine(3));
    let theirs = DomainEvent {
        company: OTHER_COMPANY,
        ..mine(1)
    };
    for (told, new) in [
        (vec![&first], 1),
        (vec![&first, &second, &theirs, &third], 3),
        (vec![&third, &first], 0),
    ] {
        assert_eq!(shop.records.count(&told).await.expect("counted"), new);
        assert_eq!(shop.records.audit(&told).await.expect("written"), new);
    }
}

/// What stands and is over is found, the longest over first; nothing else is.
pub async fn what_is_over_is_found(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut late = shop.held(shop.booking(1), ANNA).await;
    let early = monday("08:00", 60);
    let mut first = shop.held(shop.booking(2).range(early), BEN).await;
    let afternoon = monday("15:00", 60);
    shop.held(shop.booking(3).range(afternoon), ANNA).await;
    for (n, appointment) in [&mut late, &mut first].into_iter().enumerate() {
        let remote = remote(&format!("uid-{n}"), appointment.range());
        let _ = appointment.confirm(&remote, None, now());
        shop.save(appointment).await;
    }
    let over = |at: Instant, limit| shop.housekeeping.over(at, limit);
    let end = nine().end();
    assert_eq!(over(early.start(), 9).await.expect("answers"), []);
    let both = [(COMPANY, first.id()), (COMPANY, late.id())];
    assert_eq!(over(end, 9).await.expect("answers"), both);
    assert_eq!(over(end, 1).await.expect("answers"), both[..1]);
    assert_eq!(over(end + Span::days(9), 9).await.expect("answers"), both);
}

/// One that waits, and one that does not.
async fn file_two_messages(shop: &Shop, appointment: &Appointment) {
    let fates = [Fate::Due(now()), Fate::NotSent(NotSent::NobodyCarries)];
    for (n, fate) in (1..).zip(fates) {
        let message = NewMessage {
            id: Uuid::from_u64_pair(4, n),
            company: COMPANY,
            about: About::Appointment {
                id: appointment.id(),
                sequence: n.cast_signed(),
            },
            planned: Planned {
                template: Template::AppointmentBooked,
                lead_minutes: 0,
                channel: Channel::Email,
                fate,
            },
            trace_parent: None,
        };
        let filed = shop.deliveries.file(&[message], "message", now()).await;
        filed.expect("filed");
    }
}

/// Only what is old goes, and nothing that is on its way, however old.
pub async fn only_what_is_over_is_pruned(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut appointment = shop.booking(1).begun();
    let mut unit = shop.begin().await;
    let key = IdempotencyKey::parse("book", "key").expect("a key");
    let print = Fingerprint("print".to_owned());
    let claimed = unit.claim_key(&key, &print, appointment.id(), now()).await;
    claimed.expect("claimed");
    unit.commit().await.expect("committed");
    shop.hold(&mut appointment, &[ANNA]).await.held();
    for n in 1..=2 {
        let id = JobId::new(Uuid::from_u64_pair(3, n));
        let job = Job::new(id, (Queue::Maintenance, "x"), json!({}), now());
        shop.jobs.enqueue(&job).await.expect("filed");
    }
    let lease = (now(), now() + Span::MINUTE);
    let leased = shop.jobs.lease(Queue::Maintenance, 1, lease).await;
    let leased = leased.expect("leased").remove(0);
    file_two_messages(&shop, &appointment).await;
    let buried = shop.jobs.bury(&leased, now(), "done for").await;
    buried.expect("buried");

    let before = |at: Instant| Retention {
        dead_jobs: at,
        inbox: at,
        keys: at,
        sagas: at,
        versions: at,
        messages: at,
    };
    let young = before(now() - Span::DAY);
    let gone = shop.housekeeping.prune(&young, 10).await;
    assert_eq!(gone.expect("pruned"), 0, "all of it is young");
    let days = nine().utc_days();
    let stamp = shop
        .stamp(COMPANY, crate::builders::STAFF_GROUP, days)
        .await;
    let all = before(now() + Span::days(1));
    let gone = shop.housekeeping.prune(&all, 10).await;
    assert_eq!(
        gone.expect("pruned"),
        3,
        "the key, the dead job, the message"
    );
    assert_eq!(
        shop.stamp(COMPANY, crate::builders::STAFF_GROUP, days)
            .await,
        stamp
    );
    assert_eq!(
        shop.events(now() + Span::DAY).await.len(),
        2,
        "on their way"
    );
    let lease = (now(), now() + Span::MINUTE);
    let left = shop.jobs.lease(Queue::Maintenance, 9, lease).await;
    assert_eq!(left.expect("leased").len(), 1, "it waits");
}
