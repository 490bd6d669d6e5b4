//! A company sees, moves and cancels what is its own; keys that are taken back are dead.

use std::sync::Arc;

use async_trait::async_trait;
use booking_application::{
    Actor, BookError, CancelAppointment, CancelError, NewsKind, NewsStatus, RescheduleAppointment,
    RescheduleError, Terms, key_digest,
};
use booking_domain::appointment::StateName;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{ApiKeyRecord, ApiKeyStore, StoreError};
use booking_domain::time::Instant;
use booking_sqlite::SqliteStore;
use booking_test_support::builders::{COMPANY, DEMO_KEY, OTHER_COMPANY, nine, now};

use crate::news::{delivery, news};
use crate::world::{World, actor, two, wish};

fn stranger() -> Actor {
    Actor {
        company: OTHER_COMPANY,
        ..actor()
    }
}

/// Red when one of the use cases does not pass the company on.
#[tokio::test]
async fn what_is_anothers_is_not_there() {
    let world = World::new().await;
    let id = world.booked(nine()).await.appointment.id();
    assert_eq!(
        world.app.appointment(OTHER_COMPANY, id).await.unwrap(),
        None
    );
    let page = world
        .app
        .appointments(OTHER_COMPANY, &Default::default(), None, 10)
        .await;
    assert_eq!(page.unwrap().items, vec![]);
    let wish_to_move = RescheduleAppointment {
        id,
        start: two().start(),
        reason: None,
        terms: Terms::default(),
    };
    let moved = world
        .app
        .reschedule_appointment(stranger(), wish_to_move)
        .await;
    assert!(matches!(moved, Err(RescheduleError::NotFound)));
    let wish_to_cancel = CancelAppointment {
        id,
        reason: None,
        terms: Terms::default(),
    };
    let cancelled = world
        .app
        .cancel_appointment(stranger(), wish_to_cancel)
        .await;
    assert!(matches!(cancelled, Err(CancelError::NotFound)));
    let booked = world.app.book_appointment(stranger(), wish(two())).await;
    assert!(matches!(booked, Err(BookError::ServiceNotFound)));
    assert_eq!(world.state(id).await, StateName::Confirmed);
    assert_eq!(world.calendar.live().len(), 1);
}

/// Red when news of another company's account reaches our appointment.
#[tokio::test]
async fn news_told_to_another_company_does_not_reach_ours() {
    let world = World::new().await;
    let view = world.booked(nine()).await;
    let made = world.calendar.all().remove(0);
    assert!(world.app.knows_booking(COMPANY, &made.uid).await.unwrap());
    assert!(
        !world
            .app
            .knows_booking(OTHER_COMPANY, &made.uid)
            .await
            .unwrap()
    );
    for kind in [NewsKind::Cancelled, NewsKind::Created] {
        let (filed, told) = (delivery(kind, &made), news(kind, &made));
        let outcome = world
            .app
            .calcom_news(OTHER_COMPANY, filed, told)
            .await
            .unwrap();
        assert_eq!(outcome.status, NewsStatus::Ignored);
    }
    assert_eq!(
        world.state(view.appointment.id()).await,
        StateName::Confirmed
    );
    let page = world
        .app
        .appointments(OTHER_COMPANY, &Default::default(), None, 10)
        .await;
    assert_eq!(page.unwrap().items, vec![]);
}

/// Takes the key back just after it was looked up for the first time.
struct TakesBack(Arc<SqliteStore>);

#[async_trait]
impl ApiKeyStore for TakesBack {
    async fn find(&self, digest: &str) -> Result<Option<ApiKeyRecord>, StoreError> {
        let found = self.0.find(digest).await?;
        if let Some(key) = found.as_ref().filter(|key| key.revoked_at.is_none()) {
            self.0.revoke(key.company, &key.prefix, now()).await?;
        }
        Ok(found)
    }

    async fn create(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        self.0.create(key).await
    }

    async fn revoke(
        &self,
        company: CompanyId,
        prefix: &str,
        at: Instant,
    ) -> Result<bool, StoreError> {
        self.0.revoke(company, prefix, at).await
    }

    async fn list(&self, company: CompanyId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        self.0.list(company).await
    }
}

/// Red when the version of what is kept is read after it was looked up.
#[tokio::test]
async fn a_key_taken_back_while_it_is_looked_up_does_not_live_on() {
    let mut plain: Option<booking_application::Deps> = None;
    let world = World::with(|deps, _| plain = Some(deps.clone())).await;
    let digest = key_digest(DEMO_KEY);
    let principal = world.app.authenticate(&digest).await.unwrap().unwrap();
    assert_eq!(principal.company, COMPANY);
    let mut deps = plain.unwrap();
    deps.store.keys = Arc::new(TakesBack(world.store.clone()));
    let app = booking_application::Application::new(deps, Default::default());
    let _ = app.authenticate(&digest).await.unwrap();
    assert_eq!(app.authenticate(&digest).await.unwrap(), None);
    assert_eq!(world.app.authenticate(&digest).await.unwrap(), None);
}
