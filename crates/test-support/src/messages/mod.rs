//! Whoever takes messages to customers: a mail server and a gateway for text messages, real ones
//! over TCP, which keep what they get and can be out of sorts; and messages to give them.

mod authority;
mod mail_server;
mod samples;
mod sms_gateway;

pub use authority::TestAuthority;
pub use mail_server::{Encryption, MailServer, ReceivedMail};
pub use samples::{HOSTILE, contents, facts, message};
pub use sms_gateway::{ReceivedSms, SmsGateway};

/// What they do with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    /// Take it.
    Takes,
    /// Not now: 450, or 503.
    Busy,
    /// Never: 550, or 400. The words of the refusal contain the address.
    Refuses,
    /// Let nobody in: 535, or 401.
    Locked,
    /// Read it, and never say anything.
    Silent,
    /// Take it, and say so when the mood is another.
    Late,
    /// Read it, and end the connection without a word.
    Cuts,
}
