//! Messages to customers, as mail servers and gateways for text messages get them.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what is missing ends the test"
)]

mod contract;
mod hostile;
mod invitations;
mod mails;
mod opened;
mod text_messages;
mod wording;
