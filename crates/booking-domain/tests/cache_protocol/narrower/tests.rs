//! What must hold, and what must not.

use super::properties::{CLEAN, FRESH, SEEN};
use super::{NarrowStamp, Narrower};
use crate::run::{fails, holds};

/// Red when nothing is cut (S9), or what is cut is filed under the wide entry's stamp.
#[test]
fn a_day_cut_from_two_is_fresh() {
    let before = Narrower {
        narrow_stamp: NarrowStamp::Before,
    };
    holds("narrower", before, SEEN);
}

#[test]
fn a_stamp_read_after_the_wide_entry_was_compared_is_rejected() {
    let after = Narrower {
        narrow_stamp: NarrowStamp::After,
    };
    fails("narrower, stamp afterwards", after, FRESH);
    fails("narrower, stamp afterwards", after, CLEAN);
}
