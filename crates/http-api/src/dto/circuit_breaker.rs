//! The circuit breakers, for whoever runs the gateway.

use booking_application::NamedBreaker;
use serde::Serialize;
use utoipa::ToSchema;

/// How a circuit breaker stands, as seen by the process that answers, since it started.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CircuitBreaker)]
pub(crate) struct CircuitBreakerJson {
    /// What it protects.
    #[schema(example = "calcom")]
    name: &'static str,
    /// `closed`: calls are made; `open`: none is; `half_open`: a few are, to see how it goes. One
    /// that is open stays so until a call is wanted after its pause.
    #[schema(value_type = CircuitBreakerState)]
    state: &'static str,
    /// Failures in a row.
    failures: u32,
    /// When it opened last; null while it is closed.
    #[schema(format = DateTime)]
    opened_at: Option<String>,
    /// How often it has opened, half opened and closed within the last hour.
    transitions_last_hour: u32,
}

/// Whether calls are made.
#[derive(ToSchema)]
#[schema(as = CircuitBreakerState, rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes a member of the answer in the API's description"
)]
pub(crate) enum CircuitBreakerState {
    Closed,
    Open,
    HalfOpen,
}

impl From<&NamedBreaker> for CircuitBreakerJson {
    fn from(breaker: &NamedBreaker) -> Self {
        let view = &breaker.view;
        Self {
            name: breaker.name,
            state: view.state.as_str(),
            failures: view.failures,
            opened_at: view.opened_at.map(|at| at.to_string()),
            transitions_last_hour: view.transitions_last_hour,
        }
    }
}
