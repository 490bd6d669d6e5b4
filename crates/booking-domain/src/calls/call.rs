//! What is known of a call.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::content::greater;
use super::{CallId, Consent, Content};
use crate::contact::Phone;
use crate::tenant::{CallRules, Transcripts};
use crate::time::Instant;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one that a word stands for, whatever its capitals.
            pub fn parse(word: &str) -> Option<Self> {
                let word = word.trim();
                let fits = |it: &&Self| it.as_str().eq_ignore_ascii_case(word);
                Self::ALL.iter().find(fits).copied()
            }
        }
    };
}

words! {
    /// What a platform tells of a call. A later one knows better than those before it.
    CallEvent {
        /// It has begun.
        Started = "call_started",
        /// Something was said.
        TranscriptUpdated = "transcript_updated",
        /// It is over, or never came about.
        Ended = "call_ended",
        /// It was looked at afterwards.
        Analyzed = "call_analyzed",
    }
}
words! {
    /// Who calls whom.
    Direction {
        /// The company is called.
        Inbound = "inbound",
        /// The company calls.
        Outbound = "outbound",
    }
}
words! {
    /// How far a call is. What comes later outweighs what came before.
    CallStatus {
        /// It is to come.
        Registered = "registered",
        /// They speak.
        Ongoing = "ongoing",
        /// Nobody answered.
        NotConnected = "not_connected",
        /// It is over.
        Ended = "ended",
        /// It broke off by a fault.
        Error = "error",
    }
}
words! {
    /// How the caller felt, in the platform's view.
    Sentiment {
        /// Nobody knows.
        Unknown = "unknown",
        /// Neither nor.
        Neutral = "neutral",
        /// Content.
        Positive = "positive",
        /// Not content.
        Negative = "negative",
    }
}
words! {
    /// What the platform itself keeps: never is more kept here. The stricter one counts.
    Storage {
        /// Everything.
        Everything = "everything",
        /// Nothing that tells who called, or what was said.
        Basics = "basic_attributes_only",
    }
}

/// A call, or what one webhook tells of it. `Debug` shows neither number nor content.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// What was told of it so far.
    pub heard: BTreeSet<CallEvent>,
    /// When it was told of first.
    pub noted_at: Instant,
    /// Over a page in a browser, not by telephone.
    pub web: bool,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// Which agent spoke.
    pub agent_id: Option<String>,
    /// The customer's number.
    pub caller: Option<Phone>,
    /// The company's own number.
    pub business_number: Option<String>,
    /// When it began.
    pub started_at: Option<Instant>,
    /// When it was over.
    pub ended_at: Option<Instant>,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// How far it is.
    pub status: Option<CallStatus>,
    /// Why it ended, in the platform's word.
    pub disconnection_reason: Option<String>,
    /// Which language the agent was told to speak.
    pub language: Option<String>,
    /// How the caller felt.
    pub sentiment: Option<Sentiment>,
    /// Whether it came to what the agent was to achieve.
    pub successful: Option<bool>,
    /// Whether a machine answered.
    pub voicemail: Option<bool>,
    /// What the platform keeps.
    pub storage: Storage,
    /// Whether the caller has agreed that what was said is kept.
    pub consent: Consent,
    /// What was said. Stored by itself.
    #[serde(skip)]
    pub content: Content,
}

impl Call {
    /// A call of which nothing is known but that it was told of.
    pub fn new(id: CallId, event: CallEvent, noted_at: Instant) -> Self {
        Self {
            id,
            heard: BTreeSet::from([event]),
            noted_at,
            web: false,
            direction: None,
            agent_id: None,
            caller: None,
            business_number: None,
            started_at: None,
            ended_at: None,
            duration_ms: None,
            status: None,
            disconnection_reason: None,
            language: None,
            sentiment: None,
            successful: None,
            voicemail: None,
            storage: Storage::Everything,
            consent: Consent::Unknown,
            content: Content::default(),
        }
    }

    /// Its place in lists, and what its age is counted from.
    pub fn at(&self) -> Instant {
        self.started_at.unwrap_or(self.noted_at)
    }

    /// What may be kept of what one webhook tells. What was said is kept where the company wants it
    /// and the caller has agreed *in the same webhook*: then it does not matter which came first.
    #[must_use]
    pub fn kept(mut self, rules: &CallRules) -> Self {
        if rules.transcripts != Transcripts::WithConsent || !self.consent.is_given() {
            self.content = Content::default();
        }
        self.content = self.content.capped();
        self.limited()
    }

    /// What two webhooks, or any number of them before, tell of one call. Commutative, associative,
    /// and twice the same is the same: in each field the greater wins, or the smaller.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.heard.extend(other.heard);
        let number = |it: &Option<Phone>| it.as_ref().map(|it| it.expose().to_owned());
        Self {
            id: self.id.min(other.id),
            heard: self.heard,
            noted_at: self.noted_at.min(other.noted_at),
            web: self.web || other.web,
            direction: self.direction.max(other.direction),
            agent_id: self.agent_id.max(other.agent_id),
            caller: greater(self.caller, other.caller, number),
            business_number: self.business_number.max(other.business_number),
            started_at: earlier(self.started_at, other.started_at),
            ended_at: self.ended_at.max(other.ended_at),
            duration_ms: self.duration_ms.max(other.duration_ms),
            status: self.status.max(other.status),
            disconnection_reason: self.disconnection_reason.max(other.disconnection_reason),
            language: self.language.max(other.language),
            sentiment: self.sentiment.max(other.sentiment),
            successful: self.successful.max(other.successful),
            voicemail: self.voicemail.max(other.voicemail),
            storage: self.storage.max(other.storage),
            consent: self.consent.join(other.consent),
            content: self.content.join(other.content),
        }
        .limited()
    }

    /// Without what the platform does not keep, or the caller has forbidden.
    fn limited(mut self) -> Self {
        if self.storage != Storage::Everything {
            self.caller = None;
        }
        if self.storage != Storage::Everything || self.consent.is_withdrawn() {
            self.content = Content::default();
        }
        self
    }
}

fn earlier(one: Option<Instant>, two: Option<Instant>) -> Option<Instant> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}
