//! The state of the mirror, the two entries and whoever asks.

/// The days: both are in the wide entry, the first one alone in the narrow one.
pub(super) const DAYS: usize = 2;

/// How many changes of each day somebody knows of.
pub(super) type Changes = [u8; DAYS];

/// How many changes each day sees.
pub(super) const CHANGES: Changes = [2, 1];

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Window {
    /// The first day.
    Narrow,
    /// Both days.
    Wide,
}

/// What a reader does next, or how it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum ReaderStep {
    Begin,
    Refresh,
    /// Reads the stamp of its own window.
    ReadStamp,
    /// Looks for its own entry.
    Look,
    /// Takes the wide entry.
    TakeWide,
    /// Compares that with the mirror.
    CompareWide,
    /// Reads the stamp of its own window now that it has the wide entry.
    StampAfterwards,
    /// Reads the stamp of both days.
    StampWide,
    /// Fetches both days.
    Fetch,
    /// Reads the stamp of both days now that they are fetched.
    StampWideAfterwards,
    /// Files both days.
    FileWide,
    /// Files what it asked for.
    File,
    /// Answered well.
    Answered,
    /// Answered without a change that had been acknowledged before it began.
    Stale,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Reader {
    pub(super) asks: Window,
    pub(super) step: ReaderStep,
    /// What had been acknowledged when it began.
    pub(super) knows: Changes,
    pub(super) stamp: u8,
    /// That of both days.
    pub(super) wide_stamp: u8,
    /// The wide entry that it took, or has cut.
    pub(super) wide: Option<Entry>,
    /// What it fetched or cut.
    pub(super) shows: Changes,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Entry {
    pub(super) stamp: u8,
    pub(super) shows: Changes,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct State {
    pub(super) committed: Changes,
    pub(super) acknowledged: Changes,
    /// The versions as this process knows them.
    pub(super) mirror: Changes,
    /// By window.
    pub(super) entries: [Option<Entry>; 2],
    /// In no order.
    pub(super) readers: [Reader; 3],
}

impl Window {
    /// The changes of its days as one number.
    pub(super) fn sum(self, changes: Changes) -> u8 {
        match self {
            Self::Narrow => changes[0],
            Self::Wide => changes.iter().sum(),
        }
    }

    /// Without what is not asked for.
    pub(super) fn cut(self, changes: Changes) -> Changes {
        match self {
            Self::Narrow => [changes[0], 0],
            Self::Wide => changes,
        }
    }
}

impl Reader {
    const fn new(asks: Window) -> Self {
        Self {
            asks,
            step: ReaderStep::Begin,
            knows: [0; DAYS],
            stamp: 0,
            wide_stamp: 0,
            wide: None,
            shows: [0; DAYS],
        }
    }

    /// As it ended. Nobody can tell any more what it knew.
    pub(super) fn ended(&self, step: ReaderStep) -> Self {
        Self {
            step,
            ..Self::new(self.asks)
        }
    }
}

impl State {
    /// With a wide entry from before.
    pub(super) fn new() -> Self {
        let wide = Entry {
            stamp: 0,
            shows: [0; DAYS],
        };
        let readers = [Window::Narrow, Window::Narrow, Window::Wide];
        Self {
            committed: [0; DAYS],
            acknowledged: [0; DAYS],
            mirror: [0; DAYS],
            entries: [None, Some(wide)],
            readers: readers.map(Reader::new),
        }
    }

    /// What would be believed under this stamp.
    pub(super) fn believed(&self, window: Window, stamp: u8) -> Option<Entry> {
        self.entries[window as usize].filter(|it| it.stamp == stamp)
    }
}
