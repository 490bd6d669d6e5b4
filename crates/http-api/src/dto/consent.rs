//! What a customer said about being written to.

use booking_domain::messages::{Consent, ConsentChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::{FieldErrors, Problem};

const MAX_SOURCE: usize = 64;

/// What a customer said, and from where that is known.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ConsentChange)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentBody {
    /// Whether they agree to campaigns. `true` also takes an earlier opt-out back.
    marketing: bool,
    /// From where that is known, in plain words without personal data: it goes into the audit log.
    #[schema(
        max_length = 64,
        pattern = "^[A-Za-z0-9 _./:-]+$",
        example = "web form"
    )]
    source: String,
}

impl ConsentBody {
    /// What was said, and its source.
    pub(crate) fn read(self) -> Result<(ConsentChange, String), Problem> {
        let source = self.source.trim();
        let plain = |it: u8| it.is_ascii_alphanumeric() || b" _./:-".contains(&it);
        if source.is_empty() || source.len() > MAX_SOURCE || !source.bytes().all(plain) {
            let mut wrong = FieldErrors::default();
            wrong.add(
                "source",
                format!("is 1 to {MAX_SOURCE} letters, digits, blanks or _ . / : -"),
            );
            return Err(wrong.into_problem());
        }
        let change = match self.marketing {
            true => ConsentChange::Given,
            false => ConsentChange::Withdrawn,
        };
        Ok((change, source.to_owned()))
    }
}

/// What holds for a customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
pub(crate) struct ConsentJson {
    /// Whether they get campaigns.
    marketing: bool,
    /// Since when they agree; null if they do not.
    #[schema(format = DateTime)]
    marketing_since: Option<String>,
    /// When they said that they want neither campaigns nor reminders; null if they did not.
    #[schema(format = DateTime)]
    opted_out_at: Option<String>,
}

impl From<Consent> for ConsentJson {
    fn from(consent: Consent) -> Self {
        Self {
            marketing: consent.marketing_since.is_some(),
            marketing_since: consent.marketing_since.map(|at| at.to_string()),
            opted_out_at: consent.opted_out_at.map(|at| at.to_string()),
        }
    }
}
