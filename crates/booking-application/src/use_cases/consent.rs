//! What customers say about being written to.

use booking_domain::ids::{CompanyId, CustomerId};
use booking_domain::messages::{Consent, ConsentChange};
use booking_domain::ports::{SaidBy, StoreError};

use crate::Application;

/// Where an opt-out comes from that nobody passed on.
const LINK: &str = "unsubscribe link";

impl Application {
    /// Notes what a customer said, and who passed it on from where; what holds now. `None` if the
    /// company has no such customer. Said again, it changes nothing.
    pub async fn change_consent(
        &self,
        company: CompanyId,
        (customer, change): (CustomerId, ConsentChange),
        (actor, source): (&str, &str),
    ) -> Result<Option<Consent>, StoreError> {
        let mut unit = self.deps.store.units.begin(company).await?;
        let Some(before) = unit.consent_of(customer).await? else {
            return Ok(None);
        };
        let at = self.now();
        let Some(after) = before.after(change, at) else {
            return Ok(Some(before));
        };
        let by = SaidBy { actor, source, at };
        unit.write_consent(customer, (change, after), by).await?;
        unit.commit().await?;
        Ok(Some(after))
    }

    /// Whose message the token of an unsubscribe link stood in; `None` if it is none of ours.
    pub async fn company_of_link(&self, token: &str) -> Result<Option<CompanyOfLink>, StoreError> {
        let Some((company, customer)) = self.customer_of_link(token) else {
            return Ok(None);
        };
        let Some(setup) = self.directory.company(company).await? else {
            return Ok(None);
        };
        let log = &self.deps.store.deliveries;
        let addressee = log.addressee(company, customer).await?;
        let contact = addressee.and_then(|it| it.contact);
        Ok(Some(CompanyOfLink {
            name: setup.company.name.clone(),
            locale: setup.company.locale.clone(),
            customer_locale: contact.and_then(|it| it.locale),
        }))
    }

    /// The customer of this link wants neither campaigns nor reminders any more; whether it is one of
    /// ours. Somebody whose data was erased gets none anyway.
    pub async fn unsubscribe(&self, token: &str) -> Result<bool, StoreError> {
        let Some((company, customer)) = self.customer_of_link(token) else {
            return Ok(false);
        };
        let said = (customer, ConsentChange::OptedOut);
        self.change_consent(company, said, ("customer", LINK))
            .await?;
        Ok(true)
    }

    fn customer_of_link(&self, token: &str) -> Option<(CompanyId, CustomerId)> {
        self.settings.link_key.as_ref()?.read(token)
    }
}

/// Who wrote the message with the link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompanyOfLink {
    /// What it is called.
    pub name: String,
    /// The language it speaks.
    pub locale: String,
    /// The language that the customer speaks, where that is known.
    pub customer_locale: Option<String>,
}
