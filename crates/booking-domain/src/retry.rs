//! How long to wait before the next try: a pure function of the attempt.

use crate::time::Span;

/// A ladder of delays; the last step repeats.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ladder(Vec<Span>);

impl Ladder {
    /// The delays in order; `None` when there is none.
    pub fn new(steps: Vec<Span>) -> Option<Self> {
        (!steps.is_empty()).then_some(Self(steps))
    }

    /// The delay after `failed` tries (1 for the first).
    pub fn delay_after(&self, failed: u32) -> Span {
        let at = (failed.max(1) as usize - 1).min(self.0.len() - 1);
        self.0[at]
    }
}

impl Default for Ladder {
    /// 1, 5, 30, 120, 600 seconds.
    fn default() -> Self {
        Self([1, 5, 30, 120, 600].map(Span::seconds).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_repeats() {
        let seconds: Vec<_> = (0..8)
            .map(|n| Ladder::default().delay_after(n).as_seconds())
            .collect();
        assert_eq!(seconds, [1, 1, 5, 30, 120, 600, 600, 600]);
        assert_eq!(Ladder::new(vec![]), None);
    }
}
