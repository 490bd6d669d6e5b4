//! Companies and what can be booked there.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::CompanyId;
use crate::tenant::{Company, CompanySetup, SetupFile};

/// The set-up of all companies.
#[async_trait]
pub trait SetupStore: Send + Sync {
    /// One consistent picture of a company; `None` if there is none such.
    async fn load(&self, company: CompanyId) -> Result<Option<CompanySetup>, StoreError>;

    /// All companies, by id.
    async fn companies(&self) -> Result<Vec<Company>, StoreError>;

    /// Creates what is new and brings the rest up to date, in one transaction; a second run
    /// changes nothing. What the file does not name stays. Bumps the set-up version of each
    /// company, and the all-days row of every availability group that a service joined or left.
    /// [`StoreError::Conflict`] when an id belongs to another company.
    ///
    /// `hash` turns the text of an API key into what is stored.
    async fn import(
        &self,
        file: &SetupFile,
        hash: &(dyn for<'a> Fn(&'a str) -> String + Sync),
    ) -> Result<(), StoreError>;
}
