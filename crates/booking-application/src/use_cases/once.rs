//! Doing the same command twice does it once: under which terms a command is given, and what a
//! repeat gets.

use booking_domain::appointment::Appointment;
use booking_domain::idempotency::{Fingerprint, IdempotencyKey, KeyClaim, StoredOutcome};
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{AppointmentView, StoreError, UnitOfWork};
use booking_domain::time::{Instant, TimeRange};

use crate::{Actor, Application, Failure};

/// Under which key a repeat is the same command.
pub type Once = Option<(IdempotencyKey, Fingerprint)>;

/// The key alone.
pub(crate) fn key_of(once: &Once) -> Option<IdempotencyKey> {
    once.as_ref().map(|(key, _)| key.clone())
}

/// Under which terms an appointment is changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// Only if the appointment is at one of these versions.
    pub expected: Option<Vec<i64>>,
    /// Under which key a repeat is the same change.
    pub idempotency: Once,
    /// The key of an earlier command that was put off, and that this one carries out.
    pub on_behalf_of: Option<IdempotencyKey>,
}

impl Terms {
    /// Where the outcome is filed.
    pub(crate) fn key(&self) -> Option<IdempotencyKey> {
        key_of(&self.idempotency).or_else(|| self.on_behalf_of.clone())
    }

    /// Whether the appointment is as the caller knows it.
    pub(crate) fn fit(&self, appointment: &Appointment) -> bool {
        let version = appointment.version();
        self.expected
            .as_ref()
            .is_none_or(|versions| versions.contains(&version))
    }
}

/// The appointment after a change, as it stands now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// The appointment.
    pub view: AppointmentView,
    /// Whether this was a repeat of an earlier command.
    pub replayed: bool,
}

/// What the first command with the same key came to.
pub(crate) enum Repeat {
    /// The newest state of this appointment is the answer.
    Appointment(AppointmentId),
    /// It was refused.
    Refused(KeptRefusal),
}

/// A refusal that was kept.
pub(crate) struct KeptRefusal {
    pub(crate) code: String,
    pub(crate) detail: String,
    pub(crate) alternatives: Vec<TimeRange>,
    pub(crate) asked_by: String,
}

/// Why a repeat gets no answer.
pub(crate) enum NoRepeat {
    /// The key was used for another request.
    KeyReused,
    /// The first one is still running.
    InProgress,
    Failed(Failure),
}

impl From<StoreError> for NoRepeat {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes the key of a command about this appointment; what was found under it, if it is a repeat.
pub(crate) async fn used_before(
    unit: &mut dyn UnitOfWork,
    once: &Once,
    (whose, now): (AppointmentId, Instant),
) -> Result<Option<KeyClaim>, StoreError> {
    let Some((key, fingerprint)) = once else {
        return Ok(None);
    };
    let claim = unit.claim_key(key, fingerprint, whose, now).await?;
    Ok((claim != KeyClaim::New).then_some(claim))
}

impl Application {
    /// What a repeat gets, whose key was claimed before. The first command may have died after its
    /// first commit: then its appointment tells, unless `is_under_way`.
    pub(crate) async fn repeated(
        &self,
        actor: &Actor,
        claim: KeyClaim,
        is_under_way: impl FnOnce(&Appointment) -> bool,
    ) -> Result<Repeat, NoRepeat> {
        match claim {
            KeyClaim::New => {
                let defect = Failure::Inconsistent("a new key is no repeat".into());
                Err(NoRepeat::Failed(defect))
            }
            KeyClaim::OtherRequest => Err(NoRepeat::KeyReused),
            KeyClaim::Finished(StoredOutcome::Appointment { id }) => Ok(Repeat::Appointment(id)),
            KeyClaim::Finished(StoredOutcome::Refused {
                code,
                detail,
                alternatives,
                asked_by,
            }) => Ok(Repeat::Refused(KeptRefusal {
                code,
                detail,
                alternatives,
                asked_by,
            })),
            KeyClaim::Running(None) => Err(NoRepeat::InProgress),
            KeyClaim::Running(Some(id)) => {
                let view = self.deps.store.queries.get(actor.company, id).await?;
                match view {
                    Some(view) if !is_under_way(&view.appointment) => Ok(Repeat::Appointment(id)),
                    _ => Err(NoRepeat::InProgress),
                }
            }
        }
    }

    /// Files the outcome under the key of this command, which made or changed `whose`, if any.
    pub(crate) async fn finish_key(
        &self,
        actor: &Actor,
        once: &Once,
        whose: Option<AppointmentId>,
        outcome: &StoredOutcome,
    ) -> Result<(), StoreError> {
        let Some((key, fingerprint)) = once else {
            return Ok(());
        };
        let mut unit = self.deps.store.units.begin(actor.company).await?;
        // A refusal undid the transaction that took the key: take it again.
        let id = whose.unwrap_or_else(|| self.new_appointment_id());
        let is_ours = match unit.claim_key(key, fingerprint, id, self.now()).await? {
            KeyClaim::New => true,
            // A repeat may have taken it meanwhile, and had more luck: then its outcome counts.
            KeyClaim::Running(running) => running.is_some() && running == whose,
            // The saga has filed the refusal; what is near is known only now.
            KeyClaim::Finished(filed) => whose.is_some() && is_completed_by(&filed, outcome),
            KeyClaim::OtherRequest => false,
        };
        if is_ours {
            unit.finish_key(key, outcome).await?;
            unit.commit().await?;
        }
        Ok(())
    }
}

/// Whether the new outcome is the same refusal, with alternatives.
fn is_completed_by(filed: &StoredOutcome, outcome: &StoredOutcome) -> bool {
    match (filed, outcome) {
        (
            StoredOutcome::Refused {
                code,
                alternatives: none,
                ..
            },
            StoredOutcome::Refused { code: same, .. },
        ) => none.is_empty() && code == same,
        _ => false,
    }
}
