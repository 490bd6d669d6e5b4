//! The availability cache protocol as three models that are searched completely.
//!
//! * [`layers`]: one slot, booked and cancelled again, while readers go through both layers and the
//!   shared cache, Cal.com's list and the writer misbehave.
//! * [`instance`]: the copy in one process, the mirror of the versions that guards it, and the sum
//!   over the days, while bookings on two days commit in any order.
//! * [`narrower`]: a question about one day that an entry of two days answers.
//!
//! What is recommended must hold; every rejected variant must show its counterexample, or the
//! models prove nothing. `docs/cache-protocol.md` tells the rules and how to run this.

mod instance;
mod layers;
mod narrower;
mod run;
