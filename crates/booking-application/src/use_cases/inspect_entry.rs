//! Why an entry is believed, or is not: for people who look at one name.

use std::sync::Arc;

use booking_domain::availability::{AvailabilityEntry, EntryScope, Fault, Stamp};
use booking_domain::cache_key::CacheKey;
use booking_domain::ids::EventTypeId;
use booking_domain::ports::{CacheError, StoreError};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::Instant;

use super::availability::calcom_side;
use crate::Application;
use crate::availability::Window;

/// Why a name could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// Nobody knows what is current.
    #[error("the store cannot say what is current")]
    Store(#[from] StoreError),
    /// Nobody knows what lies there.
    #[error("the cache cannot be looked at")]
    Cache(#[from] CacheError),
}

/// Who asks for a name, and what must be true of an entry that answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asker {
    /// The company.
    pub setup: Arc<CompanySetup>,
    /// The service.
    pub service: Service,
    /// What an entry must answer; `None` for a company without a Cal.com account.
    pub wanted: Option<EntryScope>,
    /// The current stamp of the days.
    pub current: Stamp,
}

/// What is known of a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// The name.
    pub key: CacheKey,
    /// When it was looked at.
    pub at: Instant,
    /// Who asks for it; `None`: no service has such a window.
    pub asker: Option<Asker>,
    /// What lies there; `None` also for what this version cannot read.
    pub entry: Option<AvailabilityEntry>,
    /// What keeps it from being believed.
    pub faults: Vec<Fault>,
}

impl Inspection {
    /// Whether the entry would answer a question now.
    pub fn is_valid(&self) -> bool {
        let is_asked_for = self.asker.as_ref().is_some_and(|it| it.wanted.is_some());
        is_asked_for && self.entry.is_some() && self.faults.is_empty()
    }
}

impl Application {
    /// Looks at one name, in the cache that all instances share, or in this process's if there is
    /// no such cache.
    pub async fn inspect(&self, key: CacheKey) -> Result<Inspection, InspectError> {
        self.deps.store.versions.refresh().await?;
        let entry = self.authority().get(&[key]).await?.pop().flatten();
        let asker = self.asker(&key, entry.as_ref()).await?;
        let at = self.now();
        let judged = entry.as_ref().zip(asker.as_ref());
        let faults = judged.and_then(|(entry, asker)| {
            let wanted = asker.wanted.as_ref()?;
            Some(entry.faults(wanted, asker.current, at))
        });
        Ok(Inspection {
            key,
            at,
            asker,
            entry,
            faults: faults.unwrap_or_default(),
        })
    }

    /// The companies that have a service with this event type, by id. One, unless two use two
    /// Cal.coms that number alike.
    pub async fn companies_with(
        &self,
        event_type: EventTypeId,
    ) -> Result<Vec<Arc<CompanySetup>>, StoreError> {
        let mut found = Vec::new();
        for company in self.companies().await? {
            let setup = self.company(company.id).await?;
            let has = |setup: &Arc<CompanySetup>| setup.service_of_event_type(event_type).is_some();
            found.extend(setup.filter(has));
        }
        Ok(found)
    }

    /// Who asks for the name: where it names no company, the one that the entry was made for.
    async fn asker(
        &self,
        key: &CacheKey,
        entry: Option<&AvailabilityEntry>,
    ) -> Result<Option<Asker>, StoreError> {
        let mut companies = match key {
            CacheKey::Layer1(key) => self.companies_with(key.event_type).await?,
            CacheKey::Layer2(key) => self.company(key.company).await?.into_iter().collect(),
        };
        let made_for = entry.map(|entry| entry.scope.company);
        companies.sort_by_key(|setup| Some(setup.company.id) != made_for);
        let Some(setup) = companies.into_iter().next() else {
            return Ok(None);
        };
        let asks = |service: &&Service| match key {
            CacheKey::Layer1(_) => true,
            CacheKey::Layer2(key) => service.branch == key.branch,
        };
        let service = setup.service_of_event_type(key.event_type()).filter(asks);
        let service = service.cloned();
        Ok(service.map(|service| self.asker_of(key, setup, service)))
    }

    fn asker_of(&self, key: &CacheKey, setup: Arc<CompanySetup>, service: Service) -> Asker {
        let side = calcom_side(&setup, &service).ok().flatten();
        let wanted = side.map(|side| Window::named(&setup, &service, side, *key).scope());
        let days = key.window().utc_days();
        let versions = &self.deps.store.versions;
        Asker {
            current: versions.stamp(setup.company.id, service.group, days),
            wanted,
            setup,
            service,
        }
    }
}
