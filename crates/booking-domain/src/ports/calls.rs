//! Calls of voice agents: noted as they are told of, read by people, and gone after a while.

use async_trait::async_trait;

use super::{HistoryEntry, HistoryKind, StoreError};
use crate::calls::{Call, CallId};
use crate::ids::{AppointmentId, CompanyId, CustomerId};
use crate::time::Instant;

/// A call with what was done in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallView {
    /// The call; without its content in a list.
    pub call: Call,
    /// The appointments that were made, moved or cancelled in it, by id. In a list: those that were
    /// when it was last told of.
    pub appointments: Vec<AppointmentId>,
}

/// Which calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CallFilter {
    /// Those from then on.
    pub from: Option<Instant>,
    /// Those before.
    pub to: Option<Instant>,
    /// Those in which this appointment was made, moved or cancelled.
    pub appointment: Option<AppointmentId>,
}

/// The place in a list after which the next page begins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallCursor {
    /// When the last call seen was.
    pub at: Instant,
    /// Its id.
    pub id: CallId,
}

/// A page of calls, the latest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallPage {
    /// The calls, without their contents.
    pub items: Vec<CallView>,
    /// Where to go on; `None` at the end.
    pub next: Option<CallCursor>,
}

/// The calls of companies. What links a call with an appointment is what the appointment says about
/// who made, moved or cancelled it; it is written down with the call, because a later change of the
/// appointment writes over it.
#[async_trait]
pub trait CallLog: Send + Sync {
    /// Joins what is told of a call with what is known of it, and notes the appointments that name
    /// it; both in one transaction. May be repeated: nothing changes then.
    async fn note(&self, company: CompanyId, told: &Call) -> Result<(), StoreError>;

    /// A call with its content; `None` if this company has none such.
    async fn call(&self, company: CompanyId, id: &CallId) -> Result<Option<CallView>, StoreError>;

    /// A page of up to `limit`.
    async fn calls(
        &self,
        company: CompanyId,
        filter: &CallFilter,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<CallPage, StoreError>;

    /// Deletes every call from a customer's number, and every call in which an appointment of theirs
    /// was made, moved or cancelled; how many went. To be called while the customer is still known.
    async fn forget_calls_of(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Result<u64, StoreError>;

    /// Deletes up to `limit` calls that are older than their company keeps them, and the contents of
    /// up to `limit` whose company keeps none any more; how many rows that were.
    async fn prune_calls(&self, now: Instant, limit: u32) -> Result<u64, StoreError>;
}

impl Call {
    /// Its lines in the history of an appointment: when it began, and when and how it ended.
    /// `number` tells calls apart that began at the same moment.
    pub fn history(&self, number: i64) -> Vec<HistoryEntry> {
        let line = |at, number, name: &str, detail| HistoryEntry {
            at,
            kind: HistoryKind::Call,
            number,
            name: name.to_owned(),
            actor: Some(format!("call {}", self.id)),
            detail,
        };
        let began = line(self.at(), 2 * number, "call_started", None);
        let ended = self
            .ended_at
            .map(|at| line(at, 2 * number + 1, "call_ended", self.outcome()));
        std::iter::once(began).chain(ended).collect()
    }

    /// `user_hangup; successful; positive`, as far as it is known.
    fn outcome(&self) -> Option<String> {
        let successful = self.successful.map(|it| match it {
            true => "successful",
            false => "not successful",
        });
        let words = [
            self.disconnection_reason.as_deref(),
            successful,
            self.sentiment.map(crate::calls::Sentiment::as_str),
        ];
        let words: Vec<_> = words.into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join("; "))
    }
}
