//! The saga of the booking, then that of its cancellation.

use super::state::{Booking, Entry, Layer, Lease, State, WriterStep};
use super::{Bumps, Protocol};

impl Protocol {
    /// The writer's next step.
    pub(super) fn write(&self, state: &mut State) {
        let first = u8::from(self.bumps != Bumps::Last);
        let last = u8::from(self.bumps != Bumps::First);
        state.writer = match state.writer {
            WriterStep::Hold => {
                (state.booking, state.version) = (Booking::Held, state.version + first);
                WriterStep::CreateAtCalcom
            }
            WriterStep::CreateAtCalcom => {
                self.at_calcom(state, true);
                WriterStep::Confirm
            }
            WriterStep::Confirm => {
                (state.booking, state.version) = (Booking::Confirmed, state.version + last);
                WriterStep::ForgetBooked1
            }
            WriterStep::ForgetBooked1 => {
                forget(state, Layer::One);
                WriterStep::ForgetBooked2
            }
            WriterStep::ForgetBooked2 => {
                forget(state, Layer::Two);
                WriterStep::AcknowledgeBooking
            }
            WriterStep::AcknowledgeBooking => WriterStep::RequestCancel,
            WriterStep::RequestCancel => {
                // The slot stays ours until Cal.com lets go: nothing changes for a reader.
                let once = u8::from(self.bumps == Bumps::First);
                (state.booking, state.version) = (Booking::CancelRequested, state.version + once);
                WriterStep::CancelAtCalcom
            }
            WriterStep::CancelAtCalcom => {
                self.at_calcom(state, false);
                WriterStep::Cancelled
            }
            WriterStep::Cancelled => {
                (state.booking, state.version) = (Booking::Cancelled, state.version + last);
                WriterStep::ForgetCancelled1
            }
            WriterStep::ForgetCancelled1 => {
                forget(state, Layer::One);
                WriterStep::ForgetCancelled2
            }
            WriterStep::ForgetCancelled2 => {
                forget(state, Layer::Two);
                WriterStep::AcknowledgeCancel
            }
            WriterStep::AcknowledgeCancel | WriterStep::Finished => WriterStep::Finished,
        };
    }

    fn at_calcom(&self, state: &mut State, taken: bool) {
        state.calcom = taken;
        if !self.faults.lag {
            state.listed = taken;
        }
    }

    /// The saga as the next process takes it up. A call whose result is not on record is looked up,
    /// which is like making it again; what was still to be forgotten is left to the outbox.
    pub(super) fn crash(state: &mut State) -> Option<WriterStep> {
        let after = match state.writer {
            WriterStep::Confirm => WriterStep::CreateAtCalcom,
            WriterStep::Cancelled => WriterStep::CancelAtCalcom,
            WriterStep::ForgetBooked1 | WriterStep::ForgetCancelled1 => {
                state.to_forget = [true; 2];
                acknowledgement(state.writer)
            }
            WriterStep::ForgetBooked2 | WriterStep::ForgetCancelled2 => {
                state.to_forget[Layer::Two as usize] = true;
                acknowledgement(state.writer)
            }
            _ => return None,
        };
        state.writer = after;
        Some(after)
    }
}

fn acknowledgement(forgetting: WriterStep) -> WriterStep {
    if forgetting < WriterStep::AcknowledgeBooking {
        WriterStep::AcknowledgeBooking
    } else {
        WriterStep::AcknowledgeCancel
    }
}

/// Deletes the layer's entry and its lease, or leaves that to the outbox.
pub(super) fn forget(state: &mut State, layer: Layer) {
    let layer = layer as usize;
    state.to_forget[layer] = !state.reachable;
    if state.reachable {
        state.entries[layer] = Entry::Absent;
        lose_leases(state, layer);
    }
}

pub(super) fn lose_leases(state: &mut State, layer: usize) {
    for reader in &mut state.readers {
        if reader.leases[layer] == Lease::Held {
            reader.leases[layer] = Lease::Lost;
        }
    }
}
