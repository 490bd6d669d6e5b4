//! The running simulator's state, shared by the API, the pages and the control API.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::format::utc_ms;
use crate::rate_limit::RateLimiter;
use crate::store::Store;
use crate::webhooks::Subscription;
use crate::webhooks::courier::Courier;
use crate::world::World;

/// How many single calls the ledger remembers; the counts go on for ever.
const REMEMBERED_CALLS: usize = 1000;

#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) seed: u64,
    pub(crate) log: bool,
    /// The set-up at start, to go back to.
    initial: World,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) limiter: RateLimiter,
    pub(crate) courier: Courier,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    state: Mutex<State>,
}

/// What changes together, behind one lock that is never held across an await.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: Arc<World>,
    pub(crate) store: Store,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) calls: Calls,
    /// Finished slots answers by account and query, with the time they were made.
    pub(crate) slots_cache: HashMap<String, (DateTime<Utc>, Value)>,
}

/// Every API call, counted by route.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) total: u64,
    by_route: BTreeMap<String, u64>,
    recent: Vec<Value>,
}

impl Calls {
    pub(crate) fn count(&mut self, route: &str) {
        self.total += 1;
        *self.by_route.entry(route.to_owned()).or_default() += 1;
    }

    pub(crate) fn remember(&mut self, call: Value) {
        if self.recent.len() >= REMEMBERED_CALLS {
            self.recent.remove(0);
        }
        self.recent.push(call);
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"total": self.total, "by_route": self.by_route, "recent": self.recent})
    }
}

impl Sim {
    pub(crate) fn new(seed: u64, world: World, log: bool) -> Result<Arc<Self>, reqwest::Error> {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let state = State {
            world: Arc::new(world.clone()),
            store: Store::new(seed),
            subscriptions: Vec::new(),
            calls: Calls::default(),
            slots_cache: HashMap::new(),
        };
        let sim = Self {
            seed,
            log,
            initial: world,
            clock: Clock::default(),
            faults: Faults::default(),
            limiter: RateLimiter::default(),
            courier: Courier::new()?,
            tasks,
            stop,
            state: Mutex::new(state),
        };
        sim.state().subscribe_as_set_up();
        Ok(Arc::new(sim))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no code panics while it holds the state")
    }

    pub(crate) fn world(&self) -> Arc<World> {
        Arc::clone(&self.state().world)
    }

    /// Empties the books, the logs, the faults and the counters. The set-up and the subscriptions
    /// stay, unless `everything` asks for those of the start.
    pub(crate) fn reset(&self, everything: bool) {
        self.faults.clear();
        self.limiter.clear();
        self.courier.clear();
        self.clock.reset();
        let mut state = self.state();
        state.store = Store::new(self.seed);
        state.calls = Calls::default();
        state.slots_cache.clear();
        if everything {
            state.replace_world(self.initial.clone());
        }
    }

    /// Puts another set-up in place; its bookings stay in the ledger.
    pub(crate) fn replace_world(&self, world: World) {
        self.limiter.clear();
        self.state().replace_world(world);
    }

    /// The account of a bearer token.
    pub(crate) fn is_account(&self, api_key: &str) -> bool {
        self.state().world.account(api_key).is_some()
    }

    /// Now, as the API writes it.
    pub(crate) fn now_text(&self) -> String {
        utc_ms(self.now())
    }
}

impl State {
    fn replace_world(&mut self, world: World) {
        self.world = Arc::new(world);
        self.slots_cache.clear();
        self.subscriptions.clear();
        self.subscribe_as_set_up();
    }

    fn subscribe_as_set_up(&mut self) {
        let world = Arc::clone(&self.world);
        for account in &world.accounts {
            for webhook in &account.webhooks {
                let subscription = Subscription {
                    id: self.store.uuid(),
                    account: account.api_key.clone(),
                    url: webhook.url.clone(),
                    secret: webhook
                        .secret
                        .clone()
                        .or_else(|| account.webhook_secret.clone()),
                    triggers: webhook.triggers.clone(),
                    active: true,
                };
                self.subscriptions.push(subscription);
            }
        }
    }
}
