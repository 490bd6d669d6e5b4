//! One question to this process.

use super::state::{Changes, Entry, Reader, ReaderStep, State, Statement};
use super::{Flight, Process, Refresh};

impl Process {
    /// Whether the next step is the reader's own and nobody bars it.
    pub(super) fn may_step(state: &State, reader: &Reader) -> bool {
        match reader.step {
            ReaderStep::WaitForStatement | ReaderStep::InStatement => false,
            ReaderStep::WaitForFlight => !state.readers.iter().any(Reader::is_in_flight),
            step => step < ReaderStep::Answered,
        }
    }

    /// The next step of one reader.
    pub(super) fn read(&self, state: &mut State, index: usize) {
        let mut reader = state.readers[index];
        reader.step = match reader.step {
            ReaderStep::Begin => {
                reader.knows = state.acknowledged();
                self.arrive(state)
            }
            ReaderStep::ReadMirror => {
                reader.stamp = self.stamp_of(state.mirror);
                ReaderStep::Look
            }
            ReaderStep::Look => {
                let hit = believed(state, &reader).map(|shows| answer(&reader, shows));
                hit.unwrap_or(ReaderStep::WaitForFlight)
            }
            ReaderStep::WaitForFlight => ReaderStep::LookAgain,
            ReaderStep::LookAgain => {
                let hit = believed(state, &reader).map(|shows| answer(&reader, shows));
                hit.unwrap_or(ReaderStep::Fetch)
            }
            ReaderStep::Fetch => {
                reader.shows = state.committed();
                ReaderStep::Fill
            }
            ReaderStep::Fill => {
                let (stamp, shows) = (reader.stamp, reader.shows);
                state.entry = Some(Entry { stamp, shows });
                if self.flight == Flight::ShareTheAnswer {
                    share(state, shows);
                }
                answer(&reader, shows)
            }
            other => other,
        };
        state.readers[index] = reader;
    }

    fn arrive(&self, state: &State) -> ReaderStep {
        let runs = state.statement != Statement::None;
        match self.refresh {
            Refresh::JoinRunning if runs => ReaderStep::InStatement,
            Refresh::Next | Refresh::JoinRunning => ReaderStep::WaitForStatement,
            Refresh::Never => ReaderStep::ReadMirror,
        }
    }
}

/// What the process's copy answers, if its stamp is the reader's.
pub(super) fn believed(state: &State, reader: &Reader) -> Option<Changes> {
    let entry = state.entry.filter(|it| it.stamp == reader.stamp);
    entry.map(|it| it.shows)
}

fn share(state: &mut State, shows: Changes) {
    for reader in &mut state.readers {
        if reader.step == ReaderStep::WaitForFlight {
            reader.step = answer(reader, shows);
        }
    }
}

/// How the reader ends.
fn answer(reader: &Reader, shows: Changes) -> ReaderStep {
    let lacks = |(knows, shows): (u8, u8)| shows < knows;
    if reader.knows.into_iter().zip(shows).any(lacks) {
        ReaderStep::Stale
    } else {
        ReaderStep::Answered
    }
}
