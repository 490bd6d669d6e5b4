//! Budgets of Cal.com accounts that all instances share.
//!
//! The rules are those of the domain's [`Budget`], told again in Lua, because counting must be one
//! step for all instances; the contract suite holds both to the same promises. Times are those of
//! the callers: their clocks must agree about as well as the limit is to be kept.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use booking_domain::budget::{Budget, Priority, Remaining};
use booking_domain::ports::{BoxError, CallBudget, NotTaken};
use booking_domain::time::Instant;
use redis::{Script, ScriptInvocation};

use crate::link::{Link, LinkError, Request};

static TAKE: LazyLock<Script> = LazyLock::new(|| budget(include_str!("scripts/budget_take.lua")));
static LOWER: LazyLock<Script> = LazyLock::new(|| budget(include_str!("scripts/budget_lower.lua")));
static PAUSE: LazyLock<Script> = LazyLock::new(|| budget(include_str!("scripts/budget_pause.lua")));

fn budget(script: &str) -> Script {
    Script::new(&[include_str!("scripts/budget.lua"), script].concat())
}

/// The budgets, over the connection of the cache.
pub struct RedisBudget {
    pub(crate) prefix: String,
    pub(crate) limit: u32,
    pub(crate) link: Arc<Link>,
}

impl RedisBudget {
    fn about(
        &self,
        script: &'static Script,
        account: &str,
        now: Instant,
    ) -> ScriptInvocation<'static> {
        let mut call = script.prepare_invoke();
        call.key(format!("{}calcom:budget:{account}", self.prefix));
        call.key(format!("{}calcom:said:{account}", self.prefix));
        call.arg(now.unix_micros()).arg(Budget::WINDOW.as_micros());
        call
    }

    /// The moment the script answers with.
    async fn ask(&self, script: ScriptInvocation<'static>) -> Result<i64, LinkError> {
        self.link.ask(&Request::Script(script)).await
    }
}

#[async_trait]
impl CallBudget for RedisBudget {
    async fn take(&self, account: &str, priority: Priority, now: Instant) -> Result<(), NotTaken> {
        let mut script = self.about(&TAKE, account, now);
        script.arg(self.limit).arg(priority.percent());
        let answer = self.ask(script).await;
        match answer.map_err(|error| NotTaken::Unknown(error.into()))? {
            0 => Ok(()),
            again => {
                let again = Instant::from_unix_micros(again);
                Err(again.map_or_else(|error| NotTaken::Unknown(error.into()), NotTaken::Before))
            }
        }
    }

    async fn lower(&self, account: &str, said: Remaining, now: Instant) -> Result<(), BoxError> {
        let mut script = self.about(&LOWER, account, now);
        script.arg(said.calls).arg(said.until.unix_micros());
        script.arg(self.limit);
        self.ask(script).await?;
        Ok(())
    }

    async fn pause(&self, account: &str, until: Instant, now: Instant) -> Result<(), BoxError> {
        let mut script = self.about(&PAUSE, account, now);
        script.arg(until.unix_micros());
        self.ask(script).await?;
        Ok(())
    }
}
