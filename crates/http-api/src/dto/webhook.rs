//! What a webhook is answered with.

use serde::Serialize;
use utoipa::ToSchema;

/// A webhook was taken in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookReceived)]
pub(crate) struct ReceivedJson {
    /// Always true: failures are problem documents.
    pub(crate) received: bool,
    /// `processed`, `already_processed` or `ignored`.
    pub(crate) status: &'static str,
    /// The appointment it was about, if it was about one.
    #[schema(format = Uuid)]
    pub(crate) appointment_id: Option<String>,
}
