//! The application: its ports, its settings, and what every use case needs.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use booking_domain::ids::{AppointmentId, CompanyId, SagaId};
use booking_domain::ports::{
    AvailabilityCache, CalendarHealth, CalendarPort, Clock, EdgePurge, FillLease, IdSource,
    MessageCarrier, Probe, Queue, StoreError, StorePorts, Wakeup, Wakeups,
};
use booking_domain::retry::RetryPolicy;
use booking_domain::saga::SagaPolicy;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::{Instant, Span};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::availability::{Figures, Flights, LEASE, Offers, Warming};
use crate::directory::Directory;
use crate::jobs::{announce_messages, announce_queues};
use crate::listeners::{
    Analytics, AuditLog, InvalidateCaches, Listeners, Notify, PurgeEdge, Reconcile, SyncCalcom,
};
use crate::sagas::announce_repairs;
use crate::unsubscribe::LinkKey;
use crate::use_cases::announce_failures;
use crate::wakers::Wakers;

/// The ports, built by the composition root and by tests.
#[derive(Clone)]
pub struct Deps {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Everything that is stored.
    pub store: StorePorts,
    /// The line to other processes, where there may be any.
    pub wakeups: Option<Arc<dyn Wakeups>>,
    /// The cache in this process.
    pub near_cache: Arc<dyn AvailabilityCache>,
    /// The cache shared by all instances, where there is one.
    pub shared_cache: Option<Arc<dyn AvailabilityCache>>,
    /// Cal.com.
    pub calendar: Arc<dyn CalendarPort>,
    /// Whether Cal.com is well.
    pub health: Arc<dyn CalendarHealth>,
    /// What stores answers in front of the gateway, where there is such a thing.
    pub edge: Option<Arc<dyn EdgePurge>>,
    /// Who carries messages to customers: at most one for each channel.
    pub carriers: Vec<Arc<dyn MessageCarrier>>,
    /// Hears how far a wish has come.
    pub probe: Arc<dyn Probe>,
}

/// What the operator may choose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long an entry of either layer may be used.
    pub cache_ttl: Span,
    /// The times of the sagas.
    pub saga: SagaPolicy,
    /// How long jobs are tried.
    pub retry: RetryPolicy,
    /// Listeners that are switched off.
    pub listeners_off: BTreeSet<String>,
    /// Where customers reach this installation, such as `https://booking.example`.
    pub public_url: Option<String>,
    /// Signs the links by which they opt out.
    pub link_key: Option<LinkKey>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_ttl: Span::seconds(60),
            saga: SagaPolicy::default(),
            retry: RetryPolicy::default(),
            listeners_off: BTreeSet::new(),
            public_url: None,
            link_key: None,
        }
    }
}

/// The application. One per process, shared by all entry points.
pub struct Application {
    pub(crate) deps: Deps,
    pub(crate) settings: Settings,
    pub(crate) directory: Directory,
    pub(crate) flights: Flights,
    pub(crate) figures: Figures,
    pub(crate) offers: Offers,
    pub(crate) warming: Warming,
    /// Names this process to the others that fill the shared cache.
    instance: Uuid,
    pub(crate) listeners: Listeners,
    pub(crate) invalidation: Arc<InvalidateCaches>,
    wakers: Arc<Wakers>,
    /// Sagas that are driven for somebody: they go on when their caller has gone.
    pub(crate) tasks: TaskTracker,
    /// Who is first when work is taken.
    pub(crate) turns: AtomicU32,
}

impl Application {
    /// Puts it together.
    pub fn new(deps: Deps, settings: Settings) -> Arc<Self> {
        Figures::announce();
        announce_queues();
        announce_messages();
        announce_failures();
        announce_repairs();
        let directory = Directory::new(&deps);
        let (figures, instance) = (Figures::default(), deps.ids.uuid());
        let invalidation = InvalidateCaches::new(&deps, directory.clone(), figures.clone());
        let invalidation = Arc::new(invalidation);
        let mut listeners = Listeners::new(&settings.listeners_off);
        listeners.add(invalidation.clone());
        if let Some(edge) = &deps.edge {
            let purge = PurgeEdge::new(edge.clone(), &deps, directory.clone());
            listeners.add(Arc::new(purge));
        }
        let wakers = Arc::new(Wakers::new(deps.wakeups.clone()));
        listeners.add(Arc::new(SyncCalcom::new(wakers.clone())));
        let notify = Notify::new(&deps, directory.clone(), wakers.clone());
        listeners.add(Arc::new(notify));
        listeners.add(Arc::new(Analytics::new(deps.store.records.clone())));
        listeners.add(Arc::new(AuditLog::new(deps.store.records.clone())));
        listeners.add(Arc::new(Reconcile::new(&deps)));
        Arc::new(Self {
            deps,
            settings,
            directory,
            flights: Flights::default(),
            figures,
            offers: Offers::default(),
            warming: Warming::default(),
            instance,
            listeners,
            invalidation,
            wakers,
            tasks: TaskTracker::new(),
            turns: AtomicU32::new(0),
        })
    }

    /// Now.
    pub fn now(&self) -> Instant {
        self.deps.clock.now()
    }

    /// One consistent picture of a company, as of now; `None` if there is none such.
    pub async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanySetup>>, StoreError> {
        self.directory.company(id).await
    }

    /// The companies of the installation.
    pub async fn companies(&self) -> Result<Vec<booking_domain::tenant::Company>, StoreError> {
        self.deps.store.setup.companies().await
    }

    /// Whether the store answers: what readiness means.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        self.deps.store.versions.refresh().await
    }

    /// The shared cache, where there is one.
    pub fn shared_cache(&self) -> Option<&Arc<dyn AvailabilityCache>> {
        self.deps.shared_cache.as_ref()
    }

    /// Who listens to what.
    pub fn listeners(&self) -> &Listeners {
        &self.listeners
    }

    /// Ends when events wait in the outbox that were put there by this process.
    pub async fn outbox_filled(&self) {
        self.wakers.woken(Wakeup::Outbox).await;
    }

    /// The lease under which this process fills an entry: one fill per name at a time is what the
    /// flights see to.
    pub(crate) fn lease_of(&self) -> FillLease {
        FillLease {
            token: self.instance,
            lasts: LEASE,
        }
    }

    /// Whether anything is said to Cal.com: not while that listener is switched off.
    pub(crate) fn speaks_to_calcom(&self) -> bool {
        !self.settings.listeners_off.contains(SyncCalcom::NAME)
    }

    /// Says how far a wish has come: one of [`booking_domain::ports::PLACES`].
    pub(crate) fn reached(&self, at: &'static str) {
        self.deps.probe.reached(at);
    }

    /// Ends when work was put into the queue by this process, or another said so.
    pub async fn work_filed(&self, queue: Queue) {
        self.wakers.woken(Wakeup::Queue(queue)).await;
    }

    /// Wakes the pool of a queue: there is work.
    pub fn wake(&self, queue: Queue) {
        self.wakers.wake(queue);
    }

    /// Wakes what others say there is work for, for ever.
    pub async fn pass_on_wakeups(&self) {
        self.wakers.pass_on().await;
    }

    /// Waits until what was begun for callers who have gone is done; false at the limit.
    pub async fn drain(&self, limit: Duration) -> bool {
        self.tasks.close();
        timeout(limit, self.tasks.wait()).await.is_ok()
    }

    pub(crate) fn wake_relay(&self) {
        self.wakers.wake_relay();
    }

    pub(crate) fn new_appointment_id(&self) -> AppointmentId {
        AppointmentId::new(self.deps.ids.uuid())
    }

    pub(crate) fn new_saga_id(&self) -> SagaId {
        SagaId::new(self.deps.ids.uuid())
    }
}
