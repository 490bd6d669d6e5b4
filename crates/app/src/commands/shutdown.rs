//! Being asked to stop: once politely, twice at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ends when the process is asked to stop (SIGTERM or Ctrl-C). From then on a second time ends the
/// process at once.
pub(crate) async fn asked() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        // Without signal handlers the default action ends the process.
        return std::future::pending().await;
    };
    either(&mut terminate, &mut interrupt).await;
    tracing::info!("asked to stop: finishing what is under way (ask again to stop at once)");
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("asked again: stopping at once");
        std::process::exit(130);
    });
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
