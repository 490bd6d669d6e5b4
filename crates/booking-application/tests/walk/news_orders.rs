//! Every order in which Cal.com's news about one booking may arrive ends in the same row.

use std::collections::BTreeSet;

use booking_application::NewsKind;
use booking_domain::appointment::{AppointmentRecord, RemoteBooking, StateName};
use booking_domain::ids::{AppointmentId, StaffId};
use booking_domain::time::TimeRange;
use booking_test_support::builders::{BEN, monday, nine, now};
use uuid::Uuid;

use crate::world::{World, two};

type Piece = (NewsKind, RemoteBooking);

/// Whose booking it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    Ours,
    AStrangers,
}

/// Made, moved twice, not come to, called off: all of it has happened before any of it is told.
async fn life(world: &World, whose: Whose) -> [Piece; 5] {
    let made = match whose {
        Whose::Ours => {
            world.booked(nine()).await;
            world.calendar.all().remove(0)
        }
        Whose::AStrangers => world.calendar.stranger(nine(), 502),
    };
    let moved = world.calendar.move_to(&made.uid, two().start());
    let again = world
        .calendar
        .move_to(&moved.uid, monday("15:00", 60).start());
    let off = world.calendar.call_off(&again.uid);
    [
        (NewsKind::Created, made),
        (NewsKind::Rescheduled, moved),
        (NewsKind::Rescheduled, again.clone()),
        (NewsKind::NoShow, again),
        (NewsKind::Cancelled, off),
    ]
}

/// All orders of so many things.
fn orders(of: usize) -> Vec<Vec<usize>> {
    let Some(last) = of.checked_sub(1) else {
        return vec![vec![]];
    };
    let shorter = orders(last);
    let at_every_place = |order: &Vec<usize>| {
        let order = order.clone();
        (0..of).map(move |at| {
            let mut longer = order.clone();
            longer.insert(at, last);
            longer
        })
    };
    shorter.iter().flat_map(at_every_place).collect()
}

/// The same news by another way: a delivery of its own.
fn in_other_words((kind, booking): &Piece) -> Piece {
    let mut again = booking.clone();
    again.host_email = Some("somebody@sonnenhof.example".to_owned());
    (*kind, again)
}

type Row = (AppointmentRecord, BTreeSet<(StaffId, TimeRange)>);

/// What is left: the one appointment, but for what tells when and in how many steps.
async fn row(world: &World) -> Row {
    let mut all = world.everything().await;
    assert_eq!(all.len(), 1, "one booking is one appointment");
    let mut record = all.remove(0).appointment.to_record();
    record.id = AppointmentId::new(Uuid::nil());
    record.version = 0;
    (record.created_at, record.updated_at) = (now(), now());
    record.cancelled_at = record.cancelled_at.map(|_| now());
    (record, world.claims().await)
}

async fn tell_all(world: &World, news: &[Piece], order: &[usize]) {
    for at in order {
        world.tell(news[*at].0, &news[*at].1).await;
    }
}

/// 120 orders, of a booking of ours and of a stranger's, each piece of news once and as it comes by
/// two ways: before anybody has asked Cal.com, and after.
///
/// Red when a move is applied without its predecessor (`must_be_asked`), when what waits is not
/// replayed, when the name before is not filed (`file_names`), or when an older move is believed.
#[tokio::test]
async fn every_order_ends_in_the_same_row() {
    for whose in [Whose::Ours, Whose::AStrangers] {
        let mut expected = None;
        for (order, repeats) in orders(5).iter().flat_map(|it| [(it, false), (it, true)]) {
            let world = World::new().await;
            let news = life(&world, whose).await;
            tell_all(&world, &news, order).await;
            if repeats {
                tell_all(&world, &news, order).await;
                tell_all(&world, &news.each_ref().map(in_other_words), order).await;
            }
            let told = row(&world).await;
            assert_eq!(world.quarantined().await, [""; 0], "{whose:?} {order:?}");
            let expected = expected.get_or_insert_with(|| told.clone());
            assert_eq!(told, *expected, "{whose:?} {order:?} {repeats}");
            world.look().await;
            assert_eq!(row(&world).await, *expected, "{whose:?} {order:?}, asked");
            world.assert_at_rest().await;
        }
        let (record, claims) = expected.unwrap();
        assert_eq!(record.state, StateName::Cancelled);
        assert_eq!(record.cancellation_reason.as_deref(), Some("krank"));
        assert_eq!(record.range, monday("15:00", 60));
        assert_eq!((record.review_reason, claims), (None, BTreeSet::new()));
    }
}

/// The first piece of news was lost: what is missing is read at Cal.com.
///
/// Red when the chain is not walked back, or what waits is not replayed on what was made of it.
#[tokio::test]
async fn what_was_never_told_is_asked_for() {
    for order in orders(2) {
        let world = World::new().await;
        let made = world.calendar.stranger(nine(), 502);
        let moved = world.calendar.move_to(&made.uid, two().start());
        let again = world
            .calendar
            .move_to(&moved.uid, monday("15:00", 60).start());
        let news = [
            (NewsKind::Rescheduled, moved),
            (NewsKind::NoShow, again.clone()),
        ];
        tell_all(&world, &news, &order).await;
        assert_eq!(world.everything().await.len(), 0, "nothing is guessed");
        world.look().await;
        let (record, claims) = row(&world).await;
        assert_eq!(record.state, StateName::NoShow, "{order:?}");
        assert_eq!((record.range, claims.len()), (again.range, 0));
        assert_eq!(world.quarantined().await, [""; 0]);
        // Late news about what came before makes nothing new.
        world.tell(NewsKind::Created, &made).await;
        assert_eq!(world.everything().await.len(), 1);
        assert_eq!(record.staff, Some(BEN));
    }
}
