//! Typed ids. Nothing here makes one: new ids come in through the [`IdSource`](crate::ports::IdSource) port.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a {kind}")]
pub struct IdError {
    /// What was wanted.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
}

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number.
            pub const fn new(id: i64) -> Self {
                Self(id)
            }
            /// The number.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            /// Accepts a positive whole number without a sign.
            fn from_str(text: &str) -> Result<Self, IdError> {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse().ok().filter(|id| digits && *id > 0).map(Self)
                    .ok_or_else(|| IdError { kind: $kind, text: text.to_owned() })
            }
        }
    )+};
}

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident, $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps the UUID.
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }
            /// The UUID.
            pub const fn get(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self)
                    .map_err(|_| IdError { kind: $kind, text: text.to_owned() })
            }
        }
    )+};
}

number_id! {
    /// A company: the tenant.
    CompanyId, "company id";
    /// One of a company's places.
    BranchId, "branch id";
    /// What can be booked.
    ServiceId, "service id";
    /// Who performs it.
    StaffId, "staff id";
    /// Who it is for.
    CustomerId, "customer id";
    /// Cal.com's number for what can be booked.
    EventTypeId, "Cal.com event type id";
    /// Cal.com's number for a host.
    HostId, "Cal.com user id";
    /// The event types that share a host, directly or through others.
    GroupId, "availability group id";
}

uuid_id! {
    /// An appointment (UUIDv7).
    AppointmentId, "appointment id";
    /// One run of a saga.
    SagaId, "saga id";
    /// A question to a person.
    ReviewId, "review id";
    /// A piece of work that waits for its time.
    JobId, "job id";
    /// What a company tells many of its customers.
    CampaignId, "campaign id";
    /// The cache epoch: changes when the version numbers of the past may be wrong.
    EpochId, "cache epoch";
}

/// Cal.com's public identifier of a booking.
///
/// Whoever holds it can read, move and cancel the booking, so it never appears in a log:
/// `Debug` prints the first four characters only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BookingUid(String);

impl BookingUid {
    /// Longest uid accepted, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Wraps the text; `None` when it is empty, longer than [`Self::MAX_BYTES`] or not plain
    /// letters, digits, `-` and `_` (it becomes part of a path).
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (!text.is_empty() && text.len() <= Self::MAX_BYTES && text.bytes().all(plain))
            .then(|| Self(text.to_owned()))
    }

    /// The whole text: a secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for BookingUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BookingUid({}…)", self.0.get(..4).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_positive_and_plain() {
        assert_eq!("15".parse(), Ok(CompanyId::new(15)));
        for bad in ["", "0", "-1", "+1", "1.0", " 1", "99999999999999999999"] {
            assert!(bad.parse::<CompanyId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_uid_is_masked_and_fit_for_a_path() {
        let uid = BookingUid::parse("qT7xW2mLr9KdVb4nHsYc3P").expect("plain");
        assert_eq!(format!("{uid:?}"), "BookingUid(qT7x…)");
        assert!(BookingUid::parse("../me").is_none() && BookingUid::parse("").is_none());
    }
}
