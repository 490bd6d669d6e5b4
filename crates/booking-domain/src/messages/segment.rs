//! Campaigns: what is said, and to whom.

use serde::{Deserialize, Serialize};

use crate::appointment::StateName;
use crate::ids::ServiceId;
use crate::time::Instant;

/// What a campaign says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CampaignText {
    /// Names it for the company; one of a name.
    pub name: String,
    /// In one line.
    pub subject: String,
    /// In plain words; blank lines part paragraphs.
    pub text: String,
    /// The language it is written in, `de` or `en`; `None`: the company's.
    pub locale: Option<String>,
}

impl CampaignText {
    /// Longest name, in characters.
    pub const NAME: usize = 100;
    /// Longest subject, in characters.
    pub const SUBJECT: usize = 200;
    /// Longest text, in characters.
    pub const TEXT: usize = 10_000;

    /// Everything that is wrong with it: the field, and how to mend it.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        for (field, value, most) in [
            ("name", &self.name, Self::NAME),
            ("subject", &self.subject, Self::SUBJECT),
        ] {
            if !fits(value, most) || value.chars().any(char::is_control) {
                problems.push((field, format!("is one line of 1 to {most} characters")));
            }
        }
        let is_odd = |it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
        if !fits(&self.text, Self::TEXT) || self.text.chars().any(is_odd) {
            let most = Self::TEXT;
            problems.push(("text", format!("is plain text of 1 to {most} characters")));
        }
        for (field, value) in [("subject", &self.subject), ("text", &self.text)] {
            if let Some(from) = value.find("{{")
                && value[from..].contains("}}")
            {
                problems.push((field, NO_PLACEHOLDERS.to_owned()));
            }
        }
        if let Some(locale) = &self.locale
            && !["de", "en"].contains(&locale.as_str())
        {
            problems.push(("locale", "is de or en".to_owned()));
        }
        problems
    }
}

const NO_PLACEHOLDERS: &str =
    "has {{…}}: there are no placeholders, everybody reads the same words";

fn fits(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

/// Which of those who agreed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Segment {
    /// Who has had, or will have, an appointment of this service; only those count as visits then.
    pub service: Option<ServiceId>,
    /// Whose last visit was over before this. Who never came is not meant.
    pub last_visit_before: Option<Instant>,
    /// Whose last visit was over then or later.
    pub last_visit_after: Option<Instant>,
    /// Who has no appointment before them, of whatever service.
    #[serde(default)]
    pub without_future_appointment: bool,
}

/// An appointment of a customer, as far as segments are concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Of what.
    pub service: ServiceId,
    /// When it is over.
    pub ends_at: Instant,
    /// How it stands.
    pub state: StateName,
}

impl Visit {
    /// Whether it took or takes place, as far as is known.
    const fn stands(&self) -> bool {
        match self.state {
            StateName::Scheduled
            | StateName::Confirmed
            | StateName::Rescheduling
            | StateName::Completed => true,
            StateName::Pending
            | StateName::Cancelling
            | StateName::Cancelled
            | StateName::NoShow => false,
        }
    }

    fn lies_ahead(&self, now: Instant) -> bool {
        self.ends_at > now && (self.stands() || self.state == StateName::Pending)
    }
}

impl Segment {
    /// Whether a customer with these appointments belongs to it. The stores ask the database the
    /// same question.
    pub fn takes(&self, visits: &[Visit], now: Instant) -> bool {
        let meant =
            |it: &&Visit| it.stands() && self.service.is_none_or(|service| service == it.service);
        let had = visits.iter().filter(meant);
        let last = had
            .clone()
            .map(|it| it.ends_at)
            .filter(|at| *at <= now)
            .max();
        (self.service.is_none() || had.count() > 0)
            && self
                .last_visit_before
                .is_none_or(|before| last.is_some_and(|last| last < before))
            && self
                .last_visit_after
                .is_none_or(|after| last.is_some_and(|last| last >= after))
            && !(self.without_future_appointment && visits.iter().any(|it| it.lies_ahead(now)))
    }

    /// Whether nobody can belong to it.
    pub fn is_void(&self) -> bool {
        self.last_visit_before
            .zip(self.last_visit_after)
            .is_some_and(|(before, after)| before <= after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    /// Red when a placeholder would be sent as it stands, or a brace is taken for one.
    #[test]
    fn there_are_no_placeholders() {
        let fields = |subject: &str, text: &str| {
            let text = CampaignText {
                name: "x".to_owned(),
                subject: subject.to_owned(),
                text: text.to_owned(),
                locale: None,
            };
            let problems = text.problems().into_iter();
            problems.map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(fields("Für {{ name }}", "a"), ["subject"]);
        assert_eq!(fields("a", "Hallo\n{{name}}, wie geht's?"), ["text"]);
        assert!(fields("{a} }} {{", "if {{ then").is_empty());
    }

    const CUT: ServiceId = ServiceId::new(1);
    const WASH: ServiceId = ServiceId::new(2);

    fn now() -> Instant {
        "2025-10-10T08:00:00Z".parse().expect("a moment")
    }

    fn visit(service: ServiceId, days: i64, state: StateName) -> Visit {
        Visit {
            service,
            ends_at: now() + Span::days(days),
            state,
        }
    }

    /// Red when who did not come counts, when another service counts, or a bound is taken at its
    /// wrong end.
    #[test]
    fn segments_are_by_visits() {
        use StateName::{Cancelled, Completed, Confirmed, NoShow, Pending};
        let days = |n| Some(now() + Span::days(n));
        let all = Segment::default();
        let cut = Segment {
            service: Some(CUT),
            ..Segment::default()
        };
        let long_ago = Segment {
            last_visit_before: days(-30),
            ..Segment::default()
        };
        let lately = Segment {
            last_visit_after: days(-30),
            ..Segment::default()
        };
        let free = Segment {
            without_future_appointment: true,
            ..Segment::default()
        };
        let old_cut = Segment {
            last_visit_before: days(-30),
            ..cut.clone()
        };
        let cut_at = |day, state| visit(CUT, day, state);
        for (segment, visits, taken) in [
            (&all, vec![], true),
            (&cut, vec![], false),
            (&cut, vec![cut_at(-1, Completed)], true),
            (&cut, vec![cut_at(1, Confirmed)], true),
            (&cut, vec![visit(WASH, -1, Completed)], false),
            (&cut, vec![cut_at(-1, Cancelled), cut_at(-1, NoShow)], false),
            (&long_ago, vec![], false),
            (&long_ago, vec![cut_at(-31, Completed)], true),
            (&long_ago, vec![cut_at(-30, Completed)], false),
            (
                &long_ago,
                vec![cut_at(-31, Completed), visit(WASH, -2, Completed)],
                false,
            ),
            (
                &long_ago,
                vec![cut_at(-31, Completed), cut_at(2, Confirmed)],
                true,
            ),
            (&lately, vec![cut_at(-30, Completed)], true),
            (&lately, vec![cut_at(-31, Completed)], false),
            (&lately, vec![cut_at(0, Confirmed)], true),
            (&lately, vec![cut_at(1, Confirmed)], false),
            (&free, vec![], true),
            (&free, vec![cut_at(1, Pending)], false),
            (&free, vec![visit(WASH, 1, Confirmed)], false),
            (
                &free,
                vec![cut_at(1, Cancelled), cut_at(-1, Completed)],
                true,
            ),
            (
                &old_cut,
                vec![cut_at(-31, Completed), visit(WASH, -2, Completed)],
                true,
            ),
        ] {
            assert_eq!(
                segment.takes(&visits, now()),
                taken,
                "{segment:?} {visits:?}"
            );
        }
    }

    #[test]
    fn a_segment_that_nobody_can_belong_to_is_void() {
        let between = |after, before| Segment {
            last_visit_after: Some(now() + Span::days(after)),
            last_visit_before: Some(now() + Span::days(before)),
            ..Segment::default()
        };
        assert!(!Segment::default().is_void() && !between(-30, -29).is_void());
        assert!(between(-30, -30).is_void() && between(-29, -30).is_void());
    }

    #[test]
    fn texts_are_checked_field_by_field() {
        let good = CampaignText {
            name: "herbst-2025".to_owned(),
            subject: "Wieder da".to_owned(),
            text: "Guten Tag,\n\nwir haben wieder offen.".to_owned(),
            locale: Some("de".to_owned()),
        };
        assert_eq!(good.problems(), vec![]);
        let bad = CampaignText {
            name: " ".to_owned(),
            subject: "Zwei\nZeilen".to_owned(),
            text: "x".repeat(10_001),
            locale: Some("fr".to_owned()),
        };
        let fields: Vec<_> = bad.problems().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "subject", "text", "locale"]);
    }
}
