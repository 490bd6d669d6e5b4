//! What must always be so, and what must happen at all.

use stateright::Property;

use super::Narrower;
use super::state::{Entry, Reader, ReaderStep, State, Window};

pub(super) const FRESH: &str = "I1 I2 no answer without what was acknowledged before";
pub(super) const CLEAN: &str = "I3 what would be believed is true when all is quiet";

pub(super) const WIDE_REJECTED: &str = "S3 a stale wide entry is there and not believed";
pub(super) const CUT: &str = "S9 a day is cut after a change of it";
pub(super) const CUT_WHILE_MOVING: &str = "S10 the mirror moves on before what was cut is filed";

pub(super) const CUT_FROM_FETCHED: &str =
    "S11 a day is cut from two that were fetched for it after a change";

pub(super) const SEEN: &[&str] = &[WIDE_REJECTED, CUT, CUT_WHILE_MOVING, CUT_FROM_FETCHED];

pub(super) fn all() -> Vec<Property<Narrower>> {
    vec![
        Property::always(FRESH, |_, state| {
            !any(state, |it| it.step == ReaderStep::Stale)
        }),
        Property::always(CLEAN, |_, state| !is_quiet(state) || is_clean(state)),
        Property::sometimes(WIDE_REJECTED, |_, state| {
            any(state, |it| {
                it.step == ReaderStep::CompareWide && is_outdated(state, it.wide)
            })
        }),
        Property::sometimes(CUT, |_, state| {
            any(state, |it| has_cut(it) && it.knows[0] > 0)
        }),
        Property::sometimes(CUT_WHILE_MOVING, |_, state| {
            any(state, |it| {
                has_cut(it) && it.shows[0] < state.mirror[0].min(state.acknowledged[0])
            })
        }),
        Property::sometimes(CUT_FROM_FETCHED, |_, state| {
            any(state, |it| {
                it.step == ReaderStep::File && it.wide.is_none() && it.stamp < it.shows[0]
            })
        }),
    ]
}

fn any(state: &State, which: impl Fn(&Reader) -> bool) -> bool {
    state.readers.iter().any(which)
}

/// Whether it is about to file a part of the wide entry.
fn has_cut(reader: &Reader) -> bool {
    reader.step == ReaderStep::File && reader.wide.is_some()
}

/// Whether this is a wide entry that is not believed now.
fn is_outdated(state: &State, wide: Option<Entry>) -> bool {
    wide.is_some_and(|it| it.stamp != Window::Wide.sum(state.mirror))
}

fn is_quiet(state: &State) -> bool {
    let active = |it: &Reader| it.step != ReaderStep::Begin && it.step < ReaderStep::Answered;
    state.committed == state.acknowledged && !any(state, active)
}

/// What a reader would believe who came now.
fn is_clean(state: &State) -> bool {
    [Window::Narrow, Window::Wide].into_iter().all(|window| {
        let believed = state.believed(window, window.sum(state.committed));
        believed.is_none_or(|it| it.shows == window.cut(state.committed))
    })
}
