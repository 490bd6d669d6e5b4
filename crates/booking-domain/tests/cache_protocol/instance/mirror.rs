//! The database's side: transactions that commit in any order, and the statement that reads them.

use super::state::{
    Asks, DAYS, Reader, ReaderStep, Row, State, Statement, Update, UpdateStep, WriterStep,
};
use super::{Process, Refresh, Since, Stamp};

impl Process {
    /// Whether somebody waits for a statement, or one may run for nobody.
    pub(super) fn is_awaited(&self, state: &State) -> bool {
        let reader = |it: &Reader| it.step == ReaderStep::WaitForStatement;
        let update = |it: &Update| it.step == UpdateStep::WaitForStatement;
        state.readers.iter().any(reader)
            || state.updates.iter().any(update)
            || self.refresh == Refresh::Never
    }

    /// The statement takes its snapshot.
    pub(super) fn see(&self, state: &mut State) {
        let mut versions = [None; DAYS];
        for (found, row) in versions.iter_mut().zip(state.rows) {
            *found = state.asks.of(row).then_some(self.version(row));
        }
        let seen = state.rows.iter().map(|row| row.number).max();
        let asks_next = match self.since {
            Since::NotSeen => Asks {
                from: state.next_number,
                open: state.writers.map(|it| it.number),
            },
            Since::HighestSeen => Asks {
                from: seen.map_or(0, |it| it + 1).max(state.asks.from),
                open: [None; DAYS],
            },
        };
        state.statement = Statement::Saw {
            versions,
            asks_next,
        };
    }

    /// Its answer arrives.
    pub(super) fn end_statement(&self, state: &mut State) {
        if let Statement::Saw {
            versions,
            asks_next,
        } = state.statement
        {
            for (known, found) in state.mirror.iter_mut().zip(versions) {
                *known = found.unwrap_or(*known);
            }
            state.asks = asks_next;
        }
        state.statement = Statement::None;
        for reader in &mut state.readers {
            if reader.step == ReaderStep::InStatement {
                reader.step = ReaderStep::ReadMirror;
            }
        }
        for update in &mut state.updates {
            if update.step == UpdateStep::InStatement {
                update.step = self.after_statement();
            }
        }
    }

    /// What the row says.
    pub(super) fn version(&self, row: Row) -> u8 {
        match self.stamp {
            Stamp::Sum => row.changes,
            Stamp::Max => row.number,
        }
    }

    /// The versions as one number.
    pub(super) fn stamp_of(&self, versions: [u8; DAYS]) -> u8 {
        match self.stamp {
            Stamp::Sum => versions.iter().sum(),
            Stamp::Max => versions.into_iter().max().unwrap_or_default(),
        }
    }
}

impl State {
    /// The next step of the day's change.
    pub(super) fn write(&mut self, day: usize) {
        let (writer, row) = (&mut self.writers[day], &mut self.rows[day]);
        writer.step = match writer.step {
            WriterStep::Open => {
                writer.number = Some(self.next_number);
                self.next_number += 1;
                WriterStep::Commit
            }
            WriterStep::Commit => {
                row.number = writer.number.take().unwrap_or_default();
                row.changes += 1;
                WriterStep::Acknowledge
            }
            WriterStep::Acknowledge => {
                writer.acknowledged += 1;
                WriterStep::Open
            }
        };
    }

    /// Whoever waits is in this one; whoever comes from here on is in the next.
    pub(super) fn begin_statement(&mut self) {
        self.statement = Statement::Begun;
        for reader in &mut self.readers {
            if reader.step == ReaderStep::WaitForStatement {
                reader.step = ReaderStep::InStatement;
            }
        }
        for update in &mut self.updates {
            if update.step == UpdateStep::WaitForStatement {
                update.step = UpdateStep::InStatement;
            }
        }
    }
}
