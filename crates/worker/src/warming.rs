//! Keeps the availability caches warm, wherever requests are answered.

use std::sync::Arc;

use booking_application::Application;
use tokio_util::sync::CancellationToken;

use crate::LOOK_EVERY;
use crate::looping::{Loop, Pass, PassError};

/// So many days of every service are fetched when the process starts.
const DAYS_AT_START: u32 = 30;

/// Fetches the next days of every service, then what changes have put back, until it is to stop.
pub async fn keep_caches_warm(app: Arc<Application>, stop: CancellationToken) {
    while let Err(error) = wish_for_everything(&app).await {
        tracing::debug!(error = &*error, "the companies to warm are not known yet");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    let looping = Loop {
        name: "warm_caches",
        every: LOOK_EVERY,
        woken: std::future::pending,
        pass: move || {
            let app = app.clone();
            async move {
                let report = app.warm_caches().await?;
                Ok(Pass::from_count(report.warmed))
            }
        },
    };
    looping.run(stop).await;
}

async fn wish_for_everything(app: &Application) -> Result<(), PassError> {
    let mut windows = 0;
    let companies = app.companies().await?;
    for company in &companies {
        windows += app.wish_for_days(company.id, DAYS_AT_START).await?;
    }
    if windows > 0 {
        tracing::info!(companies = companies.len(), windows, "warming the caches");
    }
    Ok(())
}
