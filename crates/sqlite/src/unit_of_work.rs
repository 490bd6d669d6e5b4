//! The unit of work: a transaction that belongs to one company.

use async_trait::async_trait;
use booking_domain::appointment::Appointment;
use booking_domain::availability::Raised;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{StoreError, UnitOfWork, UnitOfWorkFactory};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::error::failed;
use crate::transaction::Transaction;

/// A transaction of one company. The repositories are implemented beside their tables.
pub(crate) struct SqliteUnitOfWork {
    pub(crate) company: CompanyId,
    pub(crate) transaction: Transaction,
}

impl SqliteUnitOfWork {
    pub(crate) fn connection(&self) -> &Connection {
        self.transaction.connection()
    }

    /// Undoes what `step` wrote if it fails, so that a caller who commits all the same commits
    /// nothing by half.
    pub(crate) fn all_or_nothing<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mark = |unit: &Self, sql| {
            let connection = unit.connection();
            connection
                .execute_batch(sql)
                .map_err(failed("keep a step whole"))
        };
        mark(self, "SAVEPOINT step")?;
        let outcome = step(self);
        if outcome.is_err() {
            mark(self, "ROLLBACK TO step")?;
        }
        mark(self, "RELEASE step")?;
        outcome
    }

    /// Refuses to write what belongs to another company.
    pub(crate) fn own(&self, appointment: &Appointment) -> Result<(), StoreError> {
        self.own_company(appointment.booking().company)
    }

    pub(crate) fn own_company(&self, company: CompanyId) -> Result<(), StoreError> {
        if company == self.company {
            Ok(())
        } else {
            let problem = "it belongs to another company than the unit of work";
            Err(StoreError::Conflict(problem.to_owned()))
        }
    }
}

#[async_trait]
impl UnitOfWorkFactory for SqliteStore {
    async fn begin(&self, company: CompanyId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let transaction = self.transaction().await?;
        Ok(Box::new(SqliteUnitOfWork {
            company,
            transaction,
        }))
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<Raised, StoreError> {
        self.transaction.commit().await
    }
}
