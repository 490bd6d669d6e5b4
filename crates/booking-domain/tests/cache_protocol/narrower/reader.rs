//! One question, from its beginning to its answer.

use super::state::{Changes, Entry, Reader, ReaderStep, State, Window};
use super::{Narrower, ReadStamp};

impl Narrower {
    /// The next step of one reader.
    pub(super) fn read(&self, state: &mut State, index: usize) {
        let mut reader = state.readers[index];
        reader.step = match reader.step {
            ReaderStep::Begin => {
                reader.knows = reader.asks.cut(state.acknowledged);
                ReaderStep::Refresh
            }
            ReaderStep::Refresh => {
                state.mirror = state.committed;
                ReaderStep::ReadStamp
            }
            ReaderStep::ReadStamp => {
                reader.stamp = reader.asks.sum(state.mirror);
                ReaderStep::Look
            }
            ReaderStep::Look => match state.believed(reader.asks, reader.stamp) {
                Some(entry) => answer(&reader, entry.shows),
                None if reader.asks == Window::Narrow => ReaderStep::TakeWide,
                None => ReaderStep::StampWide,
            },
            ReaderStep::TakeWide => {
                reader.wide = state.entries[Window::Wide as usize];
                ReaderStep::CompareWide
            }
            ReaderStep::CompareWide => self.compare_wide(state, &mut reader),
            ReaderStep::StampAfterwards => {
                reader.stamp = reader.asks.sum(state.mirror);
                ReaderStep::File
            }
            ReaderStep::StampWide => {
                reader.wide_stamp = Window::Wide.sum(state.mirror);
                ReaderStep::Fetch
            }
            ReaderStep::Fetch => {
                reader.shows = state.committed;
                match self.wide_stamp {
                    ReadStamp::Before => ReaderStep::FileWide,
                    ReadStamp::After => ReaderStep::StampWideAfterwards,
                }
            }
            ReaderStep::StampWideAfterwards => {
                reader.wide_stamp = Window::Wide.sum(state.mirror);
                ReaderStep::FileWide
            }
            ReaderStep::FileWide => {
                let (stamp, shows) = (reader.wide_stamp, reader.shows);
                state.entries[Window::Wide as usize] = Some(Entry { stamp, shows });
                match reader.asks {
                    Window::Narrow => self.cut(&mut reader, shows),
                    Window::Wide => answer(&reader, shows),
                }
            }
            ReaderStep::File => {
                let (stamp, shows) = (reader.stamp, reader.shows);
                state.entries[reader.asks as usize] = Some(Entry { stamp, shows });
                answer(&reader, shows)
            }
            ended => ended,
        };
        if reader.step >= ReaderStep::Answered {
            reader = reader.ended(reader.step);
        }
        state.readers[index] = reader;
    }

    /// The part of the wide entry, if that is believed now; else the whole is fetched.
    fn compare_wide(&self, state: &State, reader: &mut Reader) -> ReaderStep {
        let current = Window::Wide.sum(state.mirror);
        match reader.wide {
            Some(wide) if wide.stamp == current => self.cut(reader, wide.shows),
            _ => {
                reader.wide = None;
                ReaderStep::StampWide
            }
        }
    }

    /// Takes its part of what a wide entry shows.
    fn cut(&self, reader: &mut Reader, shows: Changes) -> ReaderStep {
        reader.shows = reader.asks.cut(shows);
        match self.narrow_stamp {
            ReadStamp::Before => ReaderStep::File,
            ReadStamp::After => ReaderStep::StampAfterwards,
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
