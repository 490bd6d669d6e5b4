//! Where a change began.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a change began. A change that began at Cal.com is never sent back to Cal.com.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncOrigin {
    /// Cal.com told us, by webhook or in a reconciliation.
    Calcom,
    /// A voice agent.
    Retell,
    /// A person on the staff pages.
    Admin,
    /// Software with an API key.
    Api,
    /// We ourselves, such as a repair.
    System,
}

impl SyncOrigin {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Calcom,
        Self::Retell,
        Self::Admin,
        Self::Api,
        Self::System,
    ];

    /// Whether Cal.com has yet to hear of a change that began here.
    pub const fn must_reach_calcom(self) -> bool {
        !matches!(self, Self::Calcom)
    }

    /// The word used in the API, the database and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calcom => "calcom",
            Self::Retell => "retell",
            Self::Admin => "admin",
            Self::Api => "api",
            Self::System => "system",
        }
    }

    /// The origin that [`Self::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text)
    }
}

impl fmt::Display for SyncOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_calcoms_own_changes_stay_here() {
        for origin in SyncOrigin::ALL {
            assert_eq!(origin.must_reach_calcom(), origin != SyncOrigin::Calcom);
            assert_eq!(SyncOrigin::parse(origin.as_str()), Some(origin));
        }
    }
}
