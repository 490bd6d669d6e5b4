//! What customers say about being written to.

use async_trait::async_trait;
use booking_domain::ids::CustomerId;
use booking_domain::messages::{Consent, ConsentChange};
use booking_domain::ports::{Consents, SaidBy, StoreError};

use crate::error::failed;
use crate::records::{AuditRow, write_audit};
use crate::rows::{from_db, to_db};
use crate::unit_of_work::PgUnitOfWork;

#[async_trait]
impl Consents for PgUnitOfWork {
    async fn consent_of(&mut self, customer: CustomerId) -> Result<Option<Consent>, StoreError> {
        let row = sqlx::query!(
            "SELECT marketing_since, opted_out_at FROM customers
             WHERE company_id = $1 AND id = $2 AND name IS NOT NULL FOR UPDATE",
            self.company.get(),
            customer.get(),
        )
        .fetch_optional(self.conn())
        .await
        .map_err(failed("read a customer's consent"))?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(Consent {
            marketing_since: row.marketing_since.map(from_db).transpose()?,
            opted_out_at: row.opted_out_at.map(from_db).transpose()?,
        }))
    }

    async fn write_consent(
        &mut self,
        customer: CustomerId,
        (said, consent): (ConsentChange, Consent),
        by: SaidBy<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE customers SET marketing_since = $3, opted_out_at = $4
             WHERE company_id = $1 AND id = $2",
            self.company.get(),
            customer.get(),
            consent.marketing_since.map(to_db),
            consent.opted_out_at.map(to_db),
        )
        .execute(self.conn())
        .await
        .map_err(failed("write a customer's consent"))?;
        let row = AuditRow {
            company: self.company,
            at: by.at,
            actor: by.actor,
            action: said.as_str(),
            appointment: None,
            sequence: None,
            detail: Some(format!("customer {customer}: {}", by.source)),
        };
        write_audit(self.conn(), &[row]).await.map(drop)
    }
}
