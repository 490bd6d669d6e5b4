//! Budgets: those of this process, and those that all instances share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use booking_domain::budget::{Budget, Priority, Remaining};
use booking_domain::ports::{BoxError, CallBudget, NotTaken};
use booking_domain::time::Instant;

/// The budgets of the calls that this process makes.
pub struct LocalBudget {
    limit: u32,
    accounts: Mutex<HashMap<String, Budget>>,
}

impl LocalBudget {
    /// So many calls a minute for each account.
    pub fn new(limit: u32) -> Self {
        Self {
            limit,
            accounts: Mutex::default(),
        }
    }

    fn with<T>(&self, account: &str, act: impl FnOnce(&mut Budget) -> T) -> T {
        let mut accounts = self.locked();
        if let Some(budget) = accounts.get_mut(account) {
            return act(budget);
        }
        let budget = accounts.entry(account.to_owned());
        act(budget.or_insert_with(|| Budget::new(self.limit)))
    }

    /// A panic while it was held leaves at worst a call too many.
    fn locked(&self) -> MutexGuard<'_, HashMap<String, Budget>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CallBudget for LocalBudget {
    async fn take(&self, account: &str, priority: Priority, now: Instant) -> Result<(), NotTaken> {
        let taken = self.with(account, |budget| budget.take(priority, now));
        taken.map_err(NotTaken::Before)
    }

    async fn lower(&self, account: &str, said: Remaining, now: Instant) -> Result<(), BoxError> {
        self.with(account, |budget| budget.lower(said, now));
        Ok(())
    }

    async fn pause(&self, account: &str, until: Instant, _: Instant) -> Result<(), BoxError> {
        self.with(account, |budget| budget.pause(until));
        Ok(())
    }
}

/// The budgets of all instances, while they can be read; else a half of this process's own.
pub(crate) struct Budgets {
    shared: Option<Arc<dyn CallBudget>>,
    /// Beside a shared one it counts along, so that it knows what was used when it has to decide.
    local: LocalBudget,
    limit: u32,
}

impl Budgets {
    pub(crate) fn new(limit: u32, shared: Option<Arc<dyn CallBudget>>) -> Self {
        let own = if shared.is_some() { limit / 2 } else { limit };
        Self {
            shared,
            local: LocalBudget::new(own.max(1)),
            limit,
        }
    }

    /// Counts a call in, or says when to ask again.
    pub(crate) async fn take(
        &self,
        account: &str,
        priority: Priority,
        now: Instant,
    ) -> Result<(), Instant> {
        if let Some(shared) = &self.shared {
            match shared.take(account, priority, now).await {
                Ok(()) => {
                    self.local.with(account, |budget| budget.count(now));
                    return Ok(());
                }
                Err(NotTaken::Before(retry_at)) => return Err(retry_at),
                Err(NotTaken::Unknown(error)) => {
                    tracing::debug!(
                        error = &*error as &dyn std::error::Error,
                        "the shared budget cannot be read: half of it for this process"
                    );
                }
            }
        }
        self.local
            .with(account, |budget| budget.take(priority, now))
    }

    /// Takes in what Cal.com says is left.
    pub(crate) async fn lower(&self, account: &str, said: Remaining, now: Instant) {
        // More than we take at most is no news.
        if said.calls >= self.limit {
            return;
        }
        self.local.with(account, |budget| budget.lower(said, now));
        if let Some(shared) = &self.shared
            && let Err(error) = shared.lower(account, said, now).await
        {
            tracing::debug!(error = &*error as &dyn std::error::Error, "not shared");
        }
    }

    /// Lets no call through before.
    pub(crate) async fn pause(&self, account: &str, until: Instant, now: Instant) {
        self.local.with(account, |budget| budget.pause(until));
        if let Some(shared) = &self.shared
            && let Err(error) = shared.pause(account, until, now).await
        {
            tracing::warn!(
                error = &*error as &dyn std::error::Error,
                "other instances do not know that Cal.com has had enough"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that takes everything, or cannot be read.
    struct Fake(bool);

    #[async_trait]
    impl CallBudget for Fake {
        async fn take(&self, _: &str, _: Priority, _: Instant) -> Result<(), NotTaken> {
            if self.0 {
                Ok(())
            } else {
                Err(NotTaken::Unknown("gone".into()))
            }
        }

        async fn lower(&self, _: &str, _: Remaining, _: Instant) -> Result<(), BoxError> {
            Err("gone".into())
        }

        async fn pause(&self, _: &str, _: Instant, _: Instant) -> Result<(), BoxError> {
            Err("gone".into())
        }
    }

    fn now() -> Instant {
        "2030-03-01T08:00:00Z".parse().unwrap()
    }

    async fn taken(budgets: &Budgets, account: &str) -> u32 {
        let mut taken = 0;
        while taken < 1_000
            && budgets
                .take(account, Priority::Booking, now())
                .await
                .is_ok()
        {
            taken += 1;
        }
        taken
    }

    /// Red when a budget that cannot be read lets everything through, or nothing.
    #[tokio::test]
    async fn without_the_shared_budget_each_takes_half() {
        let budgets = Budgets::new(10, Some(Arc::new(Fake(false))));
        assert_eq!(taken(&budgets, "one").await, 5);
        assert_eq!(taken(&budgets, "two").await, 5);
        budgets.pause("three", now() + Budget::WINDOW, now()).await;
        assert_eq!(taken(&budgets, "three").await, 0);
        let alone = Budgets::new(10, None);
        assert_eq!(taken(&alone, "one").await, 10);
    }

    /// Red when what was used while the shared budget answered is forgotten when it does not.
    #[tokio::test]
    async fn what_was_used_before_counts() {
        let mut budgets = Budgets::new(10, Some(Arc::new(Fake(true))));
        for _ in 0..4 {
            let taken = budgets.take("one", Priority::Read, now()).await;
            assert!(taken.is_ok());
        }
        budgets.shared = Some(Arc::new(Fake(false)));
        assert_eq!(taken(&budgets, "one").await, 1);
    }
}
