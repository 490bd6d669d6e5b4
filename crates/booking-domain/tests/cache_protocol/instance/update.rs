//! Selective update: after a commit of its own, the process shows the change in its copy.

use super::state::{Entry, State, Update, UpdateStep};
use super::{Process, Update as Updating};

impl Process {
    /// The commit of this day's change has just come.
    pub(super) fn begin_update(&self, state: &mut State, day: usize) {
        let idle = |it: &&mut Update| it.step == UpdateStep::None;
        let (change, taken) = (state.rows[day].changes, state.entry);
        let step = match self.update {
            Updating::Never => return,
            Updating::TakenAfterwards => UpdateStep::WaitForStatement,
            _ if taken.is_none() => return,
            Updating::NotRefreshed => UpdateStep::Compare,
            _ => UpdateStep::WaitForStatement,
        };
        if let Some(update) = state.updates.iter_mut().find(idle) {
            *update = Update {
                step,
                day,
                change,
                taken,
            };
        }
    }

    /// What follows the statement.
    pub(super) fn after_statement(&self) -> UpdateStep {
        if self.update == Updating::TakenAfterwards {
            UpdateStep::Take
        } else {
            UpdateStep::Compare
        }
    }

    /// The next step of one update.
    pub(super) fn update(&self, state: &mut State, index: usize) {
        let mut update = state.updates[index];
        match update.step {
            UpdateStep::Take => {
                update.taken = state.entry;
                update.step = UpdateStep::Compare;
            }
            UpdateStep::Compare => {
                let current = self.stamp_of(state.mirror);
                let taken = update.taken.filter(|it| self.is_certain(*it, current));
                if let Some(taken) = taken {
                    update.taken = Some(taken.with(&update, current));
                    update.step = UpdateStep::PutBack;
                } else {
                    state.entry = None;
                    update = Update::NONE;
                }
            }
            UpdateStep::PutBack => {
                state.entry = update.taken;
                update = Update::NONE;
            }
            UpdateStep::None | UpdateStep::WaitForStatement | UpdateStep::InStatement => {}
        }
        state.updates[index] = update;
    }

    /// Whether what is taken, and the commit, are all there is under the current stamp.
    fn is_certain(&self, taken: Entry, current: u8) -> bool {
        let grew_by_that = taken.stamp.checked_add(self.counted()) == Some(current);
        grew_by_that || self.update == Updating::Unchecked
    }

    /// By how much a commit is said to have raised the stamp; it was one.
    pub(super) fn counted(&self) -> u8 {
        if self.update == Updating::Overcounted {
            2
        } else {
            1
        }
    }
}

impl Entry {
    /// What shows the change too. Without the one before, it says nothing of what it lacks.
    fn with(mut self, update: &Update, stamp: u8) -> Self {
        let shown = &mut self.shows[update.day];
        if *shown + 1 == update.change {
            *shown = update.change;
        }
        Self { stamp, ..self }
    }
}
