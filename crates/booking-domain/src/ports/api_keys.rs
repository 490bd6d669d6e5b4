//! API keys: stored as a digest, shown once, scoped, revocable.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::ids::CompanyId;
use crate::time::Instant;

/// What a key may do. `Admin` includes the others, `Book` includes `Read`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Look.
    Read,
    /// Look and book.
    Book,
    /// Everything of the company.
    Admin,
}

impl Scope {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Book, Self::Admin];

    /// The word used in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Book => "book",
            Self::Admin => "admin",
        }
    }

    /// The scope that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// A key as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKeyRecord {
    /// The digest of the key: what is looked up.
    pub digest: String,
    /// The first characters, for people to tell keys apart.
    pub prefix: String,
    /// Whose.
    pub company: CompanyId,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Instant,
    /// From when on it is refused.
    pub expires_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

impl ApiKeyRecord {
    /// Whether the key is good at `now`.
    pub fn is_valid(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether the key covers `needed`.
    pub fn allows(&self, needed: Scope) -> bool {
        self.scopes.iter().any(|scope| *scope >= needed)
    }
}

/// The API keys of all companies. Every change bumps the company's set-up version, so that every
/// instance hears of it at once.
#[async_trait]
pub trait ApiKeyStore: Send + Sync {
    /// The key with this digest, valid or not.
    async fn find(&self, digest: &str) -> Result<Option<ApiKeyRecord>, StoreError>;

    /// Adds a key. [`StoreError::Conflict`] when the company does not exist or the key does.
    async fn create(&self, key: &ApiKeyRecord) -> Result<(), StoreError>;

    /// Takes back the company's key with this prefix; `false` if there is none.
    async fn revoke(
        &self,
        company: CompanyId,
        prefix: &str,
        now: Instant,
    ) -> Result<bool, StoreError>;

    /// The company's keys, oldest first.
    async fn list(&self, company: CompanyId) -> Result<Vec<ApiKeyRecord>, StoreError>;
}
