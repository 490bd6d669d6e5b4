//! What must hold, and what must not.

use super::properties::{CLEAN, FRESH, SEEN};
use super::{Narrower, ReadStamp};
use crate::run::{fails, holds};

const AS_BUILT: Narrower = Narrower {
    narrow_stamp: ReadStamp::Before,
    wide_stamp: ReadStamp::Before,
};

/// Red when nothing is cut (S9, S11), or what is cut is filed under the wide entry's stamp.
#[test]
fn a_day_cut_from_two_is_fresh() {
    holds("narrower", AS_BUILT, SEEN);
}

#[test]
fn a_stamp_read_after_the_wide_entry_was_compared_is_rejected() {
    let after = Narrower {
        narrow_stamp: ReadStamp::After,
        ..AS_BUILT
    };
    fails("narrower, stamp afterwards", after, FRESH);
    fails("narrower, stamp afterwards", after, CLEAN);
}

#[test]
fn a_stamp_of_both_days_read_after_they_were_fetched_is_rejected() {
    let after = Narrower {
        wide_stamp: ReadStamp::After,
        ..AS_BUILT
    };
    fails("narrower, wide stamp afterwards", after, FRESH);
    fails("narrower, wide stamp afterwards", after, CLEAN);
}
