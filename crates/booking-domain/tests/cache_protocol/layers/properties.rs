//! What must always be so, and what must happen at all.

use stateright::Property;

use super::state::{Began, Entry, Layer, Lease, ReaderStep, State, WriterStep};
use super::{Leases, Overlay, Protocol, Versions};

pub(super) const NO_STALE_FREE: &str = "I1 no offer after an acknowledged booking";
pub(super) const NO_STALE_BUSY: &str = "I2 an offer after an acknowledged cancellation";
pub(super) const CLEAN: &str = "I3 what would be believed is true when all is quiet";
pub(super) const ONE_LEASE: &str = "I4 one may fill a layer";
pub(super) const NO_HELD: &str = "I5 no offer of what is held";

pub(super) const HIT: &str = "S1 a hit after the booking";
pub(super) const REFUSED_FILL: &str = "S2 a late fill is refused";
pub(super) const STALE_REJECTED: &str = "S3 a stale entry is there and not believed";
pub(super) const FILLED_FROM_1: &str = "S4 layer 2 is filled from layer 1";

pub(super) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(NO_STALE_FREE, |_, state| {
            !ended(state, ReaderStep::StaleFree)
        }),
        // What a list that lags says is filed as it is; the entry's short life bounds that.
        Property::always(NO_STALE_BUSY, |model: &Protocol, state| {
            model.is_excused() || !ended(state, ReaderStep::StaleBusy)
        }),
        Property::always(CLEAN, |model, state| {
            model.is_excused() || !is_quiet(state) || is_clean(model, state)
        }),
        Property::always(ONE_LEASE, |model, state| {
            model.leases == Leases::Unused
                || one_may_fill(model, state, Layer::One) && one_may_fill(model, state, Layer::Two)
        }),
        // Before Cal.com knows the booking, only our own record does.
        Property::always(NO_HELD, |model: &Protocol, state| {
            model.overlay == Overlay::Ignored || !ended(state, ReaderStep::OfferedHeld)
        }),
        Property::sometimes(HIT, hit),
        Property::sometimes(REFUSED_FILL, refused_fill),
        Property::sometimes(STALE_REJECTED, stale_rejected),
        Property::sometimes(FILLED_FROM_1, filled_from_1),
    ]
}

impl Protocol {
    fn is_excused(&self) -> bool {
        self.faults.lag && self.lag_is_excused
    }
}

fn ended(state: &State, how: ReaderStep) -> bool {
    state.readers.iter().any(|it| it.step == how)
}

fn is_quiet(state: &State) -> bool {
    let between = matches!(
        state.writer,
        WriterStep::Hold | WriterStep::RequestCancel | WriterStep::Finished
    );
    let idle = !state.readers.iter().any(super::state::Reader::is_active);
    between && idle && state.reachable && !state.to_forget.contains(&true)
}

fn is_clean(model: &Protocol, state: &State) -> bool {
    [Layer::One, Layer::Two].into_iter().all(|layer| {
        let believed = model.believed(state, layer, state.version);
        believed.is_none_or(|free| free != state.calcom)
    })
}

fn one_may_fill(model: &Protocol, state: &State, layer: Layer) -> bool {
    let may = |it: &&super::state::Reader| model.may_fill(state, it, layer);
    state.readers.iter().filter(may).count() <= 1
}

/// Some reader is about to believe layer 2 after the booking.
fn hit(model: &Protocol, state: &State) -> bool {
    state.readers.iter().any(|it| {
        it.step == ReaderStep::Look2
            && it.began == Began::AfterBooking
            && model.believed(state, Layer::Two, it.stamp2).is_some()
    })
}

/// The writer is about to take the lease from a reader that is about to file what it fetched.
fn refused_fill(_: &Protocol, state: &State) -> bool {
    let layer = match state.writer {
        WriterStep::ForgetBooked1 | WriterStep::ForgetCancelled1 => Layer::One,
        WriterStep::ForgetBooked2 | WriterStep::ForgetCancelled2 => Layer::Two,
        _ => return false,
    };
    let late = |it: &super::state::Reader| {
        matches!(it.step, ReaderStep::Commit1 | ReaderStep::Commit2)
            && it.leases[layer as usize] == Lease::Held
    };
    state.reachable && state.readers.iter().any(late)
}

/// Some reader is about to see an entry that its version does not match.
fn stale_rejected(model: &Protocol, state: &State) -> bool {
    let there = state.reachable && state.entries[Layer::Two as usize] != Entry::Absent;
    let rejects = |it: &super::state::Reader| {
        it.step == ReaderStep::Look2 && model.believed(state, Layer::Two, it.stamp2).is_none()
    };
    model.versions != Versions::Ignored && there && state.readers.iter().any(rejects)
}

/// Some reader that missed layer 2 and may fill it is about to believe layer 1.
fn filled_from_1(model: &Protocol, state: &State) -> bool {
    state.readers.iter().any(|it| {
        it.step == ReaderStep::Look1
            && state.reachable
            && model.may_fill(state, it, Layer::Two)
            && model.believed(state, Layer::One, state.version).is_some()
    })
}
