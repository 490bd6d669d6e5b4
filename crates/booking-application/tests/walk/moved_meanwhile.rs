//! An appointment that is moved while a second move of it is being prepared.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use booking_domain::appointment::StateName;
use booking_domain::availability::LiveClaim;
use booking_domain::ids::{AppointmentId, CompanyId, GroupId};
use booking_domain::ports::{
    AppointmentFilter, AppointmentPage, AppointmentQueries, AppointmentView, PageCursor, StoreError,
};
use booking_domain::time::TimeRange;
use booking_test_support::builders::nine;

use crate::script::Call;
use crate::world::{World, state, two};

type Meddling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Reads, after which something happens once.
#[derive(Default)]
struct Outrun {
    inner: OnceLock<Arc<dyn AppointmentQueries>>,
    next: Mutex<Option<Meddling>>,
}

impl Outrun {
    fn inner(&self) -> &dyn AppointmentQueries {
        &**self.inner.get().expect("the store's")
    }
}

#[async_trait]
impl AppointmentQueries for Outrun {
    async fn get(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<Option<AppointmentView>, StoreError> {
        let read = self.inner().get(company, id).await;
        let next = self.next.lock().unwrap().take();
        if let Some(meddling) = next {
            meddling.await;
        }
        read
    }

    async fn list(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError> {
        self.inner().list(company, filter, after, limit).await
    }

    async fn live_claims(
        &self,
        company: CompanyId,
        group: GroupId,
        window: TimeRange,
    ) -> Result<Vec<LiveClaim>, StoreError> {
        self.inner().live_claims(company, group, window).await
    }
}

/// Red when what the wish is compared with was read before its transaction: it is told as refused,
/// and was carried out (`from: known.range()`).
#[tokio::test]
async fn a_move_back_is_told_as_made() {
    let outrun = Arc::new(Outrun::default());
    let world = World::with(|deps, _| {
        let store = std::mem::replace(&mut deps.store.queries, outrun.clone());
        assert!(outrun.inner.set(store).is_ok());
    })
    .await;
    let world = Arc::new(world);
    let id = world.booked(nine()).await.appointment.id();
    let first = world.clone();
    let meddling = async move {
        first.reschedule(id, two()).await.unwrap();
    };
    *outrun.next.lock().unwrap() = Some(Box::pin(meddling));

    let back = world.reschedule(id, nine()).await.unwrap();

    assert_eq!(state(&back), StateName::Confirmed);
    assert_eq!(back.appointment.range(), nine());
    assert_eq!(world.calendar.script.calls(Call::Reschedule), 2);
    let there = world.calendar.live();
    assert_eq!(there.len(), 1);
    assert_eq!(there[0].range, nine());
}
