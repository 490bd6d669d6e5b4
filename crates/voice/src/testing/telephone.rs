//! What the desk hears of calls, and knows of callers.

use std::sync::{Mutex, MutexGuard};

use booking_application::Greeting;
use booking_domain::calls::Call;
use booking_domain::ids::CompanyId;

#[derive(Default)]
struct State {
    told: Vec<(CompanyId, Call)>,
    expected: Vec<CompanyId>,
    greeting: Greeting,
    is_slow: bool,
}

#[derive(Default)]
pub(crate) struct Telephone(Mutex<State>);

impl Telephone {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("not poisoned")
    }

    pub(super) fn note(&self, company: CompanyId, told: Call) {
        self.state().told.push((company, told));
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

    /// What is known of every caller; `None`: looking them up never ends.
    pub(crate) fn knows(&self, greeting: Option<Greeting>) {
        let mut state = self.state();
        state.is_slow = greeting.is_none();
        state.greeting = greeting.unwrap_or_default();
    }
}
