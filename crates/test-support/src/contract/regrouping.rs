//! What was kept before a company's set-up changed is not believed after it.

use booking_domain::availability::{AvailabilityEntry, EntryScope};
use booking_domain::ids::{EventTypeId, ServiceId};
use booking_domain::tenant::{CompanyEntry, Service};
use booking_domain::time::{DayRange, Span};

use super::StoreUnderTest;
use super::steps::{day, digest};
use crate::builders::{ANNA, BEN, CLASS, COMPANY, CONSULTATION, SHORT, demo_setup, now};

/// A change, and the services whose kept answers it makes worthless.
type Change = (&'static str, fn(&mut CompanyEntry), &'static [ServiceId]);

const ALL: &[ServiceId] = &[CONSULTATION, SHORT, CLASS];
const WITH_STAFF: &[ServiceId] = &[CONSULTATION, SHORT];

/// One after the other.
const CHANGES: [Change; 10] = [
    ("another name", |it| it.name = "Neu".to_owned(), &[]),
    (
        "shares a host now",
        |it| it.services[2].staff_ids = vec![BEN],
        ALL,
    ),
    (
        "does so no more",
        |it| it.services[2].staff_ids = vec![],
        ALL,
    ),
    (
        "the group falls apart",
        |it| {
            it.services[0].staff_ids = vec![ANNA];
            it.services[1].staff_ids = vec![BEN];
        },
        WITH_STAFF,
    ),
    (
        "joined by one that is named alone",
        |it| {
            it.services[0].staff_ids = vec![ANNA, BEN];
            it.services.truncate(1);
        },
        WITH_STAFF,
    ),
    (
        "a new number at Cal.com",
        |it| {
            it.services[1].calcom_event_type_id = Some(EventTypeId::new(2_563_999));
        },
        WITH_STAFF,
    ),
    (
        "the number of another one",
        |it| {
            it.services[2].calcom_event_type_id = it.services[1].calcom_event_type_id.take();
        },
        ALL,
    ),
    (
        "another length",
        |it| it.services[2].duration_minutes = 50,
        &[CLASS],
    ),
    (
        "another key",
        |it| {
            it.calcom.as_mut().expect("there").api_key = "cal_test_other".to_owned();
        },
        ALL,
    ),
    (
        "another account",
        |it| {
            it.calcom.as_mut().expect("there").base_url = "http://127.0.0.1:10".to_owned();
        },
        ALL,
    ),
];

/// Membership, hosts, numbers and the account at Cal.com: an entry of before is refused under the
/// set-up of after, for the service that changed and for all that are or were in its group; and one
/// that has nothing to do with it is still believed.
///
/// Red when the old group is not raised, or the new one, or the others' when the account changes,
/// or every group each time.
pub async fn what_was_kept_before_a_change_is_not_believed(store: StoreUnderTest) {
    let mut company = demo_setup().companies.remove(0);
    import(&store, &company).await;
    for (what, change, worthless) in CHANGES {
        let before = services(&store).await;
        let mut kept = Vec::new();
        for service in &before {
            kept.push(entry(&store, service).await);
        }
        let mut named = company.clone();
        change(&mut named);
        import(&store, &named).await;
        keep_in_mind(&mut company, named);
        for (service, entry) in services(&store).await.iter().zip(&kept) {
            let stamp = store.stamp(COMPANY, service.group, entry_days()).await;
            let is_believed = entry.check(&scope(service), stamp, now()).is_ok();
            let context = format!("{what}: service {}", service.id);
            assert_eq!(is_believed, !worthless.contains(&service.id), "{context}");
        }
    }
}

/// What a file does not name stays as it is.
fn keep_in_mind(company: &mut CompanyEntry, mut named: CompanyEntry) {
    let rest = company.services.split_off(named.services.len());
    named.services.extend(rest);
    *company = named;
}

async fn import(store: &StoreUnderTest, company: &CompanyEntry) {
    let mut file = demo_setup();
    file.companies = vec![company.clone()];
    store.setup.import(&file, &digest).await.expect("imported");
}

async fn services(store: &StoreUnderTest) -> Vec<Service> {
    let setup = store.setup.load(COMPANY).await.expect("answers");
    setup.expect("company 15 is there").services
}

/// As the application keeps it, but for the digest of the account: the stamp alone must tell.
fn scope(service: &Service) -> EntryScope {
    EntryScope {
        company: COMPANY,
        event_type: service.event_type.unwrap_or(EventTypeId::new(0)),
        group: service.group,
        account: String::new(),
        duration_minutes: service.duration_minutes,
        window: entry_days().as_utc_range(),
    }
}

fn entry_days() -> DayRange {
    day("2025-10-13")
}

async fn entry(store: &StoreUnderTest, service: &Service) -> AvailabilityEntry {
    AvailabilityEntry {
        format: AvailabilityEntry::FORMAT,
        scope: scope(service),
        stamp: store.stamp(COMPANY, service.group, entry_days()).await,
        fetched_at: now(),
        expires_at: now() + Span::HOUR,
        slots: vec![],
    }
}
