//! Who may be written to: consent to campaigns, and the wish to hear no more.

use crate::time::Instant;

/// What a customer has said about being written to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Consent {
    /// Since when they agree to campaigns.
    pub marketing_since: Option<Instant>,
    /// When they said that they want neither campaigns nor reminders.
    pub opted_out_at: Option<Instant>,
}

/// What somebody says about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConsentChange {
    /// The customer agrees to campaigns; who had wanted no more is written to again.
    Given,
    /// The customer agrees no longer. Reminders go on.
    Withdrawn,
    /// The customer wants neither campaigns nor reminders.
    OptedOut,
}

impl ConsentChange {
    /// The word in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Given => "consent_given",
            Self::Withdrawn => "consent_withdrawn",
            Self::OptedOut => "opted_out",
        }
    }
}

impl Consent {
    /// What holds after somebody has said this; `None` if it held before.
    pub fn after(self, change: ConsentChange, now: Instant) -> Option<Self> {
        let changed = match change {
            ConsentChange::Given => Self {
                marketing_since: self.marketing_since.or(Some(now)),
                opted_out_at: None,
            },
            ConsentChange::Withdrawn => Self {
                marketing_since: None,
                ..self
            },
            ConsentChange::OptedOut => Self {
                marketing_since: None,
                opted_out_at: self.opted_out_at.or(Some(now)),
            },
        };
        (changed != self).then_some(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    /// Red when somebody who opted out keeps a consent, or when an opt-out survives a new consent.
    #[test]
    fn what_was_said_last_holds() {
        let at = |n| Instant::from_unix_seconds(n).expect("a moment");
        let (then, now) = (at(1), at(1) + Span::HOUR);
        let consent = |marketing_since, opted_out_at| Consent {
            marketing_since,
            opted_out_at,
        };
        let nothing = consent(None, None);
        let agreed = consent(Some(then), None);
        let out = consent(None, Some(then));
        for (before, said, after) in [
            (
                nothing,
                ConsentChange::Given,
                Some(consent(Some(now), None)),
            ),
            (nothing, ConsentChange::Withdrawn, None),
            (
                nothing,
                ConsentChange::OptedOut,
                Some(consent(None, Some(now))),
            ),
            (agreed, ConsentChange::Given, None),
            (agreed, ConsentChange::Withdrawn, Some(nothing)),
            (
                agreed,
                ConsentChange::OptedOut,
                Some(consent(None, Some(now))),
            ),
            (out, ConsentChange::Given, Some(consent(Some(now), None))),
            (out, ConsentChange::Withdrawn, None),
            (out, ConsentChange::OptedOut, None),
        ] {
            assert_eq!(before.after(said, now), after, "{before:?} {said:?}");
        }
    }
}
