//! What the desk hears of calls, and knows of callers.

use std::sync::{Mutex, MutexGuard};

use booking_application::Greeting;
use booking_domain::calls::Call;
use booking_domain::ids::CompanyId;
use booking_domain::ports::StoreError;

#[derive(Default)]
struct State {
    told: Vec<(CompanyId, Call)>,
    expected: Vec<CompanyId>,
    greeting: Greeting,
    is_slow: bool,
    is_deaf: bool,
    looked_up: usize,
}

#[derive(Default)]
pub(crate) struct Telephone(Mutex<State>);

impl Telephone {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("not poisoned")
    }

    pub(super) fn note(&self, company: CompanyId, told: Call) -> Result<(), StoreError> {
        let mut state = self.state();
        if std::mem::take(&mut state.is_deaf) {
            return Err(StoreError::Unavailable {
                action: "note a call",
                source: "nobody there".into(),
            });
        }
        state.told.push((company, told));
        Ok(())
    }

    pub(super) fn look_up(&self) {
        self.state().looked_up += 1;
    }

    pub(super) fn expect_questions(&self, company: CompanyId) {
        self.state().expected.push(company);
    }

    pub(super) async fn greet(&self) -> Greeting {
        let is_slow = self.state().is_slow;
        if is_slow {
            std::future::pending::<()>().await;
        }
        self.state().greeting.clone()
    }

    /// What was told of calls, and to whom.
    pub(crate) fn told(&self) -> Vec<(i64, Call)> {
        let told = self.state().told.clone().into_iter();
        told.map(|(company, call)| (company.get(), call)).collect()
    }

    /// Whose questions are expected.
    pub(crate) fn expected(&self) -> Vec<i64> {
        let expected = self.state().expected.clone().into_iter();
        expected.map(CompanyId::get).collect()
    }

    /// The next that is told of cannot be noted.
    pub(crate) fn is_deaf_once(&self) {
        self.state().is_deaf = true;
    }

    /// How often all companies were looked up.
    pub(crate) fn looked_up(&self) -> usize {
        self.state().looked_up
    }

    /// What is known of every caller; `None`: looking them up never ends.
    pub(crate) fn knows(&self, greeting: Option<Greeting>) {
        let mut state = self.state();
        state.is_slow = greeting.is_none();
        state.greeting = greeting.unwrap_or_default();
    }
}
