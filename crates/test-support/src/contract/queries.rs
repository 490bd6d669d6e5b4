//! `AppointmentQueries`: lists that are complete, filters that filter, claims that are current.

use booking_domain::appointment::{Status, SyncStatus};
use booking_domain::availability::Resource;
use booking_domain::contact::{Contact, PersonName};
use booking_domain::ids::{AppointmentId, CompanyId, ServiceId, StaffId};
use booking_domain::person::Evidence;
use booking_domain::ports::{AppointmentFilter, ClaimRequest, PageCursor};

use super::StoreUnderTest;
use super::steps::{Held, Shop, claim, days, taken};
use crate::builders::{
    ANNA, BEN, CARLA, CLASS, CLASS_GROUP, COMPANY, CONSULTATION, MASSAGE_GROUP, OTHER_COMPANY,
    STAFF_GROUP, appointment_id, cancellation, contact, email, monday, nine, now, phone, remote,
};

async fn listed(
    shop: &Shop,
    company: CompanyId,
    filter: &AppointmentFilter,
    limit: u32,
) -> Vec<Vec<AppointmentId>> {
    let (mut pages, mut after) = (Vec::new(), None::<PageCursor>);
    loop {
        let page = shop.queries.list(company, filter, after, limit).await;
        let page = page.expect("the store answers");
        pages.push(page.items.iter().map(|it| it.appointment.id()).collect());
        match page.next {
            Some(next) => after = Some(next),
            None => return pages,
        }
        assert!(pages.len() < 50, "the list does not end");
    }
}

async fn matching(shop: &Shop, filter: AppointmentFilter) -> Vec<u64> {
    let pages = listed(shop, COMPANY, &filter, 100).await;
    let ids = pages.into_iter().flatten();
    (1..=20)
        .filter(|n| ids.clone().any(|id| id == appointment_id(*n)))
        .collect()
}

/// Pages of any size hold everything once, by beginning and id, also when many begin together.
pub async fn pages_are_complete_and_in_order(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    // Saved without claims: a list shows what is stored, not what should be.
    for n in [5u64, 3, 1, 6, 4, 2, 7] {
        let clock = if n == 7 { "08:00" } else { "09:00" };
        shop.save(&mut shop.booking(n).range(monday(clock, 60)).begun())
            .await;
    }
    shop.save(&mut shop.massage(8).begun()).await;
    let expected: Vec<_> = [7, 1, 2, 3, 4, 5, 6].map(appointment_id).to_vec();
    for limit in [1, 2, 3, 7, 8, 100] {
        let pages = listed(&shop, COMPANY, &AppointmentFilter::default(), limit).await;
        assert_eq!(pages.concat(), expected, "pages of {limit}");
        let most = usize::try_from(limit).expect("small");
        assert!(pages.iter().all(|page| page.len() <= most));
        assert_eq!(
            pages.len(),
            7_usize.div_ceil(most),
            "no empty page at the end"
        );
    }
    let foreign = listed(&shop, OTHER_COMPANY, &AppointmentFilter::default(), 10).await;
    assert_eq!(foreign, [[appointment_id(8)]]);
}

/// A shop with one appointment for every filter.
async fn varied(store: StoreUnderTest) -> Shop {
    let shop = Shop::open(store).await;
    let other = Contact {
        name: PersonName::parse("Eva").expect("a name"),
        email: Some(email("eva@mail.example")),
        phone: Some(phone("+4915112345678")),
        locale: None,
    };
    let mut unit = shop.begin().await;
    let eva = unit
        .customer_for(&other, Evidence::Records)
        .await
        .expect("answers");
    unit.commit().await.expect("committed");

    shop.save(&mut shop.booking(1).wanting(ANNA).begun()).await;
    let mut confirmed = shop
        .booking(2)
        .customer(eva)
        .range(monday("10:00", 60))
        .begun();
    let _ = confirmed.confirm(&remote("uid-2", monday("10:00", 60)), Some(BEN), now());
    shop.save(&mut confirmed).await;
    let mut cancelling = shop.booking(3).range(monday("11:00", 60)).begun();
    let _ = cancelling.confirm(&remote("uid-3", monday("11:00", 60)), Some(ANNA), now());
    let _ = cancelling.cancel(cancellation(), now());
    shop.save(&mut cancelling).await;
    let mut stuck = shop.booking(4).short().range(monday("12:00", 15)).begun();
    let _ = stuck.flag_for_review("given_up", "", now());
    shop.save(&mut stuck).await;
    shop.save(&mut shop.booking(5).class().range(monday("13:00", 45)).begun())
        .await;
    shop.save(&mut shop.massage(6).range(monday("10:00", 60)).begun())
        .await;
    shop
}

/// Each filter keeps what it names.
pub async fn filters_narrow_the_list(store: StoreUnderTest) {
    let shop = varied(store).await;
    let all = AppointmentFilter::default;
    let status = |status| AppointmentFilter {
        status: Some(status),
        ..all()
    };
    let sync = |sync| AppointmentFilter {
        sync_status: Some(sync),
        ..all()
    };
    let staff = |staff| AppointmentFilter {
        staff: Some(staff),
        ..all()
    };
    let service = |service| AppointmentFilter {
        service: Some(service),
        ..all()
    };
    let review = |wanted| AppointmentFilter {
        requires_review: Some(wanted),
        ..all()
    };
    for (filter, expected) in [
        (all(), vec![1, 2, 3, 4, 5]),
        (status(Status::Pending), vec![1, 4]),
        (status(Status::Confirmed), vec![2, 5]),
        (status(Status::Cancelled), vec![3]),
        (status(Status::NoShow), vec![]),
        (sync(SyncStatus::Pending), vec![1, 3]),
        (sync(SyncStatus::Synced), vec![2]),
        (sync(SyncStatus::Failed), vec![4]),
        (sync(SyncStatus::NotRequired), vec![5]),
        (staff(ANNA), vec![1, 3]),
        (staff(BEN), vec![2]),
        (staff(StaffId::new(99)), vec![]),
        (service(CONSULTATION), vec![1, 2, 3]),
        (service(ServiceId::new(99)), vec![]),
        (review(true), vec![4]),
        (review(false), vec![1, 2, 3, 5]),
    ] {
        assert_eq!(
            matching(&shop, filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

/// The customer is found by number and by address; several filters must all hold.
pub async fn filters_find_the_customer_and_add_up(store: StoreUnderTest) {
    let shop = varied(store).await;
    let all = AppointmentFilter::default;
    let eva = Some(email("eva@mail.example"));
    let by_phone = AppointmentFilter {
        customer_phone: Some(phone("+4915112345678")),
        ..all()
    };
    let by_email = AppointmentFilter {
        customer_email: eva.clone(),
        ..all()
    };
    let nobody = AppointmentFilter {
        customer_email: Some(email("no@mail.example")),
        ..all()
    };
    let hers = AppointmentFilter {
        staff: Some(BEN),
        status: Some(Status::Confirmed),
        ..by_email.clone()
    };
    let not_hers = AppointmentFilter {
        staff: Some(ANNA),
        ..hers.clone()
    };
    for (filter, expected) in [
        (by_phone, vec![2]),
        (by_email, vec![2]),
        (nobody, vec![]),
        (hers, vec![2]),
        (not_hers, vec![]),
    ] {
        assert_eq!(
            matching(&shop, filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
}

/// `from` keeps what still runs then; `to` keeps what begins before it.
pub async fn the_window_keeps_what_overlaps_it(store: StoreUnderTest) {
    let shop = varied(store).await;
    let start = |clock| Some(monday(clock, 1).start());
    for (from, to, expected) in [
        (start("10:30"), None, vec![2, 3, 4, 5]),
        (start("11:00"), None, vec![3, 4, 5]),
        (None, start("10:30"), vec![1, 2]),
        (None, start("10:00"), vec![1]),
        (start("10:30"), start("11:00"), vec![2]),
        (start("09:59"), start("10:01"), vec![1, 2]),
    ] {
        let filter = AppointmentFilter {
            from,
            to,
            ..AppointmentFilter::default()
        };
        assert_eq!(
            matching(&shop, filter).await,
            expected,
            "{from:?} to {to:?}"
        );
    }
}

/// One appointment with its customer; nothing of another company.
pub async fn a_foreign_appointment_is_not_shown(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let appointment = shop.held(shop.booking(1), ANNA).await;
    let view = shop.view(appointment.id()).await.expect("there");
    let who = contact();
    assert_eq!(view.customer_name, Some(who.name));
    assert_eq!(
        (view.customer_email, view.customer_phone),
        (who.email, who.phone)
    );
    for (company, id) in [(OTHER_COMPANY, 1), (COMPANY, 2), (CompanyId::new(99), 1)] {
        let found = shop.queries.get(company, appointment_id(id)).await;
        assert_eq!(found.expect("answers"), None);
    }
}

/// Claims of the group's people and places that overlap the window, committed just now.
pub async fn live_claims_are_those_of_the_group_in_the_window(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    shop.held(shop.booking(1), ANNA).await;
    shop.held(shop.booking(2).short().range(monday("10:00", 15)), BEN)
        .await;
    shop.held(shop.massage(3), CARLA).await;
    let place = ClaimRequest {
        choices: vec![Resource::Place(CLASS, 2)],
        ..claim(nine(), &[])
    };
    shop.claim(&mut shop.booking(4).class().begun(), &place)
        .await
        .held();
    let window = async |group, clock, minutes| {
        let claims = shop
            .queries
            .live_claims(COMPANY, group, monday(clock, minutes))
            .await;
        claims.expect("the store answers")
    };
    let both = [taken(ANNA, nine()), taken(BEN, monday("10:00", 15))];
    assert_eq!(
        shop.claims(STAFF_GROUP).await,
        both,
        "of every service of the group"
    );
    assert_eq!(window(STAFF_GROUP, "09:59", 1).await, both[..1]);
    assert_eq!(window(STAFF_GROUP, "10:00", 5).await, both[1..]);
    assert_eq!(window(STAFF_GROUP, "08:00", 60).await, []);
    assert_eq!(window(STAFF_GROUP, "10:15", 60).await, []);
    assert_eq!(window(CLASS_GROUP, "09:00", 60).await.len(), 1);
    assert_eq!(
        window(MASSAGE_GROUP, "09:00", 60).await,
        [],
        "another company's group"
    );
    let october = days("2025-10-01", "2025-10-31").as_utc_range();
    let foreign = shop
        .queries
        .live_claims(OTHER_COMPANY, STAFF_GROUP, october)
        .await;
    assert_eq!(foreign.expect("answers"), []);
    let own = shop
        .queries
        .live_claims(OTHER_COMPANY, MASSAGE_GROUP, october)
        .await;
    assert_eq!(own.expect("answers"), [taken(CARLA, nine())]);
}
