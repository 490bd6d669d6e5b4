//! Waiting for a condition, with a limit and a message. Tests never sleep for a fixed time.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// What a probe may answer: `bool`, `Option<T>`, or `Result<T, E>` where an error means "not yet".
pub trait Probe {
    type Value;
    /// The awaited value, or what was seen instead.
    fn outcome(self) -> Result<Self::Value, Option<String>>;
}

impl Probe for bool {
    type Value = ();
    fn outcome(self) -> Result<(), Option<String>> {
        if self { Ok(()) } else { Err(None) }
    }
}

impl<T> Probe for Option<T> {
    type Value = T;
    fn outcome(self) -> Result<T, Option<String>> {
        self.ok_or(None)
    }
}

impl<T, E: Debug> Probe for Result<T, E> {
    type Value = T;
    fn outcome(self) -> Result<T, Option<String>> {
        self.map_err(|error| Some(format!("{error:?}")))
    }
}

/// Asks `probe` again and again, with growing pauses, until it answers or `limit` is over.
///
/// `what` completes the sentence "waited … for …".
///
/// # Errors
/// When the limit is over; the message says what was awaited and what was seen last.
pub async fn until<P, F>(
    limit: Duration,
    what: &str,
    mut probe: impl FnMut() -> F,
) -> anyhow::Result<P::Value>
where
    P: Probe,
    F: Future<Output = P>,
{
    let deadline = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    let mut seen = String::new();
    loop {
        match timeout_at(deadline, probe()).await.map(Probe::outcome) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(last)) => {
                seen = last
                    .map(|text| format!("; last: {text}"))
                    .unwrap_or_default();
            }
            Err(_elapsed) => seen = format!("; the last try did not end{seen}"),
        }
        if Instant::now() + pause > deadline {
            anyhow::bail!("waited {limit:?} for {what}, in vain{seen}");
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn returns_what_the_probe_finds() {
        let tries = Cell::new(0);
        let found = until(Duration::from_secs(5), "three tries", || async {
            tries.set(tries.get() + 1);
            (tries.get() == 3).then_some("here")
        });
        assert_eq!(found.await.unwrap(), "here");
        until(Duration::ZERO, "the truth", || async { true })
            .await
            .unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_and_says_what_it_saw() {
        let limit = Duration::from_secs(1);
        let error = until(limit, "rain", || async { Err::<(), _>("only sun") })
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "waited 1s for rain, in vain; last: \"only sun\""
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_hangs_is_limited_too() {
        let limit = Duration::from_secs(1);
        let error = until(limit, "an answer", std::future::pending::<bool>)
            .await
            .unwrap_err();
        assert!(
            error.to_string().ends_with("the last try did not end"),
            "{error}"
        );
    }
}
