//! `SetupStore`: a set-up is imported whole, twice without harm, and never into foreign hands.

use booking_domain::ids::{BranchId, CompanyId, ServiceId, StaffId};
use booking_domain::ports::StoreError;
use booking_domain::tenant::{CompanyEntry, CompanySetup, Service, SetupFile};

use super::StoreUnderTest;
use super::steps::{day, digest};
use crate::builders::{
    ANNA, BEN, CLASS, CLASS_GROUP, COMPANY, CONSULTATION, OTHER_COMPANY, SHORT, STAFF_GROUP,
    demo_setup,
};

async fn load(store: &StoreUnderTest) -> CompanySetup {
    let setup = store.setup.load(COMPANY).await.expect("answers");
    setup.expect("company 15 is there")
}

async fn import(store: &StoreUnderTest, file: &SetupFile) {
    let done = store.setup.import(file, &digest).await;
    done.expect("imported");
}

/// The demo set-up with a change to company 15.
fn changed(change: impl FnOnce(&mut CompanyEntry)) -> SetupFile {
    let mut file = demo_setup();
    change(&mut file.companies[0]);
    file
}

/// Everything of the file is there afterwards, with groups.
pub async fn what_is_imported_is_loaded(store: StoreUnderTest) {
    assert_eq!(store.setup.load(COMPANY).await.expect("answers"), None);
    assert_eq!(store.setup.companies().await.expect("answers"), []);
    import(&store, &demo_setup()).await;
    let setup = load(&store).await;
    let entry = &demo_setup().companies[0];
    assert_eq!(setup.company.name, entry.name);
    assert_eq!(setup.company.time_zone, entry.time_zone);
    assert_eq!(setup.company.locale, "de");
    assert_eq!(setup.company.calcom, entry.calcom);
    assert_eq!(setup.company.retell, entry.retell);
    assert_eq!(setup.company.texts, entry.texts);
    assert_eq!(setup.company.calls, entry.calls);
    assert_eq!(setup.company.messages, entry.messages);
    assert_eq!(setup.branches, entry.branches);
    assert_eq!(setup.staff, entry.staff);
    assert_eq!(setup.services.len(), entry.services.len());
    for (service, wanted) in setup.services.iter().zip(&entry.services) {
        let group = if wanted.id == CLASS {
            CLASS_GROUP
        } else {
            STAFF_GROUP
        };
        let expected = Service {
            id: wanted.id,
            branch: wanted.branch_id,
            name: wanted.name.clone(),
            aliases: wanted.aliases.clone(),
            duration_minutes: wanted.duration_minutes,
            buffer_before_minutes: wanted.buffer_before_minutes,
            buffer_after_minutes: wanted.buffer_after_minutes,
            event_type: wanted.calcom_event_type_id,
            staff: wanted.staff_ids.clone(),
            capacity: wanted.capacity,
            opening_hours: wanted.opening_hours.clone(),
            reminder_minutes: wanted.reminder_minutes.clone(),
            requires: wanted.requires.clone(),
            group,
        };
        assert_eq!(*service, expected);
    }
}

/// All companies, by id, each with nothing but its own.
pub async fn companies_are_listed_and_kept_apart(store: StoreUnderTest) {
    let mut file = demo_setup();
    file.companies.reverse();
    import(&store, &file).await;
    let companies = store.setup.companies().await.expect("answers");
    assert_eq!(
        companies.iter().map(|it| it.id).collect::<Vec<_>>(),
        [COMPANY, OTHER_COMPANY]
    );
    assert_eq!(companies[1].calcom, None);
    assert_eq!(companies[1].locale, "en");
    let other = store
        .setup
        .load(OTHER_COMPANY)
        .await
        .expect("answers")
        .expect("there");
    assert_eq!(
        (
            other.branches.len(),
            other.staff.len(),
            other.services.len()
        ),
        (1, 1, 1)
    );
    assert_eq!(
        store.setup.load(CompanyId::new(99)).await.expect("answers"),
        None
    );
}

/// A second run changes nothing that can be seen, keys and stamps included.
pub async fn a_second_import_changes_nothing(store: StoreUnderTest) {
    import(&store, &demo_setup()).await;
    let (before, keys) = (load(&store).await, store.keys.list(COMPANY).await);
    let monday = day("2025-10-13");
    let stamp = store.stamp(COMPANY, STAFF_GROUP, monday).await;
    import(&store, &demo_setup()).await;
    assert_eq!(load(&store).await, before);
    assert_eq!(
        store.keys.list(COMPANY).await.expect("answers"),
        keys.expect("answers")
    );
    assert_eq!(store.stamp(COMPANY, STAFF_GROUP, monday).await, stamp);
}

/// What the file names anew is brought up to date; what it does not name stays.
pub async fn an_import_updates_and_keeps_the_rest(store: StoreUnderTest) {
    import(&store, &demo_setup()).await;
    let file = changed(|company| {
        company.name = "Praxis am Park".to_owned();
        company.calcom = None;
        company.branches.clear();
        company.staff.remove(1);
        company.staff[0].name = "Anna Stern".to_owned();
        company.services.truncate(1);
        company.services[0].branch_id = None;
        company.services[0].duration_minutes = 50;
        company.services[0].staff_ids = vec![ANNA];
        company.api_keys.clear();
    });
    import(&store, &file).await;
    let setup = load(&store).await;
    assert_eq!(
        (setup.company.name.as_str(), setup.company.calcom),
        ("Praxis am Park", None)
    );
    assert_eq!(
        (
            setup.branches.len(),
            setup.staff.len(),
            setup.services.len()
        ),
        (1, 2, 3)
    );
    assert_eq!(setup.staff[0].name, "Anna Stern");
    let service = &setup.services[0];
    assert_eq!((service.duration_minutes, service.branch), (50, None));
    assert_eq!(service.staff, [ANNA]);
    assert_eq!(
        setup.services[1].staff,
        [ANNA, BEN],
        "not named, not changed"
    );
    assert_eq!(store.keys.list(COMPANY).await.expect("answers").len(), 1);
}

/// The order of a service's people is the order in which they are tried.
pub async fn the_order_of_staff_is_kept(store: StoreUnderTest) {
    let file = changed(|company| company.services[0].staff_ids = vec![BEN, ANNA]);
    import(&store, &file).await;
    assert_eq!(load(&store).await.services[0].staff, [BEN, ANNA]);
}

/// The set-up version grows with an import, and only for the companies of the file.
pub async fn an_import_bumps_the_setup_version(store: StoreUnderTest) {
    assert_eq!(store.versions.setup_version(COMPANY), 0);
    import(&store, &demo_setup()).await;
    store.versions.refresh().await.expect("refreshed");
    let (first, other) = (
        store.versions.setup_version(COMPANY),
        store.versions.setup_version(OTHER_COMPANY),
    );
    assert!(first > 0 && other > 0);
    let mut file = changed(|company| company.name = "Neu".to_owned());
    file.companies.truncate(1);
    import(&store, &file).await;
    store.versions.refresh().await.expect("refreshed");
    assert!(store.versions.setup_version(COMPANY) > first);
    assert_eq!(store.versions.setup_version(OTHER_COMPANY), other);
    assert_eq!(store.versions.setup_version(CompanyId::new(99)), 0);
}

/// When a service leaves a group, both the old and the new group forget all their days.
pub async fn regrouping_bumps_both_groups(store: StoreUnderTest) {
    import(&store, &demo_setup()).await;
    let (near, far) = (day("2025-10-13"), day("2031-01-01"));
    let stamps = async || {
        let mut stamps = Vec::new();
        for group in [STAFF_GROUP, CLASS_GROUP] {
            for days in [near, far] {
                stamps.push(store.stamp(COMPANY, group, days).await);
            }
        }
        stamps
    };
    let before = stamps().await;
    // The class gets Ben, and with him joins the others.
    import(
        &store,
        &changed(|company| company.services[2].staff_ids = vec![BEN]),
    )
    .await;
    let joined = stamps().await;
    assert!(
        before.iter().zip(&joined).all(|(old, new)| old != new),
        "{before:?} {joined:?}"
    );
    assert_eq!(load(&store).await.group_of(CLASS), Some(STAFF_GROUP));
    // And leaves again.
    import(
        &store,
        &changed(|company| company.services[2].staff_ids = vec![]),
    )
    .await;
    let left = stamps().await;
    assert!(
        joined.iter().zip(&left).all(|(old, new)| old != new),
        "{joined:?} {left:?}"
    );
}

/// Groups are spread over services that the file does not name.
pub async fn groups_reach_over_what_is_not_named(store: StoreUnderTest) {
    let apart = changed(|company| {
        company.services[0].staff_ids = vec![ANNA];
        company.services[1].staff_ids = vec![BEN];
    });
    import(&store, &apart).await;
    let short_group = load(&store).await.group_of(SHORT).expect("there");
    assert_eq!(short_group.get(), SHORT.get());
    let only_one = changed(|company| {
        company.services.truncate(1);
        company.services[0].staff_ids = vec![ANNA, BEN];
    });
    import(&store, &only_one).await;
    let setup = load(&store).await;
    assert_eq!(setup.group_of(SHORT), setup.group_of(CONSULTATION));
}

/// Ids of another company are refused, and then nothing of the file is imported.
pub async fn foreign_ids_are_refused_whole(store: StoreUnderTest) {
    import(&store, &demo_setup()).await;
    let steal: [fn(&mut CompanyEntry); 4] = [
        |thief| thief.branches[0].id = BranchId::new(9),
        |thief| thief.staff[0].id = StaffId::new(1),
        |thief| thief.services[0].id = ServiceId::new(1),
        |thief| thief.api_keys[0].token = crate::builders::DEMO_KEY.to_owned(),
    ];
    for (n, steal) in steal.into_iter().enumerate() {
        let mut file = changed(|company| company.name = format!("Name {n}"));
        let thief = &mut file.companies[1];
        thief.services[0].branch_id = None;
        thief.services[0].staff_ids.clear();
        steal(thief);
        let refused = store.setup.import(&file, &digest).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(_))),
            "{n}: {refused:?}"
        );
        assert_eq!(load(&store).await.company.name, "Praxis Sonnenhof");
    }
}
