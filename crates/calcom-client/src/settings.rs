//! What the client may ask, how, and for how long.

use std::sync::Arc;
use std::time::Duration;

use booking_domain::breaker::BreakerPolicy;
use booking_domain::ports::{CallBudget, Clock};

/// The value of `cal-api-version`, per operation. A value that Cal.com does not know silently
/// selects an old API with other shapes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiVersions {
    /// Free slots.
    pub slots: String,
    /// Lists of bookings: from 2026-05-01 on with cursors, before with offsets.
    pub list: String,
    /// Everything else about bookings.
    pub bookings: String,
}

impl ApiVersions {
    /// What api.cal.com speaks.
    pub fn hosted() -> Self {
        Self {
            slots: "2024-09-04".to_owned(),
            list: "2026-05-01".to_owned(),
            bookings: "2026-02-25".to_owned(),
        }
    }

    /// What the community edition speaks.
    pub fn self_hosted() -> Self {
        Self {
            slots: "2024-09-04".to_owned(),
            list: "2024-08-13".to_owned(),
            bookings: "2024-08-13".to_owned(),
        }
    }

    /// The first version whose lists are continued with a cursor.
    pub(crate) const FIRST_WITH_CURSOR: &str = "2026-05-01";
}

impl Default for ApiVersions {
    fn default() -> Self {
        Self::hosted()
    }
}

/// How Cal.com is asked.
#[derive(Clone)]
pub struct CalcomSettings {
    /// Which version of the API each operation speaks.
    pub versions: ApiVersions,
    /// The longest that a read may take, its answer included.
    pub read_timeout: Duration,
    /// The longest that a write may take: Cal.com is known to need many seconds.
    pub write_timeout: Duration,
    /// The longest that a connection may take to stand.
    pub connect_timeout: Duration,
    /// The hosts an account's address may name; empty: any.
    pub allowed_hosts: Vec<String>,
    /// When an account is left alone because nobody answers there.
    pub breaker: BreakerPolicy,
    /// How often an account may be asked a minute.
    pub per_minute: u32,
    /// Where all instances count together; without it, each counts for itself.
    pub shared_budget: Option<Arc<dyn CallBudget>>,
    /// What time it is, for limits that end.
    pub clock: Arc<dyn Clock>,
}

impl CalcomSettings {
    /// The usual limits, hosted versions, any host.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            versions: ApiVersions::default(),
            read_timeout: Duration::from_secs(8),
            write_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(2),
            allowed_hosts: Vec::new(),
            breaker: BreakerPolicy::default(),
            per_minute: 100,
            shared_budget: None,
            clock,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for Cal.com cannot be built")]
pub struct CalcomClientError(#[source] pub(crate) reqwest::Error);
