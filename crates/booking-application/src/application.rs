//! The application: its ports, its settings, and what every use case needs.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_domain::ids::{AppointmentId, CompanyId, SagaId};
use booking_domain::ports::{
    ApiKeyStore, AppointmentQueries, AvailabilityCache, CalendarPort, Clock, EdgePurge, FillLease,
    IdSource, Outbox, Probe, SagaQueue, SetupStore, StoreError, UnitOfWorkFactory, VersionMirror,
};
use booking_domain::saga::SagaPolicy;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::{Instant, Span};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::availability::{Figures, Flights, LEASE, Offers, Warming};
use crate::directory::Directory;
use crate::listeners::{InvalidateCaches, Listeners, PurgeEdge};
use crate::use_cases::announce_failures;

/// The ports, built by the composition root and by tests.
#[derive(Clone)]
pub struct Deps {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Transactions.
    pub units: Arc<dyn UnitOfWorkFactory>,
    /// Reading appointments.
    pub queries: Arc<dyn AppointmentQueries>,
    /// Companies.
    pub setup: Arc<dyn SetupStore>,
    /// API keys.
    pub keys: Arc<dyn ApiKeyStore>,
    /// Sagas that are due.
    pub sagas: Arc<dyn SagaQueue>,
    /// Events that are due.
    pub outbox: Arc<dyn Outbox>,
    /// The truth line of the cache.
    pub versions: Arc<dyn VersionMirror>,
    /// The cache in this process.
    pub near_cache: Arc<dyn AvailabilityCache>,
    /// The cache shared by all instances, where there is one.
    pub shared_cache: Option<Arc<dyn AvailabilityCache>>,
    /// Cal.com.
    pub calendar: Arc<dyn CalendarPort>,
    /// What stores answers in front of the gateway, where there is such a thing.
    pub edge: Option<Arc<dyn EdgePurge>>,
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
    /// So often a minute a Cal.com account may be asked for no other reason than to warm caches.
    pub warm_per_minute: u32,
    /// Listeners that are switched off.
    pub listeners_off: BTreeSet<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache_ttl: Span::seconds(60),
            saga: SagaPolicy::default(),
            warm_per_minute: 25,
            listeners_off: BTreeSet::new(),
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
    outbox_filled: Notify,
}

impl Application {
    /// Puts it together.
    pub fn new(deps: Deps, settings: Settings) -> Arc<Self> {
        Figures::announce();
        announce_failures();
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
            outbox_filled: Notify::new(),
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
        self.deps.setup.companies().await
    }

    /// Whether the store answers: what readiness means.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        self.deps.versions.refresh().await
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
        self.outbox_filled.notified().await;
    }

    /// The lease under which this process fills an entry: one fill per name at a time is what the
    /// flights see to.
    pub(crate) fn lease_of(&self) -> FillLease {
        FillLease {
            token: self.instance,
            lasts: LEASE,
        }
    }

    /// Says how far a wish has come: one of [`booking_domain::ports::PLACES`].
    pub(crate) fn reached(&self, at: &'static str) {
        self.deps.probe.reached(at);
    }

    pub(crate) fn wake_relay(&self) {
        self.outbox_filled.notify_one();
    }

    pub(crate) fn new_appointment_id(&self) -> AppointmentId {
        AppointmentId::new(self.deps.ids.uuid())
    }

    pub(crate) fn new_saga_id(&self) -> SagaId {
        SagaId::new(self.deps.ids.uuid())
    }
}
