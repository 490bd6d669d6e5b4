//! One consistent picture of a company.

use serde::{Deserialize, Serialize};

use super::{CallRules, MessageRules, OpeningHours, OwnTexts};
use crate::contact::ContactField;
use crate::ids::{BranchId, CompanyId, EventTypeId, GroupId, HostId, ServiceId, StaffId};
use crate::time::{Span, TimeRange, ZoneName};

/// The tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// What people call it.
    pub name: String,
    /// Its zone: what callers mean by "eight o'clock".
    pub time_zone: ZoneName,
    /// Language it speaks with its customers, such as `de`.
    pub locale: String,
    /// How to reach its calendar.
    pub calcom: Option<CalcomAccount>,
    /// Its voice agents.
    pub retell: RetellSettings,
    /// Its own words.
    pub texts: OwnTexts,
    /// What is kept of its calls.
    pub calls: CallRules,
    /// What its customers are sent.
    pub messages: MessageRules,
}

/// A Cal.com account. Secrets are opaque here: adapters decrypt them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalcomAccount {
    /// Such as `https://api.cal.com`.
    pub base_url: String,
    /// The API key.
    pub api_key: String,
    /// The secret that signs webhooks.
    pub webhook_secret: String,
    /// The one that signed them before: still taken, until the new one is in use everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_secret_previous: Option<String>,
}

impl std::fmt::Debug for CalcomAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CalcomAccount({})", self.base_url)
    }
}

/// What identifies a company's voice agents.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetellSettings {
    /// Verifies the signature of function calls.
    #[serde(default)]
    pub api_key: Option<String>,
    /// Agents that may call; empty: any.
    #[serde(default)]
    pub agent_ids: Vec<String>,
    /// The company's own numbers; empty: any.
    #[serde(default)]
    pub numbers: Vec<String>,
}

impl std::fmt::Debug for RetellSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RetellSettings(agents: {:?})", self.agent_ids)
    }
}

/// One of a company's places.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Its id.
    pub id: BranchId,
    /// What people call it.
    pub name: String,
}

/// Who performs a service; maps to a Cal.com host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Their address, as Cal.com knows it.
    #[serde(default)]
    pub email: Option<String>,
    /// Cal.com's number for them.
    #[serde(default)]
    pub calcom_user_id: Option<HostId>,
}

/// What can be booked; maps to a Cal.com event type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Where it is offered; `None`: anywhere.
    pub branch: Option<BranchId>,
    /// What people call it.
    pub name: String,
    /// What else people call it.
    pub aliases: Vec<String>,
    /// How long it takes.
    pub duration_minutes: u32,
    /// Time kept free before.
    pub buffer_before_minutes: u32,
    /// Time kept free after.
    pub buffer_after_minutes: u32,
    /// Cal.com's number; `None`: bookable here, never synced.
    pub event_type: Option<EventTypeId>,
    /// Who performs it; empty: nobody in particular, up to [`Self::capacity`] at once.
    pub staff: Vec<StaffId>,
    /// How many at once, for a service without staff.
    pub capacity: u32,
    /// When it can be had.
    pub opening_hours: OpeningHours,
    /// How long before its beginning customers are reminded of an appointment, in minutes.
    pub reminder_minutes: Vec<u32>,
    /// What must be known of the customer, since its event type asks for it.
    pub requires: Vec<ContactField>,
    /// The services it shares hosts with.
    pub group: GroupId,
}

impl Service {
    /// The range an appointment takes when it begins at `start`.
    pub fn range_from(&self, start: crate::time::Instant) -> TimeRange {
        TimeRange::lasting(start, self.duration_minutes)
    }

    /// The range its staff is taken for: the appointment with its buffers.
    pub fn padded(&self, range: &TimeRange) -> TimeRange {
        range.padded(
            Span::minutes(i64::from(self.buffer_before_minutes)),
            Span::minutes(i64::from(self.buffer_after_minutes)),
        )
    }
}

/// One consistent picture of a company, with the version it was read at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompanySetup {
    /// The company itself.
    pub company: Company,
    /// Its places.
    pub branches: Vec<Branch>,
    /// Its people.
    pub staff: Vec<Staff>,
    /// What can be booked.
    pub services: Vec<Service>,
}

impl CompanySetup {
    /// The service with this id.
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The service that Cal.com knows by this number.
    pub fn service_of_event_type(&self, event_type: EventTypeId) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.event_type == Some(event_type))
    }

    /// The person with this id.
    pub fn staff_member(&self, id: StaffId) -> Option<&Staff> {
        self.staff.iter().find(|person| person.id == id)
    }

    /// The person that Cal.com knows by this number, or else by this address.
    pub fn staff_of_host(&self, host: Option<HostId>, email: Option<&str>) -> Option<&Staff> {
        let by_number = |person: &&Staff| host.is_some() && person.calcom_user_id == host;
        let by_email = |person: &&Staff| {
            let known = person.email.as_deref();
            known
                .zip(email)
                .is_some_and(|(known, given)| known.eq_ignore_ascii_case(given))
        };
        self.staff
            .iter()
            .find(by_number)
            .or_else(|| self.staff.iter().find(by_email))
    }

    /// The services of an availability group.
    pub fn group(&self, group: GroupId) -> impl Iterator<Item = &Service> {
        self.services
            .iter()
            .filter(move |service| service.group == group)
    }

    /// The group a service belongs to.
    pub fn group_of(&self, service: ServiceId) -> Option<GroupId> {
        self.service(service).map(|service| service.group)
    }
}
