//! What stands before every call: the breaker of its account, then the account's budget.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use booking_domain::breaker::{
    Admission, Breaker, BreakerPolicy, BreakerState, BreakerView, CallOutcome, Permit,
};
use booking_domain::budget::{Priority, Remaining};
use booking_domain::ports::CalendarError;
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::Instant;
use tokio::sync::Notify;

use crate::budget::Budgets;
use crate::client::account_digest;
use crate::measures;

/// The breakers and budgets of all accounts.
pub(crate) struct Guard {
    policy: BreakerPolicy,
    breakers: Mutex<HashMap<String, Breaker>>,
    budgets: Budgets,
    /// Accounts whose breaker has closed, until somebody is told.
    recovered: Mutex<Vec<CalcomAccount>>,
    told: Notify,
}

/// The right to make one call. Dropped, as by a caller who went away, it counts for nothing.
pub(crate) struct Pass<'a> {
    guard: &'a Guard,
    account: &'a CalcomAccount,
    digest: String,
    permit: Option<Permit>,
    /// When it was given: good enough for what is given back unused.
    since: Instant,
}

impl Guard {
    pub(crate) fn new(policy: BreakerPolicy, budgets: Budgets) -> Self {
        measures::announce();
        Self {
            policy,
            breakers: Mutex::default(),
            budgets,
            recovered: Mutex::default(),
            told: Notify::new(),
        }
    }

    /// Lets a call through, or says at once that it is not made, and when to ask again. Nobody
    /// waits here: who has to wait can do so where the time is not lost.
    pub(crate) async fn admit<'a>(
        &'a self,
        account: &'a CalcomAccount,
        priority: Priority,
        now: Instant,
    ) -> Result<Pass<'a>, CalendarError> {
        let digest = account_digest(account);
        let admission = self.on_breaker(&digest, |breaker| breaker.admit(now));
        let permit = match admission {
            Admission::Go(permit) => permit,
            Admission::Rejected { retry_at } => {
                return Err(held_back(priority, "breaker_open", retry_at));
            }
        };
        let pass = Pass {
            guard: self,
            account,
            digest,
            permit: Some(permit),
            since: now,
        };
        match self.budgets.take(&pass.digest, priority, now).await {
            Ok(()) => Ok(pass),
            Err(retry_at) => Err(held_back(priority, "self_limited", retry_at)),
        }
    }

    /// How the account's breaker stands.
    pub(crate) fn breaker(&self, account: &CalcomAccount, now: Instant) -> BreakerView {
        let breakers = locked(&self.breakers);
        let known = breakers.get(&account_digest(account));
        let view = known.map(|breaker| breaker.view(now));
        view.unwrap_or_else(|| Breaker::new(self.policy).view(now))
    }

    /// The next account whose breaker has closed.
    pub(crate) async fn recovered(&self) -> CalcomAccount {
        loop {
            let told = self.told.notified();
            if let Some(account) = locked(&self.recovered).pop() {
                return account;
            }
            told.await;
        }
    }

    fn on_breaker<T>(&self, digest: &str, act: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breakers = locked(&self.breakers);
        let breaker = breakers
            .entry(digest.to_owned())
            .or_insert_with(|| Breaker::new(self.policy));
        let before = breaker.state();
        let result = act(breaker);
        let after = breaker.state();
        if before != after {
            let worst = breakers.values().map(Breaker::state).max();
            measures::transition(after, worst.unwrap_or(after));
            tracing::warn!(
                account = digest,
                from = before.as_str(),
                to = after.as_str(),
                "the circuit breaker around Cal.com has changed"
            );
        }
        result
    }

    fn tell_recovered(&self, account: &CalcomAccount) {
        let mut recovered = locked(&self.recovered);
        if !recovered.contains(account) {
            recovered.push(account.clone());
        }
        drop(recovered);
        self.told.notify_one();
    }
}

impl Pass<'_> {
    /// Gives it back with what came of the call.
    pub(crate) fn settle(mut self, outcome: CallOutcome, now: Instant) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        let (was, is) = self.guard.on_breaker(&self.digest, |breaker| {
            let was = breaker.state();
            breaker.settle(permit, outcome, now);
            (was, breaker.state())
        });
        if was != is && is == BreakerState::Closed {
            self.guard.tell_recovered(self.account);
        }
    }

    /// Takes in what Cal.com says is left of its own limit.
    pub(crate) async fn lower(&self, said: Remaining, now: Instant) {
        self.guard.budgets.lower(&self.digest, said, now).await;
    }

    /// Cal.com has had enough: nothing goes before.
    pub(crate) async fn pause(&self, until: Instant, now: Instant) {
        self.guard.budgets.pause(&self.digest, until, now).await;
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            let now = self.since;
            self.guard
                .on_breaker(&self.digest, |breaker| breaker.abandon(permit, now));
        }
    }
}

fn held_back(priority: Priority, reason: &'static str, retry_at: Instant) -> CalendarError {
    measures::held_back(priority, reason);
    CalendarError::NotExecuted {
        reason,
        retry_at: Some(retry_at),
        tried: false,
    }
}

/// Nothing panics while it is held.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
