//! Ids that look like Cal.com's, the same for the same seed.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The alphabet of Cal.com's short uuids: no `0`, `O`, `I`, `l`.
const ALPHABET: &[u8; 58] = b"123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";

#[derive(Debug)]
pub(crate) struct Ids {
    bookings: StdRng,
    /// Kept apart, so that a booking's uid only depends on how many were made before it.
    others: StdRng,
    next_booking: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            bookings: StdRng::seed_from_u64(seed),
            others: StdRng::seed_from_u64(!seed),
            next_booking: 910_001,
        }
    }

    pub(crate) fn booking_id(&mut self) -> u64 {
        let id = self.next_booking;
        self.next_booking += 1;
        id
    }

    /// A booking uid: 22 characters.
    pub(crate) fn booking_uid(&mut self) -> String {
        (0..22)
            .map(|_| char::from(ALPHABET[self.bookings.random_range(0..ALPHABET.len())]))
            .collect()
    }

    /// A reservation, seat or webhook id.
    pub(crate) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.others.random())
            .into_uuid()
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut two, mut other) = (Ids::new(7), Ids::new(7), Ids::new(8));
        two.uuid();
        let uid = one.booking_uid();
        assert_eq!(uid.len(), 22);
        assert_eq!(uid, two.booking_uid());
        assert_ne!(uid, other.booking_uid());
        assert_eq!(one.uuid().len(), 36);
        assert_eq!(one.booking_id() + 1, one.booking_id());
    }
}
