//! Asking Cal.com what came of a call.

use booking_domain::appointment::{Appointment, RemoteBooking, State};
use booking_domain::ids::BookingUid;
use booking_domain::ports::{CalendarError, FindBookings, StoreError};
use booking_domain::saga::{Observation, Refusal, Saga, SagaKind};
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Span, TimeRange};

use super::subject::Subject;
use crate::Application;

/// So many moves of one booking are followed.
const MOST_MOVES: usize = 20;
/// Cal.com may have given a booking another start, or another length, than was asked for.
const AROUND: Span = Span::days(1);

/// What became of a booking that was found.
enum Fate {
    /// It stands, perhaps under another name.
    Stands(RemoteBooking),
    /// It is off.
    Off,
    /// It was moved, and where to is not shown yet.
    Unseen,
}

impl From<Fate> for Observation {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Stands(booking) => Self::Executed(Box::new(booking)),
            Fate::Off => Self::Refused(Refusal::Gone),
            Fate::Unseen => Self::NotFound,
        }
    }
}

impl Application {
    /// Asks whether the call had happened.
    pub(crate) async fn look_up(&self, saga: &Saga) -> Result<Observation, StoreError> {
        let subject = match self.subject(saga).await? {
            Ok(subject) => subject,
            Err(_) => return Ok(Observation::LookUpFailed),
        };
        let found = match (saga.kind, &saga.uid) {
            (SagaKind::Create | SagaKind::Rebook, _) => self.find_made(saga, &subject).await,
            (SagaKind::Guard, _) => self.find_late(&subject).await,
            (SagaKind::Reschedule, Some(uid)) => self.find_moved(&subject, uid).await,
            (SagaKind::Cancel, Some(uid)) => self.find_cancelled(&subject.account, uid).await,
            (SagaKind::Discard, Some(uid)) => {
                let found = self.find_cancelled(&subject.account, uid).await;
                found.map(|found| spare(found, &subject.appointment))
            }
            (_, None) => Ok(Observation::Refused(Refusal::Gone)),
        };
        Ok(found.unwrap_or_else(|error| {
            tracing::warn!(%error, saga = %saga.id, "the look-up at Cal.com failed");
            Observation::LookUpFailed
        }))
    }

    /// Everything at Cal.com that carries our id, around a time.
    async fn ours(
        &self,
        subject: &Subject,
        around: TimeRange,
    ) -> Result<Vec<RemoteBooking>, CalendarError> {
        let booking = subject.appointment.booking();
        let window = TimeRange::new(around.start() - AROUND, around.end() + AROUND);
        let Some(event_type) = booking.event_type else {
            return Ok(Vec::new());
        };
        let wanted = FindBookings {
            event_type,
            window: window.unwrap_or(around),
        };
        let mut ours = self.deps.calendar.find(&subject.account, &wanted).await?;
        ours.retain(|remote| remote.ours == Some(booking.id));
        Ok(ours)
    }

    async fn find_made(
        &self,
        saga: &Saga,
        subject: &Subject,
    ) -> Result<Observation, CalendarError> {
        let around = saga.target.unwrap_or(subject.appointment.range());
        let (mut live, mut off): (Vec<_>, Vec<_>) = self
            .ours(subject, around)
            .await?
            .into_iter()
            .partition(RemoteBooking::is_live);
        if live.len() > 1 {
            return Ok(Observation::Several(live));
        }
        if let Some(found) = live.pop() {
            return Ok(Observation::Executed(Box::new(found)));
        }
        // What a move has lost is off as well, and is not what was made again.
        off.retain(|_| saga.kind == SagaKind::Create);
        off.sort_by_key(|it| it.created_at);
        match off.into_iter().next() {
            Some(found) => self.fate(&subject.account, found).await.map(Into::into),
            None => Ok(Observation::NotFound),
        }
    }

    /// What has come into being although it was given up. What somebody has moved since is theirs.
    async fn find_late(&self, subject: &Subject) -> Result<Observation, CalendarError> {
        let appointment = &subject.appointment;
        if !matches!(appointment.state(), State::Cancelled { .. }) {
            return Ok(Observation::CalledOff("it stands again".to_owned()));
        }
        let mut late = self.ours(subject, appointment.range()).await?;
        late.retain(|remote| remote.is_live() && remote.rescheduled_from.is_none());
        Ok(match late.is_empty() {
            true => Observation::NotFound,
            false => Observation::Several(late),
        })
    }

    async fn find_moved(
        &self,
        subject: &Subject,
        uid: &BookingUid,
    ) -> Result<Observation, CalendarError> {
        let account = &subject.account;
        let Some(old) = self.deps.calendar.get(account, uid).await? else {
            return Ok(Observation::Refused(Refusal::Gone));
        };
        if old.is_live() {
            return Ok(Observation::NotFound);
        }
        if old.rescheduled_to.is_some() {
            return self.fate(account, old).await.map(Into::into);
        }
        // Perhaps only the link is missing: the new one carries our id too.
        let around = match subject.appointment.state() {
            State::Rescheduling { to, .. } => *to,
            _ => subject.appointment.range(),
        };
        let ours = self.ours(subject, around).await?;
        let new = ours.into_iter().find(|it| it.is_live() && it.uid != *uid);
        Ok(new.map_or(Observation::Vanished, |it| Fate::Stands(it).into()))
    }

    async fn find_cancelled(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Observation, CalendarError> {
        match self.deps.calendar.get(account, uid).await? {
            Some(booking) if booking.is_live() => Ok(Observation::NotFound),
            // Moved meanwhile: then what stands now is to be cancelled.
            Some(booking) => self.fate(account, booking).await.map(Into::into),
            None => {
                tracing::error!(
                    uid = uid.expose(),
                    "Cal.com does not know a booking of ours any more"
                );
                Ok(Observation::Refused(Refusal::Gone))
            }
        }
    }

    /// The booking itself while it stands, else the one that replaced it, and so on.
    async fn fate(
        &self,
        account: &CalcomAccount,
        booking: RemoteBooking,
    ) -> Result<Fate, CalendarError> {
        let mut last = booking;
        for _ in 0..MOST_MOVES {
            if last.is_live() {
                return Ok(Fate::Stands(last));
            }
            let Some(successor) = last.rescheduled_to else {
                return Ok(Fate::Off);
            };
            match self.deps.calendar.get(account, &successor).await? {
                Some(next) => last = next,
                None => return Ok(Fate::Unseen),
            }
        }
        Ok(Fate::Unseen)
    }
}

/// What was to be called off has become what the appointment bears: that stays.
fn spare(found: Observation, appointment: &Appointment) -> Observation {
    match found {
        Observation::Executed(remote)
            if remote.is_live() && appointment.uid() == Some(&remote.uid) =>
        {
            Observation::CalledOff("the appointment bears it".to_owned())
        }
        found => found,
    }
}
