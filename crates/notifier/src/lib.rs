//! Driven adapter: messages to customers, and notices to the outside.
//!
//! * [`SmtpCarrier`] and [`SmsCarrier`] carry messages to customers; [`letter`] and [`short`] say
//!   how they are worded.
//! * [`PurgeHook`] tells whatever stores our answers in front of the gateway what to forget.

mod invite;
mod mail;
mod purge_hook;
mod sms;
mod words;

pub use mail::{SmtpCarrier, SmtpSettings, SmtpSettingsError, SmtpTrouble};
pub use purge_hook::{PurgeHook, PurgeHookError};
pub use sms::{SmsCarrier, SmsSettingsError, SmsTrouble};
pub use words::{Letter, MOST_SEGMENTS, letter, segments, short};
