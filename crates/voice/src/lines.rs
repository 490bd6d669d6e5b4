//! Whose agent and whose number it is: for webhooks whose address names no company.

use std::sync::{Arc, Mutex, PoisonError};

use booking_domain::ids::CompanyId;
use booking_domain::ports::StoreError;
use booking_domain::tenant::Company;
use booking_domain::time::{Instant, Span};

use crate::desk::Desk;
use crate::port::CallFacts;
use crate::port::caller::{business_number, country_of, phone};

/// How long what companies have configured is remembered: whoever sends to the short address bears
/// no key that could be looked up, so that asking the store each time would be asked by anybody.
const REMEMBERED: Span = Span::seconds(10);

/// What one company has configured.
struct Line {
    company: CompanyId,
    agents: Vec<String>,
    /// In international form.
    numbers: Vec<String>,
    country: Option<&'static str>,
}

impl Line {
    fn of(company: Company) -> Self {
        let country = country_of(company.time_zone);
        let international = |own: &String| phone(own, country).map(|it| it.expose().to_owned());
        Self {
            company: company.id,
            numbers: company
                .retell
                .numbers
                .iter()
                .filter_map(international)
                .collect(),
            agents: company.retell.agent_ids,
            country,
        }
    }

    fn has_number(&self, shown: &str) -> bool {
        let shown = phone(shown, self.country);
        shown.is_some_and(|shown| self.numbers.iter().any(|own| own == shown.expose()))
    }
}

/// What all companies have configured, as of a moment ago.
#[derive(Default)]
pub(crate) struct Lines(Mutex<Option<(Instant, Arc<Vec<Line>>)>>);

impl Lines {
    /// The company that alone has the agent, else the one that alone has the number; an agent that
    /// several have is told apart by the number.
    pub(crate) async fn company(
        &self,
        desk: &dyn Desk,
        call: &CallFacts,
    ) -> Result<Option<CompanyId>, StoreError> {
        Ok(whose(&self.lines(desk).await?, call))
    }

    async fn lines(&self, desk: &dyn Desk) -> Result<Arc<Vec<Line>>, StoreError> {
        let now = desk.now();
        let known = self.locked().clone();
        if let Some((at, lines)) = known
            && now.since(at).abs() < REMEMBERED
        {
            return Ok(lines);
        }
        let companies = desk.companies().await?.into_iter();
        let lines = Arc::new(companies.map(Line::of).collect::<Vec<_>>());
        *self.locked() = Some((now, lines.clone()));
        Ok(lines)
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<Vec<Line>>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whose(lines: &[Line], call: &CallFacts) -> Option<CompanyId> {
    let agent = call.agent_id.as_ref();
    let with_agent = |line: &&Line| agent.is_some_and(|it| line.agents.contains(it));
    let number = business_number(call);
    let with_number = |line: &&Line| number.is_some_and(|it| line.has_number(it));
    let by_agent: Vec<_> = lines.iter().filter(with_agent).collect();
    let found: Vec<_> = match by_agent.as_slice() {
        [] => lines.iter().filter(with_number).collect(),
        [_] => by_agent,
        _ => by_agent.into_iter().filter(with_number).collect(),
    };
    match found.as_slice() {
        [line] => Some(line.company),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(company: i64, agents: &[&str], numbers: &[&str]) -> Line {
        let all = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect();
        Line {
            company: CompanyId::new(company),
            agents: all(agents),
            numbers: all(numbers),
            country: Some("49"),
        }
    }

    /// Red when one of several is taken, or a number outweighs the agent that one company alone has.
    #[test]
    fn a_call_is_of_the_one_company_that_it_can_be_of() {
        let lines = [
            line(15, &["shared", "own"], &["+493012345678"]),
            line(20, &["shared"], &["+493099999999"]),
            line(25, &[], &["+493099999999"]),
        ];
        for (agent, number, company) in [
            (Some("own"), None, Some(15)),
            (Some("own"), Some("030 99999999"), Some(15)),
            (Some("shared"), Some("030 12345678"), Some(15)),
            (Some("shared"), Some("+493099999999"), Some(20)),
            (Some("shared"), None, None),
            (Some("other"), Some("+493012345678"), Some(15)),
            (None, Some("+493012345678"), Some(15)),
            (None, Some("+493099999999"), None),
            (None, None, None),
        ] {
            let call = CallFacts {
                agent_id: agent.map(str::to_owned),
                to_number: number.map(str::to_owned),
                ..CallFacts::default()
            };
            let found = whose(&lines, &call).map(CompanyId::get);
            assert_eq!(found, company, "{agent:?} {number:?}");
        }
    }
}
