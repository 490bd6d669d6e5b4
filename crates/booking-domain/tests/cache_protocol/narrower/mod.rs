//! A question about one day, answered from an entry of two.
//!
//! Each day changes: a commit, then its acknowledgement. A reader asks for both days or for the
//! first one. It refreshes the mirror, looks for its own entry, then, if it asks for one day, into
//! the wide entry, of which it files its part; else it fetches both days, files them, and then its
//! part. Other readers' refreshes
//! move the mirror on between its steps. That a refresh is as it should be is `instance`'s part: it
//! is one step here. An answer is the number of changes it shows of each day.

mod properties;
mod reader;
mod state;
mod tests;

use stateright::{Model, Property};

use state::{ReaderStep, State};

/// When the stamp of an entry is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ReadStamp {
    /// Before what it is made of is compared, or fetched.
    Before,
    /// When that is done.
    After,
}

/// A variant of the protocol.
#[derive(Clone, Copy, Debug)]
struct Narrower {
    narrow_stamp: ReadStamp,
    wide_stamp: ReadStamp,
}

/// One step of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    Commit(usize),
    Acknowledge(usize),
    Reader(usize, ReaderStep),
}

impl Model for Narrower {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (day, most) in state::CHANGES.into_iter().enumerate() {
            if state.committed[day] > state.acknowledged[day] {
                actions.push(Action::Acknowledge(day));
            } else if state.committed[day] < most {
                actions.push(Action::Commit(day));
            }
        }
        for (index, reader) in state.readers.iter().enumerate() {
            if reader.step < ReaderStep::Answered {
                actions.push(Action::Reader(index, reader.step));
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        match action {
            Action::Commit(day) => state.committed[day] += 1,
            Action::Acknowledge(day) => state.acknowledged[day] += 1,
            Action::Reader(index, _) => self.read(&mut state, index),
        }
        state.readers.sort_unstable();
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
