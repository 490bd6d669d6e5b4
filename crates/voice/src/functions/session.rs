//! One function call under way: who asks, in which language, and how to answer.

use std::sync::Arc;

use booking_application::Actor;
use booking_domain::ids::{CompanyId, ServiceId, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::tenant::CompanySetup;
use booking_domain::time::{Day, Instant, Span, ZoneName};
use serde_json::{Value, json};

use super::handle::{Handles, Offered};
use super::texts::Texts;
use super::{Answer, Args, Choice, Code, Line, NextStep, Plain, choice, teller};
use crate::desk::Desk;
use crate::language::Lang;
use crate::port::Caller;

/// Which conversation it is, and which step of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conversation {
    /// The call's id; `None` where nobody told.
    pub call_id: Option<String>,
    /// The id of this very invocation, where the platform tells.
    pub tool_call_id: Option<String>,
}

/// One function call under way.
pub(crate) struct Session<'a> {
    pub desk: &'a dyn Desk,
    pub setup: Arc<CompanySetup>,
    /// The company's sentences.
    pub texts: Arc<Texts>,
    pub args: Args,
    /// What was last offered in this call, where the platform tells.
    pub offers: Vec<Choice>,
    pub caller: Caller,
    pub conversation: Conversation,
    pub lang: Lang,
    pub now: Instant,
    /// Nobody waits for free slots longer than this.
    pub patient_until: tokio::time::Instant,
    /// How long a booking may take before the answer is "pending".
    pub deadline: Span,
    pub handle_key: &'a [u8; 32],
}

/// Options in an answer.
pub(crate) const MOST_OPTIONS: usize = 3;

impl Session<'_> {
    pub(crate) fn company(&self) -> CompanyId {
        self.setup.company.id
    }

    pub(crate) fn zone(&self) -> ZoneName {
        self.setup.company.time_zone
    }

    pub(crate) fn today(&self) -> Day {
        self.zone().local(self.now).day
    }

    /// Who stands behind a command. The text is kept with the appointment, so that the same
    /// invocation, sent again, is recognised.
    pub(crate) fn actor(&self) -> Actor {
        Actor {
            company: self.company(),
            origin: SyncOrigin::Retell,
            by: self.by(),
            deadline: self.deadline,
        }
    }

    /// `call call_1`, `call call_1 tool_call_2`.
    pub(crate) fn by(&self) -> String {
        let ids = [&self.conversation.call_id, &self.conversation.tool_call_id];
        let ids: String = ids
            .into_iter()
            .flatten()
            .map(|id| format!(" {id}"))
            .collect();
        format!("call{ids}")
    }

    /// Handles of this call; without a call id, of this caller.
    fn handles(&self) -> Handles<'_> {
        let caller = self.caller.phone().map_or("", |phone| phone.expose());
        Handles {
            key: self.handle_key,
            company: self.company(),
            call: self.conversation.call_id.as_deref().unwrap_or(caller),
        }
    }

    /// Whether what stands behind a command is this call.
    pub(crate) fn is_by_this_call(&self, by: &str) -> bool {
        let call = self.conversation.call_id.as_ref();
        let rest = call.and_then(|id| by.strip_prefix("call ")?.strip_prefix(id.as_str()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// A handle as it was given, or that of the option which the words mean.
    fn handle(&self, said: String) -> String {
        let meant = choice::meant(&said, &self.offers).map(|it| it.handle.clone());
        meant.unwrap_or(said)
    }

    /// The slot that an `option` argument names; refused if it is not of this call.
    pub(crate) fn offered(&self) -> Result<Option<Offered>, Box<Answer>> {
        let Some(said) = self.args.text(super::args::OPTION) else {
            return Ok(None);
        };
        let handle = self.handle(said);
        let refused =
            |_| Box::new(self.plain(Code::InvalidParameter, NextStep::AskDate, Plain::OptionGone));
        self.handles()
            .read(&handle, self.now)
            .map(Some)
            .map_err(refused)
    }

    /// The slots that the caller does not want, by their handles; what is no handle is nothing.
    pub(crate) fn refused(&self) -> Vec<Instant> {
        let handles = self.handles();
        let named = self.args.texts(super::args::REJECTED);
        let named = named.into_iter().map(|it| self.handle(it));
        let slots = named.filter_map(|it| handles.read(&it, self.now).ok());
        slots.map(|slot| slot.start).collect()
    }

    /// An answer without options.
    pub(crate) fn answer(
        &self,
        code: Code,
        next_step: NextStep,
        line: &Line,
        data: Value,
    ) -> Answer {
        let (zone, today) = (self.zone(), self.today());
        let (say, options_told) = line.say(&self.texts, self.lang, zone, today);
        Answer {
            code,
            lang: self.lang,
            say,
            message: line.message(&self.texts, self.lang, (zone, today), options_told),
            options_told,
            options: Vec::new(),
            read_back: Vec::new(),
            next_step,
            as_of: zone.rfc3339(self.now),
            data,
        }
    }

    /// An answer that is one fixed sentence.
    pub(crate) fn plain(&self, code: Code, next_step: NextStep, sentence: Plain) -> Answer {
        self.answer(code, next_step, &Line::Plain(sentence), json!({}))
    }

    /// A question for an argument.
    pub(crate) fn missing(
        &self,
        parameter: &str,
        next_step: NextStep,
        sentence: Plain,
    ) -> Box<Answer> {
        let mut answer = self.plain(Code::MissingParameter, next_step, sentence);
        answer.data = json!({"missing": [parameter]});
        Box::new(answer)
    }

    /// Adds options to an answer.
    pub(crate) fn with_options(
        &self,
        mut answer: Answer,
        service: ServiceId,
        staff: Option<StaffId>,
        starts: &[Instant],
    ) -> Answer {
        let slots = starts.iter().map(|start| Offered {
            service,
            staff,
            start: *start,
            is_own: false,
        });
        self.choose_from(&mut answer, slots);
        answer
    }

    /// Gives the answer signed options: those that its sentence names, for nobody chooses what they
    /// have not heard.
    pub(crate) fn choose_from(&self, answer: &mut Answer, slots: impl Iterator<Item = Offered>) {
        let (zone, today, handles) = (self.zone(), self.today(), self.handles());
        answer.options = (1u8..)
            .zip(slots.take(answer.options_told.min(MOST_OPTIONS)))
            .map(|(number, slot)| Choice {
                handle: handles.issue(number, slot, self.now),
                say: teller::option(self.lang, zone, today, slot.start),
                start: zone.rfc3339(slot.start),
            })
            .collect();
    }
}
