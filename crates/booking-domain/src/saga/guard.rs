//! After a booking was given up: whether Cal.com has made it after all.
//!
//! A create that was refused or proven not to have happened may still arrive late. Its customer was
//! told that it failed, so what is found with our id, and no appointment bears, is called off.

use super::words::{Observation, Verdict};
use super::{Phase, Proof, Saga, SagaKind};
use crate::appointment::RemoteBooking;
use crate::ids::{AppointmentId, BookingUid, CompanyId, SagaId};
use crate::time::{Instant, Span};

/// When it is looked for, after it was given up.
const LOOK_AFTER_HOURS: [i64; 5] = [1, 6, 24, 72, 168];
/// A look-up that could not be made is made again.
const LOOK_AGAIN: Span = Span::minutes(10);

impl Saga {
    /// Looks out for what was given up now.
    pub fn guard(id: SagaId, whose: (CompanyId, AppointmentId), now: Instant) -> Self {
        let mut guard = Self::ready(id, whose, SagaKind::Guard, None, now);
        guard.watch(now, 0);
        guard
    }

    pub(super) fn on_guard(&mut self, observation: Observation, now: Instant) -> Verdict {
        let (since, made) = match &self.phase {
            Phase::LookingUp { since, made, .. } => (*since, *made),
            _ => (self.started_at, 0),
        };
        match observation {
            Observation::CalledOff(_) => self.phase = Phase::Done,
            Observation::LookUpFailed if now < since + Span::days(8) => {
                self.watch(since, made);
                if let Phase::LookingUp { next_at, .. } = &mut self.phase {
                    *next_at = now + LOOK_AGAIN;
                }
            }
            Observation::Several(late) => {
                self.watch(since, made + 1);
                return Verdict::Discard(late.into_iter().map(|it| it.uid).collect());
            }
            _ => self.watch(since, made + 1),
        }
        Verdict::Undecided
    }

    fn watch(&mut self, since: Instant, made: u32) {
        self.phase = match LOOK_AFTER_HOURS.get(made as usize) {
            Some(hours) => Phase::LookingUp {
                since,
                made,
                empty_after_quiet: 0,
                next_at: since + Span::hours(*hours),
                refused: None,
                proof: Proof::Quiet,
                vanished: false,
            },
            None => Phase::Done,
        };
    }
}

/// Of several bookings for one wish, the oldest accepted one is kept; the names of the others.
pub(super) fn keep_oldest(
    mut found: Vec<RemoteBooking>,
) -> Option<(Box<RemoteBooking>, Vec<BookingUid>)> {
    use crate::appointment::RemoteStatus;
    found.sort_by(|a, b| {
        let rank = |it: &RemoteBooking| (it.status != RemoteStatus::Accepted, it.created_at);
        rank(a).cmp(&rank(b)).then_with(|| a.uid.cmp(&b.uid))
    });
    let mut found = found.into_iter();
    let kept = found.next()?;
    Some((Box::new(kept), found.map(|it| it.uid).collect()))
}
