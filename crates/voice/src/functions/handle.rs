//! Handles of offered slots: `o1_…`. The agent passes a handle, never a time, so it cannot invent
//! one.
//!
//! A handle carries the slot and says who may use it until when: it is signed together with the
//! company and the call, and refused from another call, after ten minutes, or with any change.

use booking_domain::ids::{CompanyId, ServiceId, StaffId};
use booking_domain::time::{Instant, Span};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How long a handle may be used.
pub(crate) const LIFETIME: Span = Span::minutes(10);
/// Bytes of the signature that are kept. Sixty-four bits suffice for something that is checked
/// here only, works in one call and is gone in minutes, and short handles are copied faithfully.
const TAG: usize = 8;

/// The slot behind a handle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Offered {
    pub service: ServiceId,
    pub staff: Option<StaffId>,
    pub start: Instant,
    /// An appointment of the caller's, not a free slot.
    pub is_own: bool,
}

/// Signs and reads the handles of one call.
#[derive(Clone, Copy)]
pub(crate) struct Handles<'a> {
    pub key: &'a [u8; 32],
    pub company: CompanyId,
    /// The call, or what stands for it.
    pub call: &'a str,
}

/// Not a handle of this call, or no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Refused;

impl Handles<'_> {
    /// The handle of the option with this number (from 1).
    pub(crate) fn issue(&self, number: u8, slot: Offered, now: Instant) -> String {
        let mut bytes = Vec::with_capacity(32);
        for value in [
            slot.start.unix_seconds(),
            slot.service.get(),
            slot.staff.map_or(0, StaffId::get),
            slot.is_own.into(),
            (now + LIFETIME).unix_seconds(),
        ] {
            push(&mut bytes, value.unsigned_abs());
        }
        let tag = self.tag(number, &bytes);
        bytes.extend(tag);
        format!("o{number}_{}", hex::encode(bytes))
    }

    /// The slot behind a handle.
    pub(crate) fn read(&self, handle: &str, now: Instant) -> Result<Offered, Refused> {
        let (number, text) = handle
            .trim()
            .strip_prefix('o')
            .and_then(|rest| rest.split_once('_'))
            .ok_or(Refused)?;
        let number: u8 = number.parse().map_err(|_| Refused)?;
        let bytes = hex::decode(text).map_err(|_| Refused)?;
        let length = bytes.len().checked_sub(TAG).ok_or(Refused)?;
        let (mut payload, tag) = bytes.split_at(length);
        let expected = self.tag(number, payload);
        if expected.is_empty() || !bool::from(tag.ct_eq(&expected)) {
            return Err(Refused);
        }
        let mut next = || pull(&mut payload).ok_or(Refused);
        let (start, service, staff) = (next()?, next()?, next()?);
        let (own, expires) = (next()?, next()?);
        if now.unix_seconds() > expires {
            return Err(Refused);
        }
        Ok(Offered {
            start: Instant::from_unix_seconds(start).map_err(|_| Refused)?,
            service: ServiceId::new(service),
            staff: (staff != 0).then(|| StaffId::new(staff)),
            is_own: own != 0,
        })
    }

    fn tag(&self, number: u8, payload: &[u8]) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.key) else {
            return Vec::new();
        };
        mac.update(b"booking-voice option 1");
        mac.update(&[number]);
        mac.update(&self.company.get().to_be_bytes());
        mac.update(&(payload.len() as u64).to_be_bytes());
        mac.update(payload);
        mac.update(self.call.as_bytes());
        mac.finalize().into_bytes()[..TAG].to_vec()
    }
}

/// Seven bits a byte, the last without its highest: small numbers stay short.
fn push(bytes: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn pull(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return i64::try_from(value).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn handles<'a>(call: &'a str) -> Handles<'a> {
        Handles {
            key: &KEY,
            company: CompanyId::new(15),
            call,
        }
    }

    fn now() -> Instant {
        "2025-10-10T08:02:30Z".parse().expect("valid")
    }

    fn slot() -> Offered {
        Offered {
            service: ServiceId::new(1),
            staff: None,
            start: "2025-10-13T06:30:00Z".parse().expect("valid"),
            is_own: false,
        }
    }

    #[test]
    fn a_handle_comes_back_in_its_call_for_ten_minutes() {
        let handle = handles("call_a").issue(1, slot(), now());
        assert!(handle.starts_with("o1_") && handle.len() < 48, "{handle}");
        assert_eq!(handles("call_a").read(&handle, now()), Ok(slot()));
        assert_eq!(
            handles("call_a").read(&handle, now() + LIFETIME),
            Ok(slot())
        );
        let late = now() + LIFETIME + Span::seconds(1);
        assert_eq!(handles("call_a").read(&handle, late), Err(Refused));
    }

    /// Turns red when the call, the company or the number is left out of the signature.
    #[test]
    fn a_handle_is_refused_elsewhere() {
        let handle = handles("call_a").issue(1, slot(), now());
        assert_eq!(handles("call_b").read(&handle, now()), Err(Refused));
        let other = Handles {
            company: CompanyId::new(20),
            ..handles("call_a")
        };
        assert_eq!(other.read(&handle, now()), Err(Refused));
        let other_key = Handles {
            key: &[8; 32],
            ..handles("call_a")
        };
        assert_eq!(other_key.read(&handle, now()), Err(Refused));
        let renumbered = handle.replacen("o1_", "o2_", 1);
        assert_eq!(handles("call_a").read(&renumbered, now()), Err(Refused));
        for bad in [
            "",
            "o1",
            "o1_",
            "1",
            "option 1",
            "o1_zzzz",
            "o1_äöü",
            "o999_00",
            &"o1_v".repeat(99),
        ] {
            assert_eq!(handles("call_a").read(bad, now()), Err(Refused), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_slot_round_trips_and_any_edit_is_refused(
            start in 0i64..4_000_000_000, service in 1i64..i64::MAX, staff in 0i64..1_000_000,
            is_own: bool, at in 3usize..40, by in 1u8..15
        ) {
            let slot = Offered {
                service: ServiceId::new(service),
                staff: (staff != 0).then(|| StaffId::new(staff)),
                start: Instant::from_unix_seconds(start).expect("in range"),
                is_own,
            };
            let handle = handles("c").issue(3, slot, now());
            proptest::prop_assert_eq!(handles("c").read(&handle, now()), Ok(slot));
            let mut edited: Vec<_> = handle.bytes().collect();
            if at < edited.len() {
                let digits = b"0123456789abcdef";
                let place = digits.iter().position(|it| *it == edited[at]).unwrap_or(0);
                edited[at] = digits[(place + usize::from(by)) % 16];
                let edited = String::from_utf8(edited).expect("ASCII");
                if edited != handle {
                    proptest::prop_assert_eq!(handles("c").read(&edited, now()), Err(Refused));
                }
            }
        }
    }
}
