//! For whoever runs the process: alive, ready, healthy, measured.

pub(crate) mod livez;
pub(crate) mod metrics;
pub(crate) mod overview;
pub(crate) mod readyz;

use std::time::Duration;

use booking_application::Application;

/// Whoever asks how we are does not wait longer than this for a component.
const PATIENCE: Duration = Duration::from_secs(2);

async fn store_is_up(app: &Application) -> bool {
    matches!(
        tokio::time::timeout(PATIENCE, app.is_ready()).await,
        Ok(Ok(()))
    )
}
