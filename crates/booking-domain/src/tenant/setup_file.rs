//! A company's set-up as it travels: the JSON that `tenant import` reads.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Branch, CalcomAccount, CallRules, MessageRules, OpeningHours, OwnTexts, RetellSettings, Staff,
};
use crate::contact::ContactField;
use crate::ids::{BranchId, CompanyId, EventTypeId, ServiceId, StaffId};
use crate::time::ZoneName;

/// The whole file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupFile {
    /// The companies to create or bring up to date.
    pub companies: Vec<CompanyEntry>,
}

/// One company with everything that belongs to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyEntry {
    /// Unique across the installation, as are the ids of branches, staff and services.
    pub id: CompanyId,
    /// What people call it.
    pub name: String,
    /// IANA name.
    pub time_zone: ZoneName,
    /// Language, such as `de`.
    #[serde(default = "default_locale")]
    pub locale: String,
    /// Its own Cal.com account; absent: the installation's default account.
    #[serde(default)]
    pub calcom: Option<CalcomAccount>,
    /// Its voice agents.
    #[serde(default)]
    pub retell: RetellSettings,
    /// Its own words.
    #[serde(default)]
    pub texts: OwnTexts,
    /// What is kept of its calls.
    #[serde(default)]
    pub calls: CallRules,
    /// What its customers are sent.
    #[serde(default)]
    pub messages: MessageRules,
    /// Its places.
    #[serde(default)]
    pub branches: Vec<Branch>,
    /// Its people.
    #[serde(default)]
    pub staff: Vec<Staff>,
    /// What can be booked.
    #[serde(default)]
    pub services: Vec<ServiceEntry>,
    /// Keys with a known text, for set-ups that are recreated (demos, tests).
    #[serde(default)]
    pub api_keys: Vec<ApiKeyEntry>,
}

/// One service.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the same words as in `Service`")]
pub struct ServiceEntry {
    pub id: ServiceId,
    #[serde(default)]
    pub branch_id: Option<BranchId>,
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub duration_minutes: u32,
    #[serde(default)]
    pub buffer_before_minutes: u32,
    #[serde(default)]
    pub buffer_after_minutes: u32,
    #[serde(default)]
    pub calcom_event_type_id: Option<EventTypeId>,
    #[serde(default)]
    pub staff_ids: Vec<StaffId>,
    #[serde(default = "one")]
    pub capacity: u32,
    #[serde(default)]
    pub opening_hours: OpeningHours,
    #[serde(default)]
    pub reminder_minutes: Vec<u32>,
    #[serde(default)]
    pub requires: Vec<ContactField>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_cents: Option<i64>,
}

/// One API key with its text.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKeyEntry {
    /// The whole key, beginning with `bk_`.
    pub token: String,
    /// `read`, `book`, `admin`.
    pub scopes: Vec<String>,
}

impl std::fmt::Debug for ApiKeyEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKeyEntry({:?})", self.scopes)
    }
}

/// Something in the file that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct SetupProblem {
    /// Where, such as `company 15, service 3`.
    pub at: String,
    /// What, and how to mend it.
    pub problem: String,
}

fn default_locale() -> String {
    "de".to_owned()
}

fn one() -> u32 {
    1
}

const SCOPES: [&str; 3] = ["read", "book", "admin"];
/// Two weeks: nothing bookable takes longer.
const MAX_MINUTES: u32 = 14 * 24 * 60;
/// A month: nobody is reminded earlier.
const MAX_REMINDER: u32 = 31 * 24 * 60;

impl SetupFile {
    /// Everything that is wrong with the file, all at once; empty when it can be imported.
    pub fn problems(&self) -> Vec<SetupProblem> {
        let mut problems = Vec::new();
        let (mut companies, mut seen) = (BTreeSet::new(), Seen::default());
        for company in &self.companies {
            let at = format!("company {}", company.id);
            let mut say = |at: String, problem: &str| {
                problems.push(SetupProblem {
                    at,
                    problem: problem.to_owned(),
                });
            };
            if !companies.insert(company.id) {
                say(at.clone(), "the id appears twice");
            }
            if company.name.trim().is_empty() {
                say(at.clone(), "give it a name");
            }
            company.check_parts(&at, &mut seen, &mut say);
        }
        problems
    }
}

#[derive(Default)]
struct Seen {
    branches: BTreeSet<BranchId>,
    staff: BTreeSet<StaffId>,
    services: BTreeSet<ServiceId>,
    event_types: BTreeSet<(String, EventTypeId)>,
}

impl CompanyEntry {
    fn check_parts(&self, at: &str, seen: &mut Seen, say: &mut impl FnMut(String, &str)) {
        const TWICE: &str = "the id appears twice; ids are unique across the installation";
        if self.calls.keep_days > CallRules::MOST_DAYS {
            say(at.to_owned(), "calls.keep_days is 3650 (ten years) at most");
        }
        for branch in &self.branches {
            if !seen.branches.insert(branch.id) {
                say(format!("{at}, branch {}", branch.id), TWICE);
            }
        }
        for person in &self.staff {
            if !seen.staff.insert(person.id) {
                say(format!("{at}, staff {}", person.id), TWICE);
            }
        }
        for service in &self.services {
            let at = format!("{at}, service {}", service.id);
            if !seen.services.insert(service.id) {
                say(at.clone(), TWICE);
            }
            let account = self
                .calcom
                .as_ref()
                .map_or(String::new(), |it| it.base_url.clone());
            if let Some(event_type) = service.calcom_event_type_id
                && !seen.event_types.insert((account, event_type))
            {
                say(
                    at.clone(),
                    "its calcom_event_type_id belongs to another service already",
                );
            }
            self.check_service(service, &at, say);
        }
        for key in &self.api_keys {
            if !key.token.starts_with("bk_") || key.token.len() < 20 {
                say(
                    format!("{at}, api key"),
                    "a token begins with bk_ and has 20 characters or more",
                );
            }
            if key.scopes.is_empty() || key.scopes.iter().any(|it| !SCOPES.contains(&it.as_str())) {
                say(format!("{at}, api key"), "scopes are read, book and admin");
            }
        }
    }

    fn check_service(&self, service: &ServiceEntry, at: &str, say: &mut impl FnMut(String, &str)) {
        if service.duration_minutes == 0 || service.duration_minutes > MAX_MINUTES {
            say(
                at.to_owned(),
                "duration_minutes lies between 1 and 20160 (two weeks)",
            );
        }
        if service.buffer_before_minutes > 1440 || service.buffer_after_minutes > 1440 {
            say(at.to_owned(), "buffers are 1440 minutes (a day) at most");
        }
        if service.reminder_minutes.len() > 5
            || service
                .reminder_minutes
                .iter()
                .any(|it| !(1..=MAX_REMINDER).contains(it))
        {
            say(
                at.to_owned(),
                "reminder_minutes are five at most, each between 1 and 44640 (31 days)",
            );
        }
        if service.capacity == 0 || service.capacity > 1000 {
            say(at.to_owned(), "capacity lies between 1 and 1000");
        }
        if service
            .branch_id
            .is_some_and(|id| self.branches.iter().all(|it| it.id != id))
        {
            say(
                at.to_owned(),
                "its branch_id is not among the company's branches",
            );
        }
        if service
            .staff_ids
            .iter()
            .any(|id| self.staff.iter().all(|it| it.id != *id))
        {
            say(at.to_owned(), "a staff id is not among the company's staff");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once() {
        let file: SetupFile = serde_json::from_str(
            r#"{"companies":[
              {"id":1,"name":"A","time_zone":"Europe/Berlin","branches":[{"id":1,"name":"x"}],
               "services":[{"id":1,"branch_id":2,"name":"s","duration_minutes":0,"staff_ids":[9]}]},
              {"id":1,"name":" ","time_zone":"Europe/Berlin","branches":[{"id":1,"name":"y"}],
               "api_keys":[{"token":"x","scopes":["root"]}]}]}"#,
        )
        .expect("well formed");
        assert_eq!(file.problems().len(), 8, "{:#?}", file.problems());
    }

    #[test]
    fn unknown_keys_and_zones_are_refused_by_name() {
        let error = |json| {
            serde_json::from_str::<SetupFile>(json)
                .expect_err("refused")
                .to_string()
        };
        assert!(error(r#"{"companies":[],"x":1}"#).contains("unknown field `x`"));
        let zone = r#"{"companies":[{"id":1,"name":"A","time_zone":"Berlin"}]}"#;
        assert!(error(zone).contains("'Berlin' is not a time zone"));
    }
}
