//! What the operational routes answer.

use serde::Serialize;
use utoipa::ToSchema;

/// One word.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Status)]
pub(crate) struct StatusJson {
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
}

/// How the parts are.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthJson {
    /// `ok`, or `degraded` when a component is down.
    pub(crate) status: &'static str,
    /// The version of this program.
    pub(crate) version: &'static str,
    /// The version of the time-zone database it was built with.
    pub(crate) zone_data_version: &'static str,
    pub(crate) components: ComponentsJson,
}

/// The parts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HealthComponents)]
pub(crate) struct ComponentsJson {
    /// `up` or `down`.
    pub(crate) store: ComponentJson,
    /// `up`, `down` or `not_configured`.
    pub(crate) shared_cache: ComponentJson,
    /// `configured`, `not_configured`, or `unknown` while the store is down.
    pub(crate) calendar: ComponentJson,
}

/// A part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = HealthComponent)]
pub(crate) struct ComponentJson {
    pub(crate) status: &'static str,
}
