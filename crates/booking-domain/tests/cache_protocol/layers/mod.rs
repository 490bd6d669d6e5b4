//! One slot, one booking that is made and then cancelled, two layers in the shared cache.
//!
//! Each step is one that the world sees at once: a commit, a call to Cal.com, a command of the
//! shared cache. A reader asks once. Values are only "free" or not.

mod faults;
mod properties;
mod reader;
mod recommended;
mod rejected;
mod state;
mod writer;

use stateright::{Model, Property};

use state::{Layer, ReaderStep, State, WriterStep};

/// How an entry is known to be current.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Versions {
    /// Not at all: an entry that is there counts.
    Ignored,
    /// By the version read after its slots were fetched.
    AfterFetch,
    /// By the version read before.
    BeforeFetch,
}

/// When a saga raises the version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bumps {
    /// With the hold, and when Cal.com's effect is known.
    Both,
    /// Only when it begins.
    First,
    /// Only when Cal.com's effect is known.
    Last,
}

/// Which version layer 2 gets when it is filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layer2Stamp {
    /// The one that was read before layer 1 was.
    FromBefore,
    /// One that is read for the purpose.
    Afresh,
}

/// What layer 1 is compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Layer1Stamp {
    /// What was read for layer 2.
    Same,
    /// What the mirror says by then.
    OwnReading,
}

/// Where what we sold ourselves is taken out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Overlay {
    /// Nowhere.
    Ignored,
    /// From what was fetched, before it is filed.
    OffTheEntry,
    /// From every answer.
    OffTheAnswer,
}

/// Who may file an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Leases {
    /// Everybody.
    Unused,
    /// Whose token lies in the shared cache. An invalidation takes it away.
    OwnToken,
    /// Who once got it, while anybody's token lies there.
    AnyToken,
}

/// What can go wrong; each of them once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Faults {
    /// The shared cache cannot be reached for a while, and keeps its data.
    unreachable: bool,
    /// It restarts empty.
    empty: bool,
    /// It restarts with what it had some time ago.
    failover: bool,
    /// The writer's process dies and its saga is taken up again.
    crash: bool,
    /// A lease ends while its holder still works.
    expiry: bool,
    /// Cal.com's list of slots shows a change only later.
    lag: bool,
}

/// A variant of the protocol, in a world.
#[derive(Clone, Copy, Debug)]
struct Protocol {
    readers: usize,
    versions: Versions,
    bumps: Bumps,
    layer1_stamp: Layer1Stamp,
    layer2_stamp: Layer2Stamp,
    overlay: Overlay,
    leases: Leases,
    faults: Faults,
    /// A list that lags explains why a freed slot is not offered yet.
    lag_is_excused: bool,
    /// The booking is made and stays.
    only_booked: bool,
}

impl Protocol {
    /// What the gateway does. It has no leases.
    fn recommended() -> Self {
        Self {
            readers: crate::run::readers(),
            versions: Versions::BeforeFetch,
            bumps: Bumps::Both,
            layer1_stamp: Layer1Stamp::OwnReading,
            layer2_stamp: Layer2Stamp::FromBefore,
            overlay: Overlay::OffTheEntry,
            leases: Leases::Unused,
            faults: Faults::default(),
            lag_is_excused: true,
            only_booked: false,
        }
    }
}

/// One step of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    Writer(WriterStep),
    WriterCrashes,
    Reader(usize, ReaderStep),
    CacheUnreachable,
    CacheReachable,
    CacheRestartsEmpty,
    CacheIsCopied,
    CacheRestartsFromCopy,
    LeaseEnds(Layer),
    ListCatchesUp,
    OutboxForgets,
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(self.readers)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let stop = if self.only_booked {
            WriterStep::RequestCancel
        } else {
            WriterStep::Finished
        };
        if state.writer < stop {
            actions.push(Action::Writer(state.writer));
        }
        self.fault_actions(state, actions);
        let mut one_begins = false;
        for (index, reader) in state.readers.iter().enumerate() {
            // Who has not begun is like any other who has not.
            let begins = reader.step == ReaderStep::Begin;
            if reader.step < ReaderStep::Answered && !(begins && one_begins) {
                actions.push(Action::Reader(index, reader.step));
            }
            one_begins |= begins;
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        match action {
            Action::Writer(_) => self.write(&mut state),
            Action::Reader(index, _) => self.read(&mut state, index),
            fault => self.fault(&mut state, fault),
        }
        state.simplify(self);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
