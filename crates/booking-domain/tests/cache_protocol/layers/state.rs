//! The state of the world, and which differences in it make none.

use super::{Layer1Stamp, Leases, Protocol, Versions};

/// A layer of the cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layer {
    One,
    Two,
}

/// What lies under a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Entry {
    Absent,
    /// Nobody will ever believe it.
    Dead,
    Filed {
        free: bool,
        stamp: u8,
    },
}

/// Our record of the booking.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Booking {
    None,
    Held,
    Confirmed,
    CancelRequested,
    Cancelled,
}

/// What the writer does next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum WriterStep {
    Hold,
    CreateAtCalcom,
    Confirm,
    ForgetBooked1,
    ForgetBooked2,
    AcknowledgeBooking,
    RequestCancel,
    CancelAtCalcom,
    Cancelled,
    ForgetCancelled1,
    ForgetCancelled2,
    AcknowledgeCancel,
    Finished,
}

/// What a reader does next, or how it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum ReaderStep {
    Begin,
    ReadStamp,
    Look2,
    Lease2,
    Look1,
    Lease1,
    Fetch,
    StampAfterFetch,
    ReadOverlay,
    Commit1,
    Commit2,
    ReadOverlayAgain,
    /// Answered well.
    Answered,
    /// Offered the slot after its booking had been acknowledged.
    StaleFree,
    /// Offered it after it had been held.
    OfferedHeld,
    /// Did not offer it after its cancellation had been acknowledged.
    StaleBusy,
}

/// What had happened when a reader began.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Began {
    Anytime,
    AfterHold,
    AfterBooking,
    AfterCancel,
}

/// A reader's claim to fill a layer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Lease {
    None,
    /// Its token lies in the shared cache.
    Held,
    /// It does not know that its token is gone.
    Lost,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Reader {
    pub(super) step: ReaderStep,
    pub(super) began: Began,
    /// Compared with layer 2, and filed there.
    pub(super) stamp2: u8,
    /// Compared with layer 1, and filed there.
    pub(super) stamp1: u8,
    /// What it found.
    pub(super) free: bool,
    /// What our own bookings say, where they are taken off the answer.
    pub(super) taken: bool,
    pub(super) leases: [Lease; 2],
    /// Whether its tokens are in the copy of the cache.
    pub(super) copied: [bool; 2],
}

/// A version that nobody compares any more.
const NEVER: u8 = u8::MAX;

impl Reader {
    const NEW: Self = Self {
        step: ReaderStep::Begin,
        began: Began::Anytime,
        stamp2: 0,
        stamp1: 0,
        free: false,
        taken: false,
        leases: [Lease::None; 2],
        copied: [false; 2],
    };

    pub(super) fn is_active(&self) -> bool {
        self.step != ReaderStep::Begin && self.step < ReaderStep::Answered
    }

    /// The versions this reader will still compare with an entry.
    fn compares(&self, protocol: &Protocol) -> [Option<u8>; 2] {
        let has_stamp = self.step > ReaderStep::ReadStamp;
        let layer2 = has_stamp && self.step <= ReaderStep::Look2;
        let same = protocol.layer1_stamp == Layer1Stamp::Same;
        let layer1 = has_stamp && same && self.step <= ReaderStep::Look1;
        [layer2.then_some(self.stamp2), layer1.then_some(self.stamp1)]
    }

    fn simplify(&mut self, live: impl Fn(u8) -> bool) {
        if self.step >= ReaderStep::Answered {
            *self = Self {
                step: self.step,
                ..Self::NEW
            };
            return;
        }
        // Filed under these, an entry would be dead.
        let (step, used) = (self.step, ReaderStep::Commit2);
        if step > ReaderStep::Look1 && !live(self.stamp1) || step >= used {
            self.stamp1 = NEVER;
        }
        if step > ReaderStep::Look2 && !live(self.stamp2) || step > used {
            self.stamp2 = NEVER;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct State {
    /// Of the slot's day, in the database.
    pub(super) version: u8,
    pub(super) booking: Booking,
    /// The slot is taken at Cal.com.
    pub(super) calcom: bool,
    /// The slot is taken in Cal.com's list.
    pub(super) listed: bool,
    pub(super) writer: WriterStep,
    /// The shared cache can be reached.
    pub(super) reachable: bool,
    pub(super) entries: [Entry; 2],
    /// What the shared cache will restart with.
    pub(super) copy: Option<[Entry; 2]>,
    /// The layers that the outbox is still to forget.
    pub(super) to_forget: [bool; 2],
    pub(super) faults_used: u8,
    /// In no order; what is beyond the wanted number has answered.
    pub(super) readers: [Reader; 3],
}

impl State {
    pub(super) fn new(readers: usize) -> Self {
        let mut state = Self {
            version: 0,
            booking: Booking::None,
            calcom: false,
            listed: false,
            writer: WriterStep::Hold,
            reachable: true,
            entries: [Entry::Absent; 2],
            copy: None,
            to_forget: [false; 2],
            faults_used: 0,
            readers: [Reader::NEW; 3],
        };
        for reader in &mut state.readers[readers..] {
            reader.step = ReaderStep::Answered;
        }
        state
    }

    /// Whether our own record says that the slot is taken.
    pub(super) fn claimed(&self) -> bool {
        use Booking::{CancelRequested, Confirmed, Held};
        matches!(self.booking, Held | Confirmed | CancelRequested)
    }

    /// Makes states alike that nobody could ever tell apart.
    pub(super) fn simplify(&mut self, protocol: &Protocol) {
        let mut compared = [None; 6];
        for (place, reader) in compared.chunks_mut(2).zip(&self.readers) {
            place.copy_from_slice(&reader.compares(protocol));
        }
        let version = self.version;
        let all = protocol.versions != Versions::BeforeFetch;
        let live = |stamp| all || stamp == version || compared.contains(&Some(stamp));
        let copies = self.copy.iter_mut().flatten();
        for entry in self.entries.iter_mut().chain(copies) {
            if matches!(entry, Entry::Filed { stamp, .. } if !live(*stamp)) {
                *entry = Entry::Dead;
            }
        }
        let cancelling = self.writer > WriterStep::RequestCancel;
        for reader in &mut self.readers {
            reader.simplify(live);
            if cancelling && reader.began < Began::AfterCancel {
                reader.began = Began::Anytime;
            }
            if protocol.leases != Leases::AnyToken {
                for lease in &mut reader.leases {
                    if *lease == Lease::Lost {
                        *lease = Lease::None;
                    }
                }
            }
        }
        self.readers.sort_unstable();
    }
}
