//! What must always be so, and what must happen at all.

use stateright::Property;

use super::reader::believed;
use super::state::{DAYS, Reader, ReaderStep, State, Statement, WriterStep};
use super::{Process, Stamp};

pub(super) const FRESH: &str = "I1 I2 no answer without what was acknowledged before";
pub(super) const CLEAN: &str = "I3 what would be believed is true when all is quiet";
pub(super) const ONE_FLIGHT: &str = "I4 one fetches at a time";
pub(super) const MIRROR_KNOWS: &str = "I6 the mirror knows what was acknowledged before";

pub(super) const HIT: &str = "S1 a hit after a change";
pub(super) const STALE_REJECTED: &str = "S3 a stale entry is there and not believed";
pub(super) const SHARED_STATEMENT: &str = "S5 two readers share a statement";
pub(super) const LATE_COMMIT: &str = "S6 a commit after one with a higher number was seen";
pub(super) const WAITER_HITS: &str = "S7 who waited finds what the other one fetched";

pub(super) const UPDATED_HIT: &str = "S8 a hit on a copy that was brought up to date";

pub(super) const SEEN: &[&str] = &[
    HIT,
    STALE_REJECTED,
    SHARED_STATEMENT,
    LATE_COMMIT,
    WAITER_HITS,
];

pub(super) const SEEN_UPDATING: &[&str] = &[
    HIT,
    STALE_REJECTED,
    SHARED_STATEMENT,
    LATE_COMMIT,
    UPDATED_HIT,
];

pub(super) fn all() -> Vec<Property<Process>> {
    vec![
        Property::always(FRESH, |_, state| {
            !any(state, |it| it.step == ReaderStep::Stale)
        }),
        Property::always(CLEAN, is_clean),
        Property::always(ONE_FLIGHT, |_, state: &State| {
            let fetching = state.readers.iter().filter(|it| it.is_in_flight());
            fetching.count() <= 1
        }),
        Property::always(MIRROR_KNOWS, mirror_knows),
        Property::sometimes(HIT, |_, state| {
            any(state, |it| {
                it.step == ReaderStep::Look
                    && it.knows != [0; DAYS]
                    && believed(state, it).is_some()
            })
        }),
        Property::sometimes(STALE_REJECTED, |_, state| {
            any(state, |it| {
                let there = it.step == ReaderStep::Look && state.entry.is_some();
                there && believed(state, it).is_none()
            })
        }),
        Property::sometimes(SHARED_STATEMENT, |_, state: &State| {
            let inside = |it: &&Reader| it.step == ReaderStep::InStatement;
            state.readers.iter().filter(inside).count() > 1
        }),
        Property::sometimes(LATE_COMMIT, late_commit),
        Property::sometimes(WAITER_HITS, |_, state| {
            any(state, |it| {
                it.step == ReaderStep::LookAgain && believed(state, it).is_some()
            })
        }),
        Property::sometimes(UPDATED_HIT, updated_hit),
    ]
}

fn any(state: &State, which: impl Fn(&Reader) -> bool) -> bool {
    state.readers.iter().any(which)
}

/// What a reader would believe who came while nothing is going on.
fn is_clean(process: &Process, state: &State) -> bool {
    let writing = state.writers.iter().any(|it| it.step != WriterStep::Open);
    let quiet = !writing && state.statement == Statement::None && !any(state, Reader::is_active);
    let current = process.stamp_of(state.rows.map(|row| process.version(row)));
    let believed = state.entry.filter(|it| it.stamp == current);
    !quiet || believed.is_none_or(|it| it.shows == state.committed())
}

/// Whoever is to read the mirror finds in it what it must know.
fn mirror_knows(process: &Process, state: &State) -> bool {
    !any(state, |it| {
        let mut known = it.knows.into_iter().zip(state.mirror);
        process.stamp == Stamp::Sum
            && it.step == ReaderStep::ReadMirror
            && known.any(|(must, version)| version < must)
    })
}

fn late_commit(_: &Process, state: &State) -> bool {
    let Statement::Saw { versions, .. } = state.statement else {
        return false;
    };
    let seen = versions.iter().zip(state.rows);
    let seen = seen.filter_map(|(found, row)| found.map(|_| row.number));
    let open = state.writers.iter().filter_map(|it| it.number).min();
    open.is_some_and(|open| seen.max().is_some_and(|highest| open < highest))
}

/// Nobody has fetched yet, and what is kept has the last change.
fn updated_hit(process: &Process, state: &State) -> bool {
    let yet = |it: &&Reader| it.step < ReaderStep::Fetch;
    state.readers.iter().filter(yet).count() == process.readers
        && any(state, |it| {
            let knows = it.step == ReaderStep::Look && it.knows != [0; DAYS];
            knows && believed(state, it).is_some()
        })
}
