//! What a company may choose beside what can be booked: its words, what is kept of its calls, and
//! what its customers are sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contact::Email;
use crate::ports::Channel;

/// Sentences in a company's own words: by language (`de`), then by the name of the sentence. Whether
/// they can be spoken is for the voice to say.
pub type OwnTexts = BTreeMap<String, BTreeMap<String, String>>;

/// What is kept of calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallRules {
    /// Whether what was said is kept.
    pub transcripts: Transcripts,
    /// How many days a call is kept.
    pub keep_days: u32,
    /// What callers are told at the beginning, by language (`de`): that they speak with a machine.
    pub disclosure: BTreeMap<String, String>,
}

impl CallRules {
    /// Longest time that calls are kept, in days.
    pub const MOST_DAYS: u32 = 3650;
}

impl Default for CallRules {
    fn default() -> Self {
        Self {
            transcripts: Transcripts::Off,
            keep_days: 30,
            disclosure: BTreeMap::new(),
        }
    }
}

/// Whether transcripts of calls are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transcripts {
    /// Never.
    #[default]
    Off,
    /// Where the caller has agreed in the call.
    WithConsent,
}

/// What customers are sent, where the installation can send it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageRules {
    /// Whether by e-mail.
    pub email: bool,
    /// Whether by text message.
    pub sms: bool,
    /// Which changes of appointments they are told of.
    pub confirmations: Confirmations,
    /// Where answers to e-mails go.
    pub reply_to: Option<Email>,
}

impl Default for MessageRules {
    fn default() -> Self {
        Self {
            email: true,
            sms: true,
            confirmations: Confirmations::Own,
            reply_to: None,
        }
    }
}

impl MessageRules {
    /// Whether customers are written to over this channel.
    pub const fn allows(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
        }
    }
}

/// Which bookings, moves and cancellations customers are told of. Reminders are another matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmations {
    /// None: Cal.com tells them.
    None,
    /// Those that did not begin at Cal.com, which tells its customers itself.
    #[default]
    Own,
    /// All: Cal.com tells nobody.
    All,
}
