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

/// The same number is the same customer, and the newest name counts.
pub async fn the_telephone_number_decides_first(store: StoreUnderTest) {
    store.import_demo().await;
    let by_phone = meet(&store, COMPANY, &named("Anna", None, Some(PHONE))).await;
    let by_mail = meet(&store, COMPANY, &named("Bert", Some("b@x.example"), None)).await;
    assert_ne!(by_phone, by_mail);
    let both = named("Chris", Some("b@x.example"), Some(PHONE));
    assert_eq!(meet(&store, COMPANY, &both).await, by_phone);
    let found = known(&store, COMPANY, by_phone).await.expect("known");
    assert_eq!(found.name.expose(), "Chris");
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

/// What is known already is not overwritten, except the name.
pub async fn what_is_known_stays(store: StoreUnderTest) {
    store.import_demo().await;
    let first = meet(&store, COMPANY, &contact()).await;
    let other_mail = named("Neu", Some("new@x.example"), Some(PHONE));
    assert_eq!(meet(&store, COMPANY, &other_mail).await, first);
    let expected = Contact {
        name: other_mail.name,
        ..contact()
    };
    assert_eq!(known(&store, COMPANY, first).await, Some(expected));
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
