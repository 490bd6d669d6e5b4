//! Which free slots lie nearest to a wish.

use crate::time::{Instant, Span, TimeRange};

/// A free slot and how far it lies from the wish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alternative {
    /// The slot.
    pub slot: TimeRange,
    /// Between the two beginnings, earlier or later.
    pub distance: Span,
}

/// The `limit` free slots nearest to `wish`, nearest first, the earlier of two equally near; the
/// wish itself is no alternative, and no slot comes twice.
pub fn nearest(wish: Instant, free: &[TimeRange], limit: usize) -> Vec<Alternative> {
    let mut ranked: Vec<_> = free
        .iter()
        .filter(|slot| slot.start() != wish)
        .map(|slot| Alternative {
            slot: *slot,
            distance: slot.start().since(wish).abs(),
        })
        .collect();
    ranked.sort_unstable_by_key(|it| (it.distance, it.slot));
    ranked.dedup_by_key(|it| it.slot.start());
    ranked.truncate(limit);
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slot(minute: i64) -> TimeRange {
        TimeRange::lasting(
            Instant::from_unix_seconds(minute * 60).expect("in range"),
            30,
        )
    }

    #[test]
    fn the_earlier_of_two_equally_near_comes_first() {
        let free = [slot(0), slot(60), slot(120), slot(180)];
        let found: Vec<_> = nearest(slot(60).start(), &free, 2)
            .into_iter()
            .map(|it| it.slot)
            .collect();
        assert_eq!(found, [slot(0), slot(120)]);
    }

    proptest! {
        #[test]
        fn nothing_left_out_is_nearer(minutes in proptest::collection::vec(0i64..500, 0..40), wish in 0i64..500, limit in 0usize..6) {
            let free: Vec<_> = minutes.iter().copied().map(slot).collect();
            let wish = slot(wish).start();
            let found = nearest(wish, &free, limit);
            let furthest = found.iter().map(|it| it.distance).max();
            for other in free.iter().filter(|it| it.start() != wish) {
                let listed = found.iter().any(|it| it.slot == *other);
                let far = furthest.is_none_or(|limit| other.start().since(wish).abs() >= limit);
                prop_assert!(listed || (found.len() == limit && far));
            }
            prop_assert!(found.windows(2).all(|pair| pair[0].distance <= pair[1].distance));
        }
    }
}
