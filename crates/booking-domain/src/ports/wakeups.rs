//! Telling other processes that there is work: only ever a hint, since everybody looks by themselves.

use async_trait::async_trait;

use super::Queue;

/// What there is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Wakeup {
    /// Events in the outbox.
    Outbox,
    /// Work in a queue.
    Queue(Queue),
}

impl Wakeup {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Outbox,
        Self::Queue(Queue::CalcomSync),
        Self::Queue(Queue::Notifications),
        Self::Queue(Queue::Listeners),
        Self::Queue(Queue::Maintenance),
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Queue(queue) => queue.as_str(),
        }
    }

    /// The one that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

/// A line between the processes of an installation.
#[async_trait]
pub trait Wakeups: Send + Sync {
    /// Tells the others, soon: after the commit that made it true. Never waits, may be lost, and
    /// what is said again before it was sent is said once.
    fn tell(&self, what: Wakeup);

    /// Waits for the next that any process tells, this one included. Those that were told while
    /// nobody waited, or while the line was down, are lost.
    async fn heard(&self) -> Wakeup;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for what in Wakeup::ALL {
            assert_eq!(Wakeup::parse(what.as_str()), Some(what));
        }
    }
}
