//! What goes wrong: the shared cache, Cal.com's list, the writer's process.

use super::state::{Entry, Layer, Lease, State};
use super::writer::{forget, lose_leases};
use super::{Action, Leases, Protocol};

const CRASH: u8 = 1;
const UNREACHABLE: u8 = 2;
const EMPTY: u8 = 4;
const COPIED: u8 = 8;
const RESTORED: u8 = 16;
const EXPIRY: u8 = 32;

const LAYERS: [Layer; 2] = [Layer::One, Layer::Two];

impl Protocol {
    /// What may go wrong now, and what makes up for it.
    pub(super) fn fault_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let faults = self.faults;
        let unused = |fault: u8| state.faults_used & fault == 0;
        let mut may = |when: bool, action: Action| {
            if when {
                actions.push(action);
            }
        };
        let up = state.reachable;
        may(
            faults.crash && unused(CRASH) && Self::crash(&mut state.clone()).is_some(),
            Action::WriterCrashes,
        );
        may(
            faults.unreachable && unused(UNREACHABLE),
            Action::CacheUnreachable,
        );
        may(!up, Action::CacheReachable);
        may(
            faults.empty && unused(EMPTY) && up,
            Action::CacheRestartsEmpty,
        );
        may(
            faults.failover && unused(COPIED) && up,
            Action::CacheIsCopied,
        );
        may(
            !unused(COPIED) && unused(RESTORED) && up,
            Action::CacheRestartsFromCopy,
        );
        for layer in LAYERS {
            let held = |it: &super::state::Reader| it.leases[layer as usize] == Lease::Held;
            may(
                faults.expiry && unused(EXPIRY) && state.readers.iter().any(held),
                Action::LeaseEnds(layer),
            );
        }
        may(state.listed != state.calcom, Action::ListCatchesUp);
        may(up && state.to_forget.contains(&true), Action::OutboxForgets);
    }

    /// It goes wrong, or is made up for.
    pub(super) fn fault(&self, state: &mut State, action: Action) {
        match action {
            Action::WriterCrashes => {
                Self::crash(state);
                state.faults_used |= CRASH;
            }
            Action::CacheUnreachable => {
                state.reachable = false;
                state.faults_used |= UNREACHABLE;
            }
            Action::CacheReachable => state.reachable = true,
            Action::CacheRestartsEmpty => {
                state.faults_used |= EMPTY;
                state.entries = [Entry::Absent; 2];
                for layer in LAYERS {
                    lose_leases(state, layer as usize);
                }
            }
            Action::CacheIsCopied => {
                state.faults_used |= COPIED;
                state.copy = Some(state.entries);
                for reader in &mut state.readers {
                    reader.copied = reader.leases.map(|it| it == Lease::Held);
                }
            }
            Action::CacheRestartsFromCopy => self.restore(state),
            Action::LeaseEnds(layer) => {
                state.faults_used |= EXPIRY;
                lose_leases(state, layer as usize);
            }
            Action::ListCatchesUp => state.listed = state.calcom,
            Action::OutboxForgets => {
                for layer in LAYERS {
                    if state.to_forget[layer as usize] {
                        forget(state, layer);
                    }
                }
            }
            Action::Writer(_) | Action::Reader(..) => {}
        }
    }

    fn restore(&self, state: &mut State) {
        state.faults_used |= RESTORED;
        if let Some(entries) = state.copy.take() {
            state.entries = entries;
        }
        for layer in LAYERS {
            lose_leases(state, layer as usize);
        }
        for reader in &mut state.readers {
            for (lease, copied) in reader.leases.iter_mut().zip(reader.copied) {
                if copied && self.leases != Leases::Unused {
                    *lease = Lease::Held;
                }
            }
            reader.copied = [false; 2];
        }
    }
}
