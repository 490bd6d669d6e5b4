//! Being asked to stop: once politely, twice at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and Ctrl-C, noticed from the moment this is made.
pub(crate) struct Signals(Option<(Signal, Signal)>);

impl Signals {
    /// To be made before anybody can see that the process is up.
    pub(crate) fn listen() -> Self {
        let signals = (
            signal(SignalKind::terminate()),
            signal(SignalKind::interrupt()),
        );
        // Without signal handlers the default action ends the process.
        let (Ok(terminate), Ok(interrupt)) = signals else {
            return Self(None);
        };
        Self(Some((terminate, interrupt)))
    }

    /// Ends when the process is asked to stop. From then on a second time ends it at once.
    pub(crate) async fn asked(self) {
        let Some((mut terminate, mut interrupt)) = self.0 else {
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
}

/// As [`Signals::asked`], noticed from now on.
pub(crate) async fn asked() {
    Signals::listen().asked().await;
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
