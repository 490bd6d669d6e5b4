//! One file per operation: extract, one use case, present.

pub(crate) mod availability;
pub(crate) mod bookings;
pub(crate) mod calls;
pub(crate) mod campaigns;
pub(crate) mod consent;
pub(crate) mod health;
pub(crate) mod ops;
pub(crate) mod problems;
pub(crate) mod unsubscribe;
