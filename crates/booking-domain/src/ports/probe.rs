//! Named places on the way of a wish, so that a test can end the process at one of them.

/// Hears that a place of [`PLACES`] was reached.
pub trait Probe: Send + Sync {
    /// Called between two steps of which the first is over; may not return.
    fn reached(&self, at: &'static str);
}

/// Hears nothing: what production uses.
pub struct NoProbe;

impl Probe for NoProbe {
    fn reached(&self, _at: &'static str) {}
}

/// The places, in the order in which a wish comes by.
pub const PLACES: [&str; 7] = [
    "after_hold",
    "before_call",
    "after_call",
    "before_look_up",
    "after_look_up",
    "before_settle",
    "after_settle",
];
