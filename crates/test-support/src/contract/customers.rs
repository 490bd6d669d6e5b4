//! `CustomerRepository`: who is who.

use booking_domain::contact::{Contact, PersonName};
use booking_domain::ids::{CompanyId, CustomerId};
use booking_domain::person::Evidence;

use super::StoreUnderTest;
use crate::builders::{COMPANY, OTHER_COMPANY, contact, email, phone};

async fn meet(store: &StoreUnderTest, company: CompanyId, who: &Contact) -> CustomerId {
    let mut unit = store.begin_for(company).await;
    let customer = unit
        .customer_for(who, Evidence::Records)
        .await
        .expect("answers");
    unit.commit().await.expect("committed");
    customer
}

async fn meet_on_the_telephone(store: &StoreUnderTest, who: &Contact) -> CustomerId {
    let mut unit = store.begin_for(COMPANY).await;
    let customer = unit.customer_for(who, Evidence::Telephone).await;
    unit.commit().await.expect("committed");
    customer.expect("answers")
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
    assert_eq!(found, both, "what was unknown is filled in");
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

/// Two telephones with one address are two customers, also under one name: a number is somebody's
/// own.
pub async fn a_number_is_somebodys_own(store: StoreUnderTest) {
    store.import_demo().await;
    let of = |number| named("Anna Müller", Some("m@x.example"), Some(number));
    let first = meet(&store, COMPANY, &of(PHONE)).await;
    let second = meet(&store, COMPANY, &of("+491713920043")).await;
    assert_ne!(first, second);
    for (id, number) in [(first, PHONE), (second, "+491713920043")] {
        assert_eq!(meet(&store, COMPANY, &of(number)).await, id);
        assert_eq!(known(&store, COMPANY, id).await, Some(of(number)));
    }
}

/// On a telephone anybody may say any address: it leads to nobody who has a number, and who calls
/// from a number does not become somebody without one.
pub async fn a_said_address_makes_nobody_somebody(store: StoreUnderTest) {
    store.import_demo().await;
    let mail = Some("lea@x.example");
    let known_by_number = named("Lea Leck", mail, Some(PHONE));
    let lea = meet(&store, COMPANY, &known_by_number).await;
    let by_address = named("Lea Leck", mail, None);
    let anonymous = meet_on_the_telephone(&store, &by_address).await;
    assert_ne!(anonymous, lea);
    assert_eq!(meet_on_the_telephone(&store, &by_address).await, anonymous);
    let other = named("Lea Leck", mail, Some("+491713920043"));
    let caller = meet_on_the_telephone(&store, &other).await;
    assert!(caller != lea && caller != anonymous);
    for (id, who) in [
        (lea, known_by_number),
        (anonymous, by_address),
        (caller, other),
    ] {
        assert_eq!(known(&store, COMPANY, id).await, Some(who));
    }
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

/// The address is the one that was given last; the language stays.
pub async fn a_new_address_replaces_the_old(store: StoreUnderTest) {
    store.import_demo().await;
    let first = meet(&store, COMPANY, &contact()).await;
    let other_mail = Contact {
        email: Some(email("new@x.example")),
        locale: Some("en".to_owned()),
        ..contact()
    };
    assert_eq!(meet(&store, COMPANY, &other_mail).await, first);
    let now = Contact {
        email: other_mail.email.clone(),
        ..contact()
    };
    assert_eq!(known(&store, COMPANY, first).await, Some(now.clone()));
    let without = Contact {
        email: None,
        ..contact()
    };
    assert_eq!(meet(&store, COMPANY, &without).await, first);
    assert_eq!(known(&store, COMPANY, first).await, Some(now));
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
    let id = unit
        .customer_for(&contact(), Evidence::Records)
        .await
        .expect("answers");
    drop(unit);
    assert_eq!(known(&store, COMPANY, id).await, None);
}
