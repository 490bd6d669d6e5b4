//! What every handler may reach: the application, the settings, and a few handles of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use booking_application::{Actor, Application, Principal};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::IdSource;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Span;

use crate::problem::Problem;

/// What the operator may choose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApiSettings {
    /// Requests per second and client address; 0 switches the limit off.
    pub rate_limit_per_second: u32,
    /// How long a caller waits for Cal.com before the answer is "pending".
    pub deadline: Span,
    /// Whether answers about free slots are kept as they were written, to be given again while
    /// nothing has changed.
    pub keep_answers: bool,
}

impl Default for ApiSettings {
    /// 100 requests per second, 8 seconds, answers are kept.
    fn default() -> Self {
        Self {
            rate_limit_per_second: 100,
            deadline: Span::seconds(8),
            keep_answers: true,
        }
    }
}

/// Whether new requests are welcome. Shared between the server and whoever stops it.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on `/readyz` answers 503, so that no new traffic is sent here.
    pub fn set_draining(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the process is on its way out.
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Everything the routes need. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The application.
    pub app: Arc<Application>,
    /// What the operator chose.
    pub settings: ApiSettings,
    /// Renders the metrics of the process as Prometheus text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Whether new requests are welcome.
    pub readiness: Readiness,
    /// Ids for requests that bring none.
    pub ids: Arc<dyn IdSource>,
}

impl ApiState {
    /// The set-up of the caller's company.
    pub(crate) async fn setup_of(&self, caller: &Principal) -> Result<Arc<CompanySetup>, Problem> {
        let setup = self.app.company(caller.company).await;
        setup
            .map_err(Problem::store)?
            .ok_or_else(|| Problem::new("company_not_found", "the key's company is gone"))
    }

    /// The caller as the one who wants something.
    pub(crate) fn actor(&self, caller: &Principal) -> Actor {
        Actor {
            company: caller.company,
            origin: SyncOrigin::Api,
            by: format!("api key {}", caller.key_prefix),
            deadline: self.settings.deadline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handle_hears_of_draining() {
        let readiness = Readiness::default();
        let other = readiness.clone();
        assert!(!other.is_draining());
        readiness.set_draining();
        assert!(other.is_draining());
    }
}
