//! What the routes share.

use std::sync::Arc;

use booking_application::Application;
use booking_domain::time::Span;

use crate::desk::Desk;
use crate::functions::texts::CompanyTexts;
use crate::lines::Lines;

/// What the operator may choose.
#[derive(Clone)]
pub struct VoiceSettings {
    /// How long a booking, a move or a cancellation may take before the caller hears "pending".
    pub deadline: Span,
    /// Signs the handles of offered slots; the same on every instance.
    pub handle_key: [u8; 32],
}

impl std::fmt::Debug for VoiceSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VoiceSettings(deadline: {:?})", self.deadline)
    }
}

/// What the routes share.
#[derive(Clone)]
pub struct VoiceState {
    pub(crate) desk: Arc<dyn Desk>,
    pub(crate) settings: VoiceSettings,
    pub(crate) lines: Arc<Lines>,
    pub(crate) texts: Arc<CompanyTexts>,
}

impl VoiceState {
    /// Puts it together.
    pub fn new(app: Arc<Application>, settings: VoiceSettings) -> Self {
        Self {
            desk: Arc::new(app),
            settings,
            lines: Arc::default(),
            texts: Arc::default(),
        }
    }
}
