//! The breakers around Cal.com: how they stand, and what follows when one closes.

use booking_domain::breaker::BreakerView;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{Queue, StoreError};

use crate::Application;

/// One breaker, for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NamedBreaker {
    /// What it protects.
    pub name: &'static str,
    /// How it stands.
    pub view: BreakerView,
}

impl Application {
    /// The breakers that a company's calls pass, as this process has seen them: that of its Cal.com
    /// account, or none.
    pub async fn circuit_breakers(
        &self,
        company: CompanyId,
    ) -> Result<Vec<NamedBreaker>, StoreError> {
        let setup = self.company(company).await?;
        let account = setup.as_ref().and_then(|it| it.company.calcom.as_ref());
        let breaker = |account| NamedBreaker {
            name: "calcom",
            view: self.deps.health.breaker(account, self.now()),
        };
        Ok(account.map(breaker).into_iter().collect())
    }

    /// Waits until a breaker closes, and lets go at once what waits to call that account. How many
    /// sagas there were. What is not let go for a failing store goes at its own time.
    pub async fn hasten_recovered(&self) -> Result<u32, StoreError> {
        let recovered = self.deps.health.recovered().await;
        let companies = self.companies().await?;
        let of_account = companies.iter().filter(|company| {
            company.calcom.as_ref().is_some_and(|account| {
                account.base_url == recovered.base_url && account.api_key == recovered.api_key
            })
        });
        let companies: Vec<_> = of_account.map(|company| company.id).collect();
        let hastened = self.deps.store.sagas.hasten(&companies, self.now()).await?;
        if hastened > 0 {
            tracing::info!(hastened, "Cal.com answers again: what waited goes now");
            self.wake(Queue::CalcomSync);
        }
        Ok(hastened)
    }
}
