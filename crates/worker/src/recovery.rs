//! What waits for Cal.com goes as soon as it answers again.

use std::sync::Arc;

use booking_application::Application;
use tokio_util::sync::CancellationToken;

/// Lets go what waits, whenever a circuit breaker of this process closes, until it is to stop.
pub async fn hasten_recovered(app: Arc<Application>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            hastened = app.hasten_recovered() => {
                if let Err(error) = hastened {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "what waits for Cal.com goes at its own time");
                }
            }
        }
    }
}
