//! Wishes to Cal.com: whoever carries them there is woken.
//!
//! The wish itself is a saga, written with the change that made it necessary. Switched off, wishes
//! are accepted and wait: nothing is said to Cal.com until it is switched on again.

use std::sync::Arc;

use async_trait::async_trait;
use booking_domain::events::{DomainEvent, EventKind};
use booking_domain::ports::{BoxError, Queue};

use super::EventListener;
use crate::wakers::Wakers;

/// Wakes the pool that speaks to Cal.com.
pub struct SyncCalcom(Arc<Wakers>);

impl SyncCalcom {
    /// Its name, as in the configuration.
    pub const NAME: &str = "sync_calcom";
    /// The kind it wants.
    pub const WANTS: &[EventKind] = &[EventKind::SyncRequested];

    pub(crate) fn new(wakers: Arc<Wakers>) -> Self {
        Self(wakers)
    }
}

#[async_trait]
impl EventListener for SyncCalcom {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> &'static [EventKind] {
        Self::WANTS
    }

    async fn hear(&self, _: &[&DomainEvent]) -> Result<(), BoxError> {
        self.0.wake(Queue::CalcomSync);
        Ok(())
    }
}
