//! Noting what a voice platform tells of a call, and reading calls.

use booking_domain::calls::{Call, CallEvent, CallId, Content};
use booking_domain::ids::CompanyId;
use booking_domain::ports::{CallCursor, CallFilter, CallPage, CallView, StoreError};
use booking_domain::tenant::{CallRules, Transcripts};

use crate::Application;

impl Application {
    /// Keeps of what is told what the company's rules allow, in one small transaction. May be told
    /// again, in any order.
    pub async fn note_call(
        &self,
        company: CompanyId,
        rules: &CallRules,
        told: Call,
    ) -> Result<(), StoreError> {
        if rules.keep_days == 0 {
            return Ok(());
        }
        let kept = told.kept(rules);
        // Many of these come in every call; nothing in them is new but what was said.
        let only_words = kept
            .heard
            .iter()
            .all(|it| *it == CallEvent::TranscriptUpdated);
        if only_words && kept.content.is_empty() && !kept.consent.is_withdrawn() {
            return Ok(());
        }
        self.deps.store.calls.note(company, &kept).await
    }

    /// One call of this company with what was said in it, if that is still wanted.
    pub async fn voice_call(
        &self,
        company: CompanyId,
        id: &CallId,
    ) -> Result<Option<CallView>, StoreError> {
        let Some(mut found) = self.deps.store.calls.call(company, id).await? else {
            return Ok(None);
        };
        let setup = self.company(company).await?;
        let wanted = setup.is_some_and(|it| {
            let rules = &it.company.calls;
            rules.transcripts == Transcripts::WithConsent
        });
        if !wanted {
            found.call.content = Content::default();
        }
        Ok(Some(found))
    }

    /// A page of this company's calls.
    pub async fn voice_calls(
        &self,
        company: CompanyId,
        filter: &CallFilter,
        after: Option<&CallCursor>,
        limit: u32,
    ) -> Result<CallPage, StoreError> {
        let calls = &self.deps.store.calls;
        calls.calls(company, filter, after, limit).await
    }
}
