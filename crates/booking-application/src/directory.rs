//! Companies and keys, kept in memory and checked against the version mirror.
//!
//! The mirror knows when a company's set-up or keys change, so what is kept here is as fresh as
//! the mirror: for availability that is "as of this request", for keys about a second.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use booking_domain::ids::CompanyId;
use booking_domain::ports::{
    ApiKeyRecord, ApiKeyStore, Scope, SetupStore, StoreError, VersionMirror,
};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Instant;

use crate::{Application, Deps};

/// Whom a key speaks for. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Principal {
    /// The company.
    pub company: CompanyId,
    /// The first characters of the key, for people.
    pub key_prefix: Arc<str>,
    /// What it may do.
    pub scopes: Arc<[Scope]>,
}

impl Principal {
    /// Whether the key covers `needed`.
    pub fn allows(&self, needed: Scope) -> bool {
        self.scopes.iter().any(|scope| *scope >= needed)
    }
}

/// Bounds the memory that unknown visitors can fill.
const MOST_KEYS: usize = 50_000;

type Versioned<T> = (i64, T);
type KnownKey = (Arc<ApiKeyRecord>, Principal);

#[derive(Clone)]
pub(crate) struct Directory {
    setup: Arc<dyn SetupStore>,
    keys: Arc<dyn ApiKeyStore>,
    versions: Arc<dyn VersionMirror>,
    companies: Arc<RwLock<HashMap<CompanyId, Versioned<Arc<CompanySetup>>>>>,
    known_keys: Arc<RwLock<HashMap<String, Versioned<KnownKey>>>>,
}

impl Directory {
    pub(crate) fn new(deps: &Deps) -> Self {
        Self {
            setup: deps.store.setup.clone(),
            keys: deps.store.keys.clone(),
            versions: deps.store.versions.clone(),
            companies: Arc::default(),
            known_keys: Arc::default(),
        }
    }

    /// The set-up, no older than the mirror's last refresh.
    pub(crate) async fn company(
        &self,
        id: CompanyId,
    ) -> Result<Option<Arc<CompanySetup>>, StoreError> {
        // Read before loading: a change in between makes the entry older than it is, never newer.
        let version = self.versions.setup_version(id);
        let known = read(&self.companies)
            .get(&id)
            .filter(|(at, _)| *at == version)
            .cloned();
        if let Some((_, setup)) = known {
            return Ok(Some(setup));
        }
        let Some(setup) = self.setup.load(id).await?.map(Arc::new) else {
            return Ok(None);
        };
        write(&self.companies).insert(id, (version, setup.clone()));
        Ok(Some(setup))
    }

    async fn key(&self, digest: &str) -> Result<Option<KnownKey>, StoreError> {
        let known = read(&self.known_keys).get(digest).cloned();
        if let Some((version, key)) = known
            && version == self.versions.setup_version(key.1.company)
        {
            return Ok(Some(key));
        }
        let Some(found) = self.keys.find(digest).await? else {
            return Ok(None);
        };
        // Whose version counts is known only now, and it must be read before what is kept: so the
        // key is looked up again.
        let version = self.versions.setup_version(found.company);
        let Some(key) = self.keys.find(digest).await? else {
            return Ok(None);
        };
        let principal = Principal {
            company: key.company,
            key_prefix: key.prefix.as_str().into(),
            scopes: key.scopes.as_slice().into(),
        };
        let key = (Arc::new(key), principal);
        let mut known = write(&self.known_keys);
        if known.len() >= MOST_KEYS {
            known.clear();
        }
        known.insert(digest.to_owned(), (version, key.clone()));
        Ok(Some(key))
    }

    async fn principal(&self, digest: &str, now: Instant) -> Result<Option<Principal>, StoreError> {
        let key = self.key(digest).await?;
        Ok(key
            .filter(|(key, _)| key.is_valid(now))
            .map(|(_, principal)| principal))
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Application {
    /// Whom the key with this digest speaks for; `None` when it is unknown, expired or taken back.
    pub async fn authenticate(&self, digest: &str) -> Result<Option<Principal>, StoreError> {
        self.directory.principal(digest, self.now()).await
    }
}
