//! Which customer a contact is, by how much it tells: a number is somebody's own, an address only
//! where the company's records say it.

use super::{Meant, who_is_meant};
use crate::contact::{Contact, PersonName, Phone};
use crate::origin::SyncOrigin;

/// How much a contact tells of who somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// Told by Cal.com, by staff or by the company's software: an address leads to its owner.
    Records,
    /// Said on a telephone, where anybody may say any address: only the number counts.
    Telephone,
}

impl Evidence {
    /// What a contact tells that came this way.
    pub const fn of(origin: SyncOrigin) -> Self {
        match origin {
            SyncOrigin::Retell => Self::Telephone,
            SyncOrigin::Calcom | SyncOrigin::Admin | SyncOrigin::Api | SyncOrigin::System => {
                Self::Records
            }
        }
    }
}

/// Somebody who has the number or the address of a contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acquaintance {
    /// What they are called.
    pub name: PersonName,
    /// Their number.
    pub phone: Option<Phone>,
}

/// Which of `known`, who have the number or the address of `contact`, it is, and what to call them
/// from now on. A number is somebody's own: who has another one is somebody else, whatever the
/// address says.
pub fn whose_contact<'a>(
    known: &'a [Acquaintance],
    contact: &'a Contact,
    evidence: Evidence,
) -> Option<(usize, &'a PersonName)> {
    let is_told = contact.phone.is_some();
    let closeness = |it: &Acquaintance| match (&it.phone, evidence) {
        (Some(_), _) if it.phone == contact.phone => Some(0),
        (None, Evidence::Records) => Some(1),
        (None, Evidence::Telephone) if !is_told => Some(1),
        (Some(_), Evidence::Records) if !is_told => Some(2),
        _ => None,
    };
    (0..=2).find_map(|rank| {
        let near = known.iter().enumerate();
        let near: Vec<_> = near.filter(|it| closeness(it.1) == Some(rank)).collect();
        match who_is_meant(near.iter().map(|it| &it.1.name), &contact.name) {
            Meant::Known { at, fuller: true } => Some((near[at].0, &contact.name)),
            Meant::Known { at, fuller: false } => Some((near[at].0, &near[at].1.name)),
            Meant::Stranger => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PersonName {
        PersonName::parse(text).expect("a name")
    }

    const MINE: &str = "+491711111111";
    const OTHER: &str = "+491722222222";

    /// Red when somebody is found by what anybody can say on a telephone, or when a new number does
    /// not make the owner of an address somebody else.
    #[test]
    fn a_number_is_somebodys_own() {
        use Evidence::{Records, Telephone};
        let phone = |text: Option<&str>| text.map(|it| Phone::parse(it).expect("a number"));
        // Who has the address, by number, and whether they are found for this contact.
        for (known, said, evidence, found) in [
            (Some(MINE), Some(MINE), Telephone, true),
            (Some(OTHER), Some(MINE), Telephone, false),
            (None, Some(MINE), Telephone, false),
            (Some(MINE), None, Telephone, false),
            (None, None, Telephone, true),
            (Some(MINE), Some(MINE), Records, true),
            (Some(OTHER), Some(MINE), Records, false),
            (None, Some(MINE), Records, true),
            (Some(MINE), None, Records, true),
            (None, None, Records, true),
        ] {
            let known = [Acquaintance {
                name: name("Anna Berg"),
                phone: phone(known),
            }];
            let contact = Contact {
                name: name("Anna"),
                email: None,
                phone: phone(said),
                locale: None,
            };
            let meant = whose_contact(&known, &contact, evidence);
            let expected = found.then_some((0, &known[0].name));
            assert_eq!(meant, expected, "{known:?} {said:?} {evidence:?}");
        }
    }

    /// Red when the order of the list decides, and not how near somebody is.
    #[test]
    fn the_number_decides_before_the_address() {
        let of = |called: &str, number: Option<&str>| Acquaintance {
            name: name(called),
            phone: number.map(|it| Phone::parse(it).expect("a number")),
        };
        let contact = |number: Option<&str>| Contact {
            name: name("Anna Berg"),
            email: None,
            phone: number.map(|it| Phone::parse(it).expect("a number")),
            locale: None,
        };
        let known = [
            of("Anna Berg", Some(OTHER)),
            of("Anna Berg", None),
            of("Anna", Some(MINE)),
        ];
        for (said, at) in [(Some(MINE), 2), (None, 1), (Some("+491733333333"), 1)] {
            let contact = contact(said);
            let meant = whose_contact(&known, &contact, Evidence::Records);
            assert_eq!(meant.map(|it| it.0), Some(at), "{said:?}");
        }
    }
}
