//! `CustomerRepository`: who is who.

use booking_domain::contact::{Contact, PersonName};
use booking_domain::ids::{CompanyId, CustomerId};

use super::StoreUnderTest;
use crate::builders::{COMPANY, OTHER_COMPANY, contact, email, phone};

async fn meet(store: &StoreUnderTest, company: CompanyId, who: &Contact) -> CustomerId {
    let mut unit = store.begin_for(company).await;
    let customer = unit.customer_for(who).await.expect("answers");
    unit.commit().await.expect("committed");
    customer
}

async fn known(store: &StoreUnderTest, company: CompanyId, id: CustomerId) -> Option<Contact> {
    let mut unit = store.begin_for(company).await;
    unit.contact_of(id).await.expect("answers")
}

fn named(name: &str, mail: Option<&str>, number: Option<&str>) -> Contact {
    Contact {
        name: PersonName::parse(name).expect("a name"),
        email: mail.map(email),
        phone: number.map(phone),
        locale: None,
    }
}

const PHONE: &str = "+491713920042";

/// The same number and the same person by name is the same customer; whom the number does not
/// show, the address may.
pub async fn the_number_decides_before_the_address(store: StoreUnderTest) {
    store.import_demo().await;
    let by_phone = meet(&store, COMPANY, &named("Anna", None, Some(PHONE))).await;
    let by_mail = meet(&store, COMPANY, &named("Anna", Some("b@x.example"), None)).await;
    assert_ne!(by_phone, by_mail);
    let both = named("Anna", Some("b@x.example"), Some(PHONE));
    assert_eq!(meet(&store, COMPANY, &both).await, by_phone);
    let fuller = named("Anna Berg", Some("b@x.example"), None);
    assert_eq!(meet(&store, COMPANY, &fuller).await, by_mail);
    let found = known(&store, COMPANY, by_phone).await.expect("known");
    assert_eq!(found, named("Anna", None, Some(PHONE)), "the gap stays");
}

/// A mother and her child on one number, or on one address, are two, and stay who they are.
pub async fn people_who_share_a_number_are_told_apart(store: StoreUnderTest) {
    store.import_demo().await;
    for (mail, number) in [(None, Some(PHONE)), (Some("family@x.example"), None)] {
        let of = |name| named(name, mail, number);
        let anna = meet(&store, COMPANY, &of("Anna Müller")).await;
        let ben = meet(&store, COMPANY, &of("Ben Müller")).await;
        assert_ne!(anna, ben);
        for (said, who) in [
            ("Frau Dr. ANNA MUELLER", anna),
            ("Müller, Anna", anna),
            ("Anna", anna),
            ("Ben", ben),
            ("Ben Müller", ben),
        ] {
            assert_eq!(meet(&store, COMPANY, &of(said)).await, who, "{said}");
        }
        let either = meet(&store, COMPANY, &of("Müller")).await;
        assert!(either != anna && either != ben, "nobody knows which");
        assert_eq!(meet(&store, COMPANY, &of("Müller")).await, either);
        let child = meet(&store, COMPANY, &of("Cleo Müller")).await;
        assert!(![anna, ben, either].contains(&child));
        for (who, name) in [
            (anna, "Anna Müller"),
            (ben, "Ben Müller"),
            (either, "Müller"),
            (child, "Cleo Müller"),
        ] {
            assert_eq!(known(&store, COMPANY, who).await, Some(of(name)));
        }
    }
}

/// A fuller name of the same person replaces the short one, once and for all.
pub async fn a_short_name_grows(store: StoreUnderTest) {
    store.import_demo().await;
    let of = |name| named(name, None, Some(PHONE));
    let short = meet(&store, COMPANY, &of("Frau Müller")).await;
    assert_eq!(meet(&store, COMPANY, &of("Anna Müller")).await, short);
    assert_eq!(meet(&store, COMPANY, &of("Müller")).await, short);
    let ben = meet(&store, COMPANY, &of("Ben Müller")).await;
    assert_ne!(ben, short);
    assert_eq!(known(&store, COMPANY, short).await, Some(of("Anna Müller")));
}

/// A short name does not grow into one that another row has with the same address.
pub async fn a_name_that_is_taken_does_not_grow(store: StoreUnderTest) {
    store.import_demo().await;
    let short = named("Müller", Some("m@x.example"), Some(PHONE));
    let short_id = meet(&store, COMPANY, &short).await;
    let full = named("Anna Müller", Some("m@x.example"), Some("+491713920043"));
    let by_number = named("Anna Müller", None, Some("+491713920043"));
    let anna = meet(&store, COMPANY, &by_number).await;
    assert_eq!(meet(&store, COMPANY, &full).await, anna);
    assert_eq!(known(&store, COMPANY, anna).await, Some(full));
    let said = named("Anna Müller", None, Some(PHONE));
    assert_eq!(meet(&store, COMPANY, &said).await, short_id);
    assert_eq!(known(&store, COMPANY, short_id).await, Some(short));
}

/// Without a known number the address decides; what was unknown is filled in and then leads there.
pub async fn the_address_decides_next_and_gaps_are_filled(store: StoreUnderTest) {
    store.import_demo().await;
    let first = meet(&store, COMPANY, &named("Anna", Some("a@x.example"), None)).await;
    let full = Contact {
        locale: Some("en".to_owned()),
        ..named("Anna B.", Some("a@x.example"), Some(PHONE))
    };
    assert_eq!(meet(&store, COMPANY, &full).await, first);
    assert_eq!(known(&store, COMPANY, first).await, Some(full.clone()));
    let by_phone = named("Anna B.", None, Some(PHONE));
    assert_eq!(meet(&store, COMPANY, &by_phone).await, first);
    assert_eq!(
        known(&store, COMPANY, first).await,
        Some(full),
        "nothing is forgotten"
    );
}

/// What is known already is not overwritten.
pub async fn what_is_known_stays(store: StoreUnderTest) {
    store.import_demo().await;
    let first = meet(&store, COMPANY, &contact()).await;
    let other_mail = Contact {
        email: Some(email("new@x.example")),
        locale: Some("en".to_owned()),
        ..contact()
    };
    assert_eq!(meet(&store, COMPANY, &other_mail).await, first);
    assert_eq!(known(&store, COMPANY, first).await, Some(contact()));
}

/// Strangers are new customers, also those who cannot be reached.
pub async fn strangers_are_new(store: StoreUnderTest) {
    store.import_demo().await;
    let first = meet(&store, COMPANY, &named("Anna", None, None)).await;
    let second = meet(&store, COMPANY, &named("Anna", None, None)).await;
    let third = meet(&store, COMPANY, &contact()).await;
    assert!(first != second && second != third && first != third);
}

/// Each company knows its own customers only.
pub async fn companies_do_not_share_customers(store: StoreUnderTest) {
    store.import_demo().await;
    let here = meet(&store, COMPANY, &contact()).await;
    let there = meet(&store, OTHER_COMPANY, &contact()).await;
    assert_ne!(here, there);
    assert_eq!(known(&store, OTHER_COMPANY, here).await, None);
    assert_eq!(known(&store, COMPANY, there).await, None);
    assert_eq!(known(&store, COMPANY, CustomerId::new(999_999)).await, None);
}

/// A customer of a unit of work that was dropped was never met.
pub async fn a_customer_is_undone_with_the_unit(store: StoreUnderTest) {
    store.import_demo().await;
    let mut unit = store.begin().await;
    let id = unit.customer_for(&contact()).await.expect("answers");
    drop(unit);
    assert_eq!(known(&store, COMPANY, id).await, None);
}
