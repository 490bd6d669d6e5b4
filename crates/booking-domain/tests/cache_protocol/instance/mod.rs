//! One process: its mirror of the versions, its copy of an entry, and the fetches it shares.
//!
//! The entry covers two days. On each, changes follow one another: a transaction takes its number,
//! commits (what it changed is part of every list from then on, as our own claims are), and is
//! acknowledged. Those of different days commit in any order. An answer is the number of changes it
//! shows of each day. Nothing is ever deleted from the copy: only the stamp stands between a reader
//! and an old entry. In some variants this process brings its copy up to date after its commits.

mod mirror;
mod properties;
mod reader;
mod state;
mod tests;
mod update;

use stateright::{Model, Property};

use state::{ReaderStep, State, Statement, UpdateStep, WriterStep};

/// Which statement a reader waits for before it reads the mirror.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refresh {
    /// One that begins after the reader came.
    Next,
    /// The one that runs, if one does.
    JoinRunning,
    /// None: the mirror follows in its own time.
    Never,
}

/// Which rows a statement asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Since {
    /// Those of transactions that the last statement did not see: open then, or begun since.
    NotSeen,
    /// Those of transactions above the highest number that was seen.
    HighestSeen,
}

/// How the versions of a window's days become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stamp {
    /// Each row counts its changes; their sum.
    Sum,
    /// Each row has the number of its last change; the highest.
    Max,
}

/// What a reader gets that waited for another one's fetch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flight {
    /// It looks at the copy again, under its own stamp.
    LookAgain,
    /// What the other one fetched.
    ShareTheAnswer,
}

/// What becomes of the copy after a commit of this process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Update {
    /// Nothing.
    Never,
    /// What was kept when the commit came is put back with the change shown, if a statement that
    /// began afterwards says that the stamp grew by exactly what the commit raised; else it goes.
    Exact,
    /// As `Exact`, but what is kept when the statement has ended.
    TakenAfterwards,
    /// As `Exact`, but whatever the stamp grew by.
    Unchecked,
    /// As `Exact`, but by one more than the commit raised.
    Overcounted,
    /// As `Exact`, but by the mirror as it is.
    NotRefreshed,
}

/// A variant of the protocol.
#[derive(Clone, Copy, Debug)]
struct Process {
    readers: usize,
    refresh: Refresh,
    since: Since,
    stamp: Stamp,
    flight: Flight,
    update: Update,
    /// How many changes each day sees.
    changes: state::Changes,
}

impl Process {
    /// What the gateway does.
    fn recommended() -> Self {
        Self {
            readers: crate::run::readers(),
            refresh: Refresh::Next,
            since: Since::NotSeen,
            stamp: Stamp::Sum,
            flight: Flight::LookAgain,
            update: Update::Never,
            changes: [2, 1],
        }
    }

    /// One that does this after its own commits; one change of each day is enough to show it.
    fn updating(update: Update) -> Self {
        Self {
            update,
            changes: [1, 1],
            ..Self::recommended()
        }
    }
}

/// One step of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    /// The next change of this day.
    Writer(usize, WriterStep),
    StatementBegins,
    StatementSeesTheDatabase,
    StatementEnds,
    Update(usize, UpdateStep),
    Reader(usize, ReaderStep),
}

impl Model for Process {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        // With nothing kept, and with an entry from before.
        vec![State::new(self, false), State::new(self, true)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (day, writer) in state.writers.iter().enumerate() {
            if writer.acknowledged < self.changes[day] {
                actions.push(Action::Writer(day, writer.step));
            }
        }
        match state.statement {
            Statement::None if self.is_awaited(state) => actions.push(Action::StatementBegins),
            Statement::None => {}
            Statement::Begun => actions.push(Action::StatementSeesTheDatabase),
            Statement::Saw { .. } => actions.push(Action::StatementEnds),
        }
        for (index, update) in state.updates.iter().enumerate() {
            if update.step >= UpdateStep::Take {
                actions.push(Action::Update(index, update.step));
            }
        }
        let mut one_begins = false;
        for (index, reader) in state.readers.iter().enumerate() {
            // Who has not begun is like any other who has not.
            let begins = reader.step == ReaderStep::Begin;
            if Self::may_step(state, reader) && !(begins && one_begins) {
                actions.push(Action::Reader(index, reader.step));
            }
            one_begins |= begins;
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        match action {
            Action::Writer(day, step) => {
                state.write(day);
                if step == WriterStep::Commit {
                    self.begin_update(&mut state, day);
                }
            }
            Action::StatementBegins => state.begin_statement(),
            Action::StatementSeesTheDatabase => self.see(&mut state),
            Action::StatementEnds => self.end_statement(&mut state),
            Action::Update(index, _) => self.update(&mut state, index),
            Action::Reader(index, _) => self.read(&mut state, index),
        }
        state.simplify(self);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
