//! One transaction of one company.

use async_trait::async_trait;

use super::{
    AppointmentRepository, AvailabilityVersions, CampaignLog, Consents, CustomerRepository,
    IdempotencyStore, JobLog, ReviewLog, SagaLog, StoreError, WebhookInbox,
};
use crate::availability::Raised;
use crate::ids::CompanyId;

/// Opens units of work.
#[async_trait]
pub trait UnitOfWorkFactory: Send + Sync {
    /// Begins a unit of work that sees and changes this company's data only.
    ///
    /// Dropping it without [`UnitOfWork::commit`] undoes everything. It must never stay open
    /// across a call to the outside.
    async fn begin(&self, company: CompanyId) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// All repositories of one transaction.
#[async_trait]
pub trait UnitOfWork:
    AppointmentRepository
    + AvailabilityVersions
    + CampaignLog
    + Consents
    + CustomerRepository
    + IdempotencyStore
    + JobLog
    + ReviewLog
    + SagaLog
    + WebhookInbox
    + Send
{
    /// Makes everything permanent, at once, and says which availability versions that has raised.
    /// An error is *ambiguous*: it may have happened.
    async fn commit(self: Box<Self>) -> Result<Raised, StoreError>;
}
