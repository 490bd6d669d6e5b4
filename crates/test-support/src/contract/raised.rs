//! `UnitOfWork::commit` says exactly which versions it raised, `AvailabilityVersions` raises them
//! without a change, and `VersionMirror` knows when something was given up.

use booking_domain::availability::Raised;
use booking_domain::ids::{CompanyId, GroupId, ServiceId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::UnitOfWork;
use booking_domain::time::{DayRange, Instant, Span, TimeRange};

use super::StoreUnderTest;
use super::steps::{Held, REACH, Shop, claim, day, days, digest};
use crate::builders::{
    ANNA, BEN, CLASS, CLASS_GROUP, COMPANY, CONSULTATION, MASSAGE, MASSAGE_GROUP, OTHER_COMPANY,
    SHORT, STAFF_GROUP, at, cancellation, demo_setup, monday, nine, now, remote,
};

const GROUPS: [(CompanyId, GroupId); 4] = [
    (COMPANY, STAFF_GROUP),
    (COMPANY, CLASS_GROUP),
    (OTHER_COMPANY, STAFF_GROUP),
    (OTHER_COMPANY, MASSAGE_GROUP),
];

/// Whatever a unit of work did: each stamp has grown by as much as the commit says, and no other.
///
/// Red when the row of all days is not told, or one of another group is.
pub async fn a_commit_counts_what_it_raised(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut dice = Dice(7);
    let (mut sums, mut counted) = (0, 0);
    for round in 1..=60 {
        let windows: Vec<DayRange> = (0..6).map(|_| dice.window()).collect();
        let before = sums_of(&shop, &windows).await;
        let mut unit = shop.begin().await;
        for step in 0..dice.below(4) {
            anything(&shop, unit.as_mut(), round * 10 + step, &mut dice).await;
        }
        let raised = unit.commit().await.expect("committed");
        let after = sums_of(&shop, &windows).await;
        for (old, new) in before.iter().zip(&after) {
            let (company, group, days) = old.0;
            let expected = if company == COMPANY {
                raised.count(group, days)
            } else {
                0
            };
            let context =
                format!("round {round}, group {group} of {company}, {days:?}: {raised:?}");
            assert_eq!(new.1 - old.1, expected, "{context}");
            sums += new.1 - old.1;
            counted += expected;
        }
    }
    assert!(
        sums == counted && sums > 100,
        "the changes were seen: {sums}"
    );
}

type Sum = ((CompanyId, GroupId, DayRange), i64);

async fn sums_of(shop: &Shop, windows: &[DayRange]) -> Vec<Sum> {
    shop.versions.refresh().await.expect("the mirror refreshes");
    let each = |(company, group), days| {
        let sum = shop.versions.stamp(company, group, days).sum;
        ((company, group, days), sum)
    };
    GROUPS
        .into_iter()
        .flat_map(|group| windows.iter().map(move |days| each(group, *days)))
        .collect()
}

/// A booking of some service at some time, or a word that some times are outdated.
async fn anything(shop: &Shop, unit: &mut dyn UnitOfWork, n: u64, dice: &mut Dice) {
    let reach = Span::minutes(dice.below(40 * 60).cast_signed());
    let (range, other) = (dice.range(), dice.range());
    let booking = shop.booking(n).range(range);
    let mut begun = match dice.below(8) {
        0 => return outdate(unit, CONSULTATION, None).await,
        1 => return outdate(unit, CLASS, Some(&[range, other])).await,
        2 => return outdate(unit, SHORT, Some(&[])).await,
        3 => return outdate(unit, MASSAGE, Some(&[range])).await,
        4 => booking.class().begun(),
        5 => booking.short().begun(),
        _ => booking.begun(),
    };
    unit.save(&mut begun, reach).await.expect("saved");
    if dice.below(2) == 0 {
        let _ = begun.confirm(&remote(&format!("uid-{n}"), other), Some(ANNA), now());
        unit.save(&mut begun, reach).await.expect("saved");
    }
}

async fn outdate(unit: &mut dyn UnitOfWork, service: ServiceId, affected: Option<&[TimeRange]>) {
    let done = unit.outdate(service, affected, REACH).await;
    done.expect("outdated");
}

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// Minutes to hours, now and then months, in October.
    fn range(&mut self) -> TimeRange {
        let start =
            at("2025-10-01T00:00:00Z") + Span::minutes(self.below(30 * 24 * 60).cast_signed());
        let longest = [60, 600, 3_000, 120 * 24 * 60][self.below(4) as usize];
        TimeRange::new(
            start,
            start + Span::minutes(1 + self.below(longest).cast_signed()),
        )
        .expect("in order")
    }

    fn window(&mut self) -> DayRange {
        let start = at("2025-09-25T00:00:00Z") + Span::days(self.below(40).cast_signed());
        let end = start + Span::days(self.below(30).cast_signed());
        DayRange::new(start.utc_day(), end.utc_day()).expect("in order")
    }
}

/// The group is the one that the service is in when the commit comes.
///
/// Red when a row is told for another group.
pub async fn a_commit_counts_for_the_group_of_its_time(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let monday = day("2025-10-13");
    let count = async |n| {
        let mut unit = shop.begin().await;
        let mut class = shop.booking(n).class().begun();
        unit.save(&mut class, REACH).await.expect("saved");
        let raised = unit.commit().await.expect("committed");
        [STAFF_GROUP, CLASS_GROUP].map(|group| raised.count(group, monday))
    };
    assert_eq!(count(1).await, [0, 1]);
    let mut file = demo_setup();
    file.companies[0].services[2].staff_ids = vec![BEN];
    let imported = shop.setup.import(&file, &digest).await;
    imported.expect("imported");
    assert_eq!(count(2).await, [1, 0]);
}

/// Times can be outdated although nothing changed: theirs, or all; and not by a unit of work that
/// is dropped, or for a service of another company.
///
/// Red when the reach is not added, or `None` is nothing.
pub async fn times_can_be_outdated(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let near = [day("2025-10-12"), day("2025-10-13"), day("2025-10-14")];
    let far = day("2031-01-01");
    let windows = [near[0], near[1], near[2], far];
    let changed = async |service, affected: Option<&[TimeRange]>, commit: bool| {
        let before = sums_of(&shop, &windows).await;
        let mut unit = shop.begin().await;
        outdate(unit.as_mut(), service, affected).await;
        let raised = if commit {
            unit.commit().await.expect("committed")
        } else {
            drop(unit);
            Raised::default()
        };
        let after = sums_of(&shop, &windows).await;
        let grown: Vec<_> = before
            .iter()
            .zip(&after)
            .map(|(old, new)| new.1 - old.1)
            .collect();
        assert_eq!(grown.iter().all(|it| *it == 0), raised.is_empty());
        grown
    };
    let early = [monday("00:30", 60)];
    let with_staff = changed(SHORT, Some(&early), true).await;
    assert_eq!(with_staff[..4], [1, 1, 0, 0]);
    assert!(with_staff[4..].iter().all(|it| *it == 0), "{with_staff:?}");
    let all = changed(CLASS, None, true).await;
    assert_eq!(all[4..8], [1, 1, 1, 1]);
    assert_eq!(changed(CLASS, None, false).await, [0; 16]);
    assert_eq!(changed(MASSAGE, Some(&early), true).await, [0; 16]);
    assert_eq!(changed(ServiceId::new(999), None, true).await, [0; 16]);
}

/// What was given up is dated, with both sides of a move, until something is given up later; what
/// is taken or outdated is not.
///
/// Red when a kind of event that frees is forgotten, the date goes with the next change, or an
/// earlier date replaces a later one.
pub async fn what_is_given_up_is_dated(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let (thirteenth, twentieth) = (day("2025-10-13"), day("2025-10-20"));
    let later = |minutes| now() + Span::minutes(minutes);
    let mut kept = shop.held(shop.booking(1), ANNA).await;
    let _ = kept.confirm(&remote("uid-1", nine()), Some(ANNA), later(9));
    shop.save(&mut kept).await;
    let mut refused = shop.held(shop.booking(2), BEN).await;
    assert_eq!(dates(&shop, [thirteenth, twentieth]).await, [None, None]);
    let _ = refused.reject("no", SyncOrigin::Api, later(5));
    shop.save(&mut refused).await;
    assert_eq!(
        dates(&shop, [thirteenth, twentieth]).await,
        [Some(later(5)), None]
    );
    let to = TimeRange::lasting(at("2025-10-20T09:00:00Z"), 60);
    let _ = kept.reschedule(to, SyncOrigin::Api, "x", later(6));
    shop.claim(&mut kept, &claim(to, &[BEN])).await.held();
    assert_eq!(
        dates(&shop, [thirteenth, twentieth]).await,
        [Some(later(5)), None]
    );
    let _ = kept.moved(&remote("uid-2", to), Some(BEN), later(7));
    shop.save(&mut kept).await;
    assert_eq!(
        dates(&shop, [thirteenth, twentieth]).await,
        [Some(later(7)); 2]
    );
    let mut early = shop.held(shop.booking(3), ANNA).await;
    let _ = early.reject("no", SyncOrigin::Api, later(1));
    shop.save(&mut early).await;
    let _ = kept.cancelled(cancellation(), later(8));
    shop.save(&mut kept).await;
    let mut unit = shop.begin().await;
    outdate(unit.as_mut(), CONSULTATION, None).await;
    unit.commit().await.expect("committed");
    let expected = [Some(later(7)), Some(later(8))];
    assert_eq!(dates(&shop, [thirteenth, twentieth]).await, expected);
    let both = dates(&shop, [days("2025-10-13", "2025-10-20"), day("2025-10-14")]).await;
    assert_eq!(both, [Some(later(8)), None]);
    let elsewhere = [(COMPANY, CLASS_GROUP), (OTHER_COMPANY, STAFF_GROUP)];
    let freed = elsewhere.map(|it| shop.versions.freed_at(it.0, it.1, thirteenth));
    assert_eq!(freed, [None, None]);
}

/// What is given up over more than 62 days is dated for every day.
///
/// Red when the all-days row is left out.
pub async fn what_is_given_up_for_months_is_dated_everywhere(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let start = at("2025-10-13T09:00:00Z");
    let months = TimeRange::new(start, start + Span::days(90)).expect("in order");
    let mut long = shop.held(shop.booking(1).range(months), ANNA).await;
    let far = [day("2031-01-01"), day("2025-10-13")];
    assert_eq!(dates(&shop, far).await, [None, None]);
    let _ = long.reject("no", SyncOrigin::Api, now());
    shop.save(&mut long).await;
    assert_eq!(dates(&shop, far).await, [Some(now()); 2]);
}

async fn dates(shop: &Shop, windows: [DayRange; 2]) -> [Option<Instant>; 2] {
    shop.versions.refresh().await.expect("the mirror refreshes");
    windows.map(|days| shop.versions.freed_at(COMPANY, STAFF_GROUP, days))
}
