//! What customers say about being written to, inside a unit of work.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::CustomerId;
use crate::messages::{Consent, ConsentChange};
use crate::time::Instant;

/// Who passed on what a customer said, and from where it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SaidBy<'a> {
    /// Such as `api key bk_15`.
    pub actor: &'a str,
    /// Such as `web form`.
    pub source: &'a str,
    /// When.
    pub at: Instant,
}

/// Consent inside a unit of work.
#[async_trait]
pub trait Consents {
    /// What holds for a customer of this company, locked until the unit of work ends; `None` if
    /// there is none such, or their data was erased.
    async fn consent_of(&mut self, customer: CustomerId) -> Result<Option<Consent>, StoreError>;

    /// Writes what holds from now on, and who said so into the audit log.
    async fn write_consent(
        &mut self,
        customer: CustomerId,
        (said, consent): (ConsentChange, Consent),
        by: SaidBy<'_>,
    ) -> Result<(), StoreError>;
}
