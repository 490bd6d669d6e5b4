//! One question, from its beginning to its answer.

use super::state::{Began, Entry, Layer, Lease, Reader, ReaderStep, State, WriterStep};
use super::{Layer1Stamp, Layer2Stamp, Leases, Overlay, Protocol, Versions};

impl Protocol {
    /// The next step of one reader.
    pub(super) fn read(&self, state: &mut State, index: usize) {
        let mut reader = state.readers[index];
        reader.step = match reader.step {
            ReaderStep::Begin => {
                reader.began = began(state);
                ReaderStep::ReadStamp
            }
            ReaderStep::ReadStamp => {
                (reader.stamp1, reader.stamp2) = (state.version, state.version);
                reader.taken = self.overlay == Overlay::OffTheAnswer && state.claimed();
                ReaderStep::Look2
            }
            ReaderStep::Look2 => self.look2(state, &mut reader),
            ReaderStep::Lease2 => {
                take_lease(state, &mut reader, Layer::Two);
                ReaderStep::Look1
            }
            ReaderStep::Look1 => self.look1(state, &mut reader),
            ReaderStep::Lease1 => {
                take_lease(state, &mut reader, Layer::One);
                ReaderStep::Fetch
            }
            ReaderStep::Fetch => {
                reader.free = !state.listed;
                match (self.versions, self.overlay) {
                    (Versions::AfterFetch, _) => ReaderStep::StampAfterFetch,
                    (_, Overlay::OffTheEntry) => ReaderStep::ReadOverlay,
                    _ => ReaderStep::Commit1,
                }
            }
            ReaderStep::StampAfterFetch => {
                (reader.stamp1, reader.stamp2) = (state.version, state.version);
                if self.overlay == Overlay::OffTheEntry {
                    ReaderStep::ReadOverlay
                } else {
                    ReaderStep::Commit1
                }
            }
            ReaderStep::ReadOverlay => {
                reader.free &= !state.claimed();
                ReaderStep::Commit1
            }
            ReaderStep::Commit1 => {
                self.commit(state, &mut reader, Layer::One);
                ReaderStep::Commit2
            }
            ReaderStep::Commit2 => {
                if self.layer2_stamp == Layer2Stamp::Afresh {
                    reader.stamp2 = state.version;
                }
                self.commit(state, &mut reader, Layer::Two);
                if self.overlay == Overlay::OffTheAnswer {
                    ReaderStep::ReadOverlayAgain
                } else {
                    answer(state, &reader)
                }
            }
            ReaderStep::ReadOverlayAgain => {
                reader.taken = state.claimed();
                answer(state, &reader)
            }
            ended => ended,
        };
        state.readers[index] = reader;
    }

    fn look2(&self, state: &State, reader: &mut Reader) -> ReaderStep {
        if let Some(free) = self.believed(state, Layer::Two, reader.stamp2) {
            reader.free = free;
            answer(state, reader)
        } else if self.leases == Leases::Unused {
            ReaderStep::Look1
        } else {
            ReaderStep::Lease2
        }
    }

    fn look1(&self, state: &State, reader: &mut Reader) -> ReaderStep {
        if self.layer1_stamp == Layer1Stamp::OwnReading {
            reader.stamp1 = state.version;
        }
        if let Some(free) = self.believed(state, Layer::One, reader.stamp1) {
            reader.free = free;
            ReaderStep::Commit2
        } else if self.leases == Leases::Unused {
            ReaderStep::Fetch
        } else {
            ReaderStep::Lease1
        }
    }

    /// What the layer answers, if it does and its entry is believed.
    pub(super) fn believed(&self, state: &State, layer: Layer, wanted: u8) -> Option<bool> {
        match state.entries[layer as usize] {
            Entry::Filed { free, stamp } if state.reachable => {
                (self.versions == Versions::Ignored || stamp == wanted).then_some(free)
            }
            _ => None,
        }
    }

    /// Whether this reader's fill of the layer would be taken.
    pub(super) fn may_fill(&self, state: &State, reader: &Reader, layer: Layer) -> bool {
        let lease = |reader: &Reader| reader.leases[layer as usize];
        match self.leases {
            Leases::Unused => true,
            Leases::OwnToken => lease(reader) == Lease::Held,
            Leases::AnyToken => {
                let somebody = state.readers.iter().any(|it| lease(it) == Lease::Held);
                lease(reader) != Lease::None && somebody
            }
        }
    }

    fn commit(&self, state: &mut State, reader: &mut Reader, layer: Layer) {
        let (free, place) = (reader.free, layer as usize);
        let stamp = [reader.stamp1, reader.stamp2][place];
        if state.reachable && self.may_fill(state, reader, layer) {
            let known = self.versions != Versions::Ignored;
            let stamp = if known { stamp } else { 0 };
            state.entries[place] = Entry::Filed { free, stamp };
        }
        reader.leases[place] = Lease::None;
    }
}

/// The lease, unless somebody has it or the shared cache does not answer.
fn take_lease(state: &State, reader: &mut Reader, layer: Layer) {
    let layer = layer as usize;
    let lies_there = |it: &Reader| it.leases[layer] == Lease::Held;
    if state.reachable && !state.readers.iter().any(lies_there) {
        reader.leases[layer] = Lease::Held;
    }
}

fn began(state: &State) -> Began {
    match state.writer {
        WriterStep::Hold => Began::Anytime,
        it if it <= WriterStep::AcknowledgeBooking => Began::AfterHold,
        WriterStep::RequestCancel => Began::AfterBooking,
        WriterStep::Finished => Began::AfterCancel,
        _ => Began::Anytime,
    }
}

/// How the reader ends. What a change in between explains is right either way.
fn answer(state: &State, reader: &Reader) -> ReaderStep {
    let offered = reader.free && !reader.taken;
    let cancelling = state.writer > WriterStep::RequestCancel;
    match reader.began {
        Began::AfterBooking if offered && !cancelling => ReaderStep::StaleFree,
        Began::AfterHold if offered && !cancelling => ReaderStep::OfferedHeld,
        Began::AfterCancel if !offered => ReaderStep::StaleBusy,
        _ => ReaderStep::Answered,
    }
}
