//! News pushed to us.

pub(crate) mod calcom;
