//! The state of the process and the database.

use super::{Process, Stamp, Update as Updating};

/// The days of the entry: each has a row of its own.
pub(super) const DAYS: usize = 2;

/// How many changes of each day somebody knows of.
pub(super) type Changes = [u8; DAYS];

/// So many updates at a time; a commit that finds more under way is another process's.
const MOST_UPDATES: usize = 2;

/// What happens next to a change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum WriterStep {
    Open,
    Commit,
    Acknowledge,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Writer {
    pub(super) step: WriterStep,
    /// The number of its open transaction.
    pub(super) number: Option<u8>,
    /// The changes of this day whose callers know that they are made.
    pub(super) acknowledged: u8,
}

/// The row of a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Row {
    /// How many were committed.
    pub(super) changes: u8,
    /// The transaction of the last one.
    pub(super) number: u8,
}

/// Which rows a statement asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Asks {
    /// Those of transactions from this number on.
    pub(super) from: u8,
    /// And those of these, by the day they change.
    pub(super) open: [Option<u8>; DAYS],
}

/// The statement that brings the mirror up to date; there is one at a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Statement {
    None,
    Begun,
    Saw {
        /// The versions it found, of the rows it asked for.
        versions: [Option<u8>; DAYS],
        /// What the next one will ask for.
        asks_next: Asks,
    },
}

/// What a reader does next, or how it ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum ReaderStep {
    Begin,
    /// For the next statement.
    WaitForStatement,
    /// For the one that runs.
    InStatement,
    ReadMirror,
    Look,
    /// For whoever fetches.
    WaitForFlight,
    LookAgain,
    Fetch,
    Fill,
    /// Answered well.
    Answered,
    /// Answered without a change that had been acknowledged before it began.
    Stale,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Reader {
    pub(super) step: ReaderStep,
    /// What had been acknowledged when it began.
    pub(super) knows: Changes,
    pub(super) stamp: u8,
    /// What it fetched.
    pub(super) shows: Changes,
}

/// What the process keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Entry {
    pub(super) stamp: u8,
    pub(super) shows: Changes,
}

/// What happens next to the copy after a commit of this process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum UpdateStep {
    /// Nothing is under way.
    None,
    WaitForStatement,
    InStatement,
    Take,
    Compare,
    PutBack,
}

/// A commit of this process whose change the copy is to show. Whoever made it hears of the commit
/// whether this is done or not, so the commit of another process is one of which it never is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Update {
    pub(super) step: UpdateStep,
    pub(super) day: usize,
    /// Which change of the day.
    pub(super) change: u8,
    /// What is compared and put back.
    pub(super) taken: Option<Entry>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct State {
    pub(super) writers: [Writer; DAYS],
    /// The number of the next transaction.
    pub(super) next_number: u8,
    pub(super) rows: [Row; DAYS],
    /// The versions as this process knows them.
    pub(super) mirror: [u8; DAYS],
    /// What the next statement asks for.
    pub(super) asks: Asks,
    pub(super) statement: Statement,
    pub(super) entry: Option<Entry>,
    /// In no order.
    pub(super) updates: [Update; MOST_UPDATES],
    /// In no order; what is beyond the wanted number has answered.
    pub(super) readers: [Reader; 3],
}

impl Asks {
    pub(super) fn of(&self, row: Row) -> bool {
        row.number >= self.from || self.open.contains(&Some(row.number))
    }

    fn lowest(&self) -> u8 {
        let open = self.open.into_iter().flatten();
        open.fold(self.from, u8::min)
    }

    fn renumber(&mut self, by: u8) {
        self.from -= by;
        self.open = self.open.map(|it| it.map(|number| number - by));
    }
}

impl Entry {
    /// One that nobody will ever believe.
    const DEAD: Self = Self {
        stamp: u8::MAX,
        shows: [0; DAYS],
    };
}

impl Update {
    pub(super) const NONE: Self = Self {
        step: UpdateStep::None,
        day: 0,
        change: 0,
        taken: None,
    };
}

impl Reader {
    const NEW: Self = Self {
        step: ReaderStep::Begin,
        knows: [0; DAYS],
        stamp: 0,
        shows: [0; DAYS],
    };

    pub(super) fn is_active(&self) -> bool {
        self.step != ReaderStep::Begin && self.step < ReaderStep::Answered
    }

    /// Whether it is the one that fetches.
    pub(super) fn is_in_flight(&self) -> bool {
        self.step > ReaderStep::WaitForFlight && self.step < ReaderStep::Answered
    }
}

impl State {
    pub(super) fn new(process: &Process, is_warm: bool) -> Self {
        let writer = Writer {
            step: WriterStep::Open,
            number: None,
            acknowledged: 0,
        };
        let row = Row {
            changes: 0,
            number: 0,
        };
        let entry = Entry {
            stamp: 0,
            shows: [0; DAYS],
        };
        let mut state = Self {
            writers: [writer; DAYS],
            next_number: 1,
            rows: [row; DAYS],
            mirror: [0; DAYS],
            asks: Asks {
                from: 1,
                open: [None; DAYS],
            },
            statement: Statement::None,
            entry: is_warm.then_some(entry),
            updates: [Update::NONE; MOST_UPDATES],
            readers: [Reader::NEW; 3],
        };
        for reader in &mut state.readers[process.readers..] {
            reader.step = ReaderStep::Answered;
        }
        state
    }

    /// The truth.
    pub(super) fn committed(&self) -> Changes {
        self.rows.map(|it| it.changes)
    }

    pub(super) fn acknowledged(&self) -> Changes {
        self.writers.map(|it| it.acknowledged)
    }

    /// Makes states alike that nobody could ever tell apart.
    pub(super) fn simplify(&mut self, process: &Process) {
        let current = process.stamp_of(self.mirror);
        let readers = self.readers;
        // The mirror never goes back: nobody will compare this again, or update it.
        let dead = |stamp: u8| {
            let compares = |it: &Reader| {
                it.stamp == stamp && (ReaderStep::Look..ReaderStep::Fetch).contains(&it.step)
            };
            let updated = match process.update {
                Updating::Never => false,
                Updating::Unchecked => true,
                _ => current.saturating_sub(stamp) <= process.counted(),
            };
            stamp < current && !updated && !readers.iter().any(compares)
        };
        if self.entry.is_some_and(|it| dead(it.stamp)) {
            self.entry = Some(Entry::DEAD);
        }
        for reader in &mut self.readers {
            if reader.step >= ReaderStep::Answered {
                *reader = Reader {
                    step: reader.step,
                    ..Reader::NEW
                };
            } else if reader.step >= ReaderStep::Fetch && dead(reader.stamp) {
                reader.stamp = Entry::DEAD.stamp;
            }
        }
        for update in &mut self.updates {
            if update.taken.is_some_and(|it| dead(it.stamp)) {
                update.taken = Some(Entry::DEAD);
            }
        }
        self.readers.sort_unstable();
        self.updates.sort_unstable();
        if process.stamp == Stamp::Sum {
            self.renumber();
        }
    }

    /// Where a number is not itself a version, only the order of those counts that may be asked for.
    fn renumber(&mut self) {
        self.asks = self.carried(self.asks);
        if let Statement::Saw {
            versions,
            asks_next,
        } = self.statement
        {
            let asks_next = self.carried(asks_next);
            self.statement = Statement::Saw {
                versions,
                asks_next,
            };
        }
        for row in &mut self.rows {
            if !self.asks.of(*row) {
                row.number = 0;
            }
        }
        let open = self.writers.iter().filter_map(|it| it.number);
        let next = match self.statement {
            Statement::Saw { asks_next, .. } => asks_next,
            Statement::None | Statement::Begun => self.asks,
        };
        let asked = [self.asks.lowest(), next.lowest()];
        let by = open.chain(asked).min().unwrap_or(1) - 1;
        self.next_number -= by;
        self.asks.renumber(by);
        if let Statement::Saw { asks_next, .. } = &mut self.statement {
            asks_next.renumber(by);
        }
        for row in &mut self.rows {
            row.number = row.number.saturating_sub(by);
        }
        for writer in &mut self.writers {
            writer.number = writer.number.map(|it| it - by);
        }
    }

    /// Without the numbers that neither a row nor an open transaction has: these find nothing.
    fn carried(&self, mut asks: Asks) -> Asks {
        for (day, open) in asks.open.iter_mut().enumerate() {
            let carried = [Some(self.rows[day].number), self.writers[day].number];
            *open = open.filter(|number| carried.contains(&Some(*number)));
        }
        asks
    }
}
