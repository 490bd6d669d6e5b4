//! Chance that comes out the same every run: whoever has the seed can repeat what happened.

/// A well-spread number for another one (the end of splitmix64).
pub(crate) const fn spread(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// splitmix64: the distance between two numbers of a sequence.
pub(crate) const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Dice that fall as the seed says.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Another seed falls differently.
    pub const fn new(seed: u64) -> Self {
        Self(spread(seed.wrapping_add(STEP)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        spread(self.0)
    }

    /// From 0 up to, but not including, `n`.
    ///
    /// # Panics
    /// When `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// From 0 up to, but not including, 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_and_every_side_comes_up() {
        let throw = |seed| {
            let mut dice = Dice::new(seed);
            (0..1_000).map(|_| dice.below(6)).collect::<Vec<_>>()
        };
        assert_eq!(throw(1), throw(1));
        assert_ne!(throw(1), throw(2));
        for side in 0..6 {
            let times = throw(1).iter().filter(|it| **it == side).count();
            assert!((100..240).contains(&times), "{side}: {times}");
        }
        let mut dice = Dice::new(1);
        assert!((0..1_000).all(|_| (0.0..1.0).contains(&dice.share())));
    }
}
