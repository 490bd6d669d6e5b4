//! What customers say about being written to.

use async_trait::async_trait;
use booking_domain::ids::CustomerId;
use booking_domain::messages::{Consent, ConsentChange};
use booking_domain::ports::{Consents, SaidBy, StoreError};
use rusqlite::params;

use crate::delivery_log::read_consent;
use crate::statements::{first, micros, run};
use crate::unit_of_work::SqliteUnitOfWork;

#[async_trait]
impl Consents for SqliteUnitOfWork {
    async fn consent_of(&mut self, customer: CustomerId) -> Result<Option<Consent>, StoreError> {
        first(
            self.connection(),
            "read a customer's consent",
            "SELECT marketing_since, opted_out_at FROM customers
             WHERE company_id = ?1 AND id = ?2 AND name IS NOT NULL",
            params![self.company.get(), customer.get()],
            read_consent,
        )
    }

    async fn write_consent(
        &mut self,
        customer: CustomerId,
        (said, consent): (ConsentChange, Consent),
        by: SaidBy<'_>,
    ) -> Result<(), StoreError> {
        run(
            self.connection(),
            "write a customer's consent",
            "UPDATE customers SET marketing_since = ?3, opted_out_at = ?4
             WHERE company_id = ?1 AND id = ?2",
            params![
                self.company.get(),
                customer.get(),
                micros(consent.marketing_since),
                micros(consent.opted_out_at)
            ],
        )?;
        run(
            self.connection(),
            "write to the audit log",
            "INSERT INTO audit_log (company_id, seq, at, actor, action, detail)
             SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5
             FROM audit_log WHERE company_id = ?1",
            params![
                self.company.get(),
                by.at.unix_micros(),
                by.actor,
                said.as_str(),
                format!("customer {customer}: {}", by.source)
            ],
        )
        .map(drop)
    }
}
