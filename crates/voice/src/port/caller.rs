//! Who is on the line: the number the network shows, and nothing that was said.

use booking_domain::contact::Phone;
use booking_domain::time::ZoneName;
use phonenumber::country::Id;

use super::CallFacts;

/// Who is calling.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Caller {
    /// Somebody with this number.
    Known(Phone),
    /// A suppressed or unreadable number, a web call, or no call at all.
    Anonymous,
}

impl Caller {
    /// From the call; `country` (such as `49`) completes national numbers.
    pub(crate) fn of(call: Option<&CallFacts>, country: Option<&str>) -> Self {
        let Some(call) = call.filter(|it| !it.web) else {
            return Self::Anonymous;
        };
        let shown = if call.outbound {
            &call.to_number
        } else {
            &call.from_number
        };
        shown
            .as_deref()
            .and_then(|text| phone(text, country))
            .filter(|it| !WITHHELD.contains(&it.expose()))
            .map_or(Self::Anonymous, Self::Known)
    }

    /// The number, where there is one.
    pub(crate) fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Known(phone) => Some(phone),
            Self::Anonymous => None,
        }
    }
}

/// What carriers show for a number that is withheld: the words `anonymous`, `restricted`,
/// `blocked`, `unknown` and `unavailable` on the keys of a telephone.
const WITHHELD: [&str; 5] = [
    "+266696687",
    "+7378742833",
    "+2562533",
    "+8656696",
    "+86282452253",
];

/// The company's own number in this call.
pub(crate) fn business_number(call: &CallFacts) -> Option<&str> {
    if call.outbound {
        call.from_number.as_deref()
    } else {
        call.to_number.as_deref()
    }
}

/// A number as networks and people write it: `+49…`, `0049…`, `0171…`, `sip:+49…@host`.
pub(crate) fn phone(text: &str, country: Option<&str>) -> Option<Phone> {
    let text = text.trim();
    let bare = ["sips:", "sip:", "tel:"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .unwrap_or(text);
    let user = bare.split(['@', ';']).next().unwrap_or(bare);
    match country {
        Some(country) => Phone::parse_national(user, country).ok(),
        None => Phone::parse(user).ok(),
    }
}

/// The country of a zone: its code, and its name in the rules of telephone numbers.
const COUNTRIES: [(&str, &str, Id); 18] = [
    ("Europe/Berlin", "49", Id::DE),
    ("Europe/Busingen", "49", Id::DE),
    ("Europe/Vienna", "43", Id::AT),
    ("Europe/Zurich", "41", Id::CH),
    ("Europe/London", "44", Id::GB),
    ("Europe/Amsterdam", "31", Id::NL),
    ("Europe/Brussels", "32", Id::BE),
    ("Europe/Paris", "33", Id::FR),
    ("Europe/Luxembourg", "352", Id::LU),
    ("Europe/Dublin", "353", Id::IE),
    ("Europe/Copenhagen", "45", Id::DK),
    ("Europe/Warsaw", "48", Id::PL),
    ("Europe/Prague", "420", Id::CZ),
    ("Europe/Madrid", "34", Id::ES),
    ("America/New_York", "1", Id::US),
    ("America/Chicago", "1", Id::US),
    ("America/Denver", "1", Id::US),
    ("America/Los_Angeles", "1", Id::US),
];

fn country(zone: ZoneName) -> Option<&'static (&'static str, &'static str, Id)> {
    COUNTRIES.iter().find(|(name, ..)| *name == zone.name())
}

/// The country code of national numbers in a zone; `None` where we would only guess.
pub(crate) fn country_of(zone: ZoneName) -> Option<&'static str> {
    country(zone).map(|it| it.1)
}

/// The same country, for numbers that were said.
pub(crate) fn region_of(zone: ZoneName) -> Option<Id> {
    country(zone).map(|it| it.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(outbound: bool, from: &str, to: &str) -> CallFacts {
        CallFacts {
            outbound,
            from_number: Some(from.into()),
            to_number: Some(to.into()),
            ..CallFacts::default()
        }
    }

    fn number(caller: &Caller) -> Option<&str> {
        caller.phone().map(Phone::expose)
    }

    #[test]
    fn inbound_it_is_who_rings_and_outbound_who_is_rung() {
        let inbound = call(false, "+491713920042", "+493023125100");
        assert_eq!(
            number(&Caller::of(Some(&inbound), None)),
            Some("+491713920042")
        );
        assert_eq!(business_number(&inbound), Some("+493023125100"));
        let outbound = call(true, "+493023125100", "+491713920042");
        assert_eq!(
            number(&Caller::of(Some(&outbound), None)),
            Some("+491713920042")
        );
        assert_eq!(business_number(&outbound), Some("+493023125100"));
    }

    #[test]
    fn nobody_is_made_up() {
        for shown in [
            "anonymous",
            "",
            "unknown",
            "sip:anonymous@invalid",
            "12345",
            "Restricted",
        ] {
            let caller = Caller::of(Some(&call(false, shown, "+493023125100")), Some("49"));
            assert_eq!(caller, Caller::Anonymous, "{shown}");
        }
        let mut web = call(false, "+491713920042", "");
        web.web = true;
        assert_eq!(Caller::of(Some(&web), None), Caller::Anonymous);
        assert_eq!(Caller::of(None, None), Caller::Anonymous);
    }

    #[test]
    fn spellings_of_one_number() {
        for text in [
            "+491713920042",
            "00491713920042",
            "0171 392 00 42",
            "sip:+491713920042@host;user=phone",
            "tel:+49-171-3920042",
        ] {
            let phone = phone(text, Some("49"));
            assert_eq!(
                phone.as_ref().map(Phone::expose),
                Some("+491713920042"),
                "{text}"
            );
        }
        assert_eq!(phone("0171 392 00 42", None), None);
    }
}
