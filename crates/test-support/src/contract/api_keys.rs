//! `ApiKeyStore`: keys are found by digest, listed and taken back by their company.

use booking_domain::ids::CompanyId;
use booking_domain::ports::{ApiKeyRecord, Scope, StoreError};
use booking_domain::time::Span;

use super::StoreUnderTest;
use super::steps::digest;
use crate::builders::{COMPANY, DEMO_KEY, OTHER_COMPANY, OTHER_KEY, now};

fn key(name: &str) -> ApiKeyRecord {
    ApiKeyRecord {
        digest: digest(name),
        prefix: format!("bk_{name}"),
        company: COMPANY,
        scopes: vec![Scope::Read, Scope::Book],
        created_at: now(),
        expires_at: Some(now() + Span::DAY),
        revoked_at: None,
    }
}

async fn version(store: &StoreUnderTest, company: CompanyId) -> i64 {
    store.versions.refresh().await.expect("refreshed");
    store.versions.setup_version(company)
}

/// A key is found exactly as it was made, and the company's version grows.
pub async fn a_key_is_found_by_its_digest(store: StoreUnderTest) {
    store.import_demo().await;
    let before = (
        version(&store, COMPANY).await,
        version(&store, OTHER_COMPANY).await,
    );
    for (name, expires_at) in [("one", key("one").expires_at), ("two", None)] {
        let made = ApiKeyRecord {
            expires_at,
            ..key(name)
        };
        store.keys.create(&made).await.expect("made");
        let found = store.keys.find(&made.digest).await.expect("answers");
        assert_eq!(found, Some(made));
    }
    assert_eq!(store.keys.find("no such").await.expect("answers"), None);
    assert!(version(&store, COMPANY).await > before.0);
    assert_eq!(version(&store, OTHER_COMPANY).await, before.1);
}

/// The same key twice, or a key of nobody, is refused.
pub async fn keys_that_cannot_be_are_refused(store: StoreUnderTest) {
    store.import_demo().await;
    store.keys.create(&key("one")).await.expect("made");
    let company = CompanyId::new(99);
    for refused in [
        key("one"),
        ApiKeyRecord {
            company: OTHER_COMPANY,
            ..key("one")
        },
        ApiKeyRecord {
            company,
            ..key("two")
        },
    ] {
        let answer = store.keys.create(&refused).await;
        assert!(matches!(answer, Err(StoreError::Conflict(_))), "{answer:?}");
    }
    let found = store.keys.find(&digest("one")).await.expect("answers");
    assert_eq!(found, Some(key("one")));
}

/// A key that was taken back is still found, says since when, and the version grows.
pub async fn a_key_is_taken_back_by_its_prefix(store: StoreUnderTest) {
    store.import_demo().await;
    store.keys.create(&key("one")).await.expect("made");
    store.keys.create(&key("two")).await.expect("made");
    let before = version(&store, COMPANY).await;
    let (at, prefix) = (now() + Span::HOUR, "bk_one");
    assert!(
        !store
            .keys
            .revoke(OTHER_COMPANY, prefix, at)
            .await
            .expect("answers")
    );
    assert!(
        !store
            .keys
            .revoke(COMPANY, "bk_no", at)
            .await
            .expect("answers")
    );
    let found = store.keys.find(&digest("one")).await.expect("answers");
    assert_eq!(found, Some(key("one")), "untouched so far");
    assert!(
        store
            .keys
            .revoke(COMPANY, prefix, at)
            .await
            .expect("answers")
    );
    let found = store
        .keys
        .find(&digest("one"))
        .await
        .expect("answers")
        .expect("there");
    assert_eq!(found.revoked_at, Some(at));
    assert!(!found.is_valid(at));
    let other = store.keys.find(&digest("two")).await.expect("answers");
    assert_eq!(other, Some(key("two")));
    assert!(version(&store, COMPANY).await > before);
}

/// A company's keys, oldest first, and nobody else's.
pub async fn keys_are_listed_oldest_first(store: StoreUnderTest) {
    let far = |days: i64| now() + Span::days(10_000 + days);
    store.import_demo().await;
    for (name, created_at) in [("late", far(2)), ("early", far(1))] {
        let made = ApiKeyRecord {
            created_at,
            ..key(name)
        };
        store.keys.create(&made).await.expect("made");
    }
    let listed = store.keys.list(COMPANY).await.expect("answers");
    let digests: Vec<_> = listed.iter().map(|it| it.digest.clone()).collect();
    assert_eq!(digests, [DEMO_KEY, "early", "late"].map(digest));
    let foreign = store.keys.list(OTHER_COMPANY).await.expect("answers");
    assert_eq!(foreign.len(), 1);
    assert_eq!(
        (foreign[0].company, foreign[0].scopes.clone()),
        (OTHER_COMPANY, vec![Scope::Admin])
    );
    assert_eq!(
        store.keys.list(CompanyId::new(99)).await.expect("answers"),
        []
    );
}

/// Keys of a set-up file are found by the digest of their text, with their scopes; a key that was
/// taken back stays so when the file is imported again.
pub async fn keys_of_a_file_are_imported(store: StoreUnderTest) {
    store.import_demo().await;
    let imported = store
        .keys
        .find(&digest(DEMO_KEY))
        .await
        .expect("answers")
        .expect("there");
    assert_eq!(imported.company, COMPANY);
    assert_eq!(imported.scopes, [Scope::Read, Scope::Book]);
    assert!(DEMO_KEY.starts_with(&imported.prefix) && imported.prefix.len() >= 8);
    assert_eq!((imported.expires_at, imported.revoked_at), (None, None));
    assert!(
        imported.prefix.len() < DEMO_KEY.len() / 2,
        "a prefix is not the key"
    );
    let back = store.keys.revoke(COMPANY, &imported.prefix, now()).await;
    assert!(back.expect("answers"));
    store.import_demo().await;
    let again = store
        .keys
        .find(&digest(DEMO_KEY))
        .await
        .expect("answers")
        .expect("there");
    assert_eq!(again.revoked_at, Some(now()));
    let other = store.keys.find(&digest(OTHER_KEY)).await.expect("answers");
    assert_eq!(other.map(|it| it.company), Some(OTHER_COMPANY));
}
