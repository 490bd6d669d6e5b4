//! The set-up of a simulator: which accounts, hosts and event types exist.

mod demo;
mod hours;

use std::collections::{BTreeMap, HashSet};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use hours::{Weekday, Window};

/// Everything that exists before the first booking. Read from JSON with `serde_json`, or built by
/// hand; unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Switches that are not faults: limits and caches of the real service.
    #[serde(default)]
    pub settings: Settings,
    /// One per API key.
    pub accounts: Vec<Account>,
}

/// Behaviour of the service that a test may want to tune.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Requests per 60 s and key; `0` switches the limit off. Cal.com's own default is 120.
    pub rate_limit_per_minute: u32,
    /// How long a computed slots answer is repeated, in milliseconds. Cal.com's own is 2000.
    pub slots_cache_ms: u64,
    /// Send a `Retry-After` header with a 429.
    pub retry_after: bool,
    /// Round robin and confirmation types answer a repeat by the same attendee for the same start
    /// with the existing booking.
    pub same_attendee_returns_original: bool,
    /// Refuse a second booking of the same host for the same start and end even where overlaps are
    /// accepted, as the unique key in Cal.com's database does.
    pub natural_key: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate_limit_per_minute: 120,
            slots_cache_ms: 0,
            retry_after: false,
            same_attendee_returns_original: true,
            natural_key: false,
        }
    }
}

/// The owner of an API key with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What a caller sends as bearer token; also the account's name in the control API.
    pub api_key: String,
    /// Signs this account's webhooks unless a subscription has a secret of its own.
    #[serde(default)]
    pub webhook_secret: Option<String>,
    /// Subscriptions that exist from the start.
    #[serde(default)]
    pub webhooks: Vec<Webhook>,
    /// The people who can be booked. The first one owns the key.
    pub hosts: Vec<Host>,
    /// What can be booked.
    pub event_types: Vec<EventType>,
}

/// A webhook subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where deliveries are posted to.
    pub url: String,
    /// Signing secret; the account's when absent.
    #[serde(default)]
    pub secret: Option<String>,
    /// Which events; the booking events when absent.
    #[serde(default = "crate::webhooks::default_triggers")]
    pub triggers: Vec<String>,
}

/// A person who can be booked (a Cal.com user).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Cal.com user id, unique in the world.
    pub id: u64,
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Name in links.
    pub username: String,
    /// Zone of the host's own calendar.
    pub time_zone: Tz,
}

/// Something that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventType {
    /// Cal.com event type id, unique in the world.
    pub id: u64,
    /// Name in links.
    pub slug: String,
    /// Name for people.
    pub title: String,
    /// Default length.
    pub length_in_minutes: u32,
    /// Lengths a caller may choose from; empty means only the default one.
    #[serde(default)]
    pub length_options: Vec<u32>,
    /// Minutes between two offered starts; the length when absent.
    #[serde(default)]
    pub slot_interval: Option<u32>,
    /// Who performs it, in order.
    pub host_ids: Vec<u64>,
    /// How hosts are chosen.
    #[serde(default)]
    pub scheduling: Scheduling,
    /// Zone of the opening hours.
    pub time_zone: Tz,
    /// Windows per weekday, local time: `{"mon": [["08:00","18:00"]]}`.
    pub opening_hours: BTreeMap<Weekday, Vec<Window>>,
    /// New bookings stay `pending` until the host confirms.
    #[serde(default)]
    pub requires_confirmation: bool,
    /// Places per slot for seated types.
    #[serde(default)]
    pub seats: Option<u32>,
    /// Earliest start, in minutes from now.
    #[serde(default)]
    pub minimum_booking_notice: u32,
    /// Minutes the host needs before.
    #[serde(default)]
    pub before_event_buffer: u32,
    /// Minutes the host needs after.
    #[serde(default)]
    pub after_event_buffer: u32,
}

/// How an event type picks its hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduling {
    /// One host, always the same.
    #[default]
    Personal,
    /// One free host: least recently assigned first, then by id.
    RoundRobin,
    /// All hosts together.
    Collective,
}

impl EventType {
    /// Whether the type belongs to a team rather than to one person.
    pub(crate) fn is_team(&self) -> bool {
        self.scheduling != Scheduling::Personal
    }
}

impl Account {
    pub(crate) fn host(&self, id: u64) -> Option<&Host> {
        self.hosts.iter().find(|host| host.id == id)
    }

    /// The person the key belongs to.
    pub(crate) fn owner(&self) -> &Host {
        self.hosts
            .first()
            .expect("a validated account has at least one host")
    }
}

impl World {
    /// The demo tenant: key `cal_test_15` with Anna Berg and Ben Vogt (event types 2563193 of
    /// 60 minutes and 2563194 of 15 minutes, round robin, Europe/Berlin, Monday to Friday 08:00 to
    /// 18:00) and key `cal_test_20` with one host and event type 2563299 of 30 minutes.
    #[must_use]
    pub fn demo() -> Self {
        demo::world()
    }

    /// Checks what the types cannot: ids are unique, every event type has hosts that exist.
    ///
    /// # Errors
    /// One sentence that names the first thing that is wrong.
    pub fn validate(&self) -> Result<(), String> {
        let mut keys = HashSet::new();
        let mut hosts = HashSet::new();
        let mut event_types = HashSet::new();
        for account in &self.accounts {
            if account.api_key.is_empty() || !keys.insert(&account.api_key) {
                return Err(format!(
                    "the API key {:?} is empty or used by two accounts",
                    account.api_key
                ));
            }
            if account.hosts.is_empty() {
                return Err(format!("account {:?} has no hosts", account.api_key));
            }
            for host in &account.hosts {
                if !hosts.insert(host.id) {
                    return Err(format!("host id {} is used twice", host.id));
                }
            }
            for event_type in &account.event_types {
                if !event_types.insert(event_type.id) {
                    return Err(format!("event type id {} is used twice", event_type.id));
                }
                event_type.validate(account)?;
            }
        }
        Ok(())
    }

    pub(crate) fn account(&self, api_key: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|account| account.api_key == api_key)
    }

    pub(crate) fn event_type(&self, id: u64) -> Option<(&Account, &EventType)> {
        self.event_types()
            .find(|(_, event_type)| event_type.id == id)
    }

    pub(crate) fn event_types(&self) -> impl Iterator<Item = (&Account, &EventType)> {
        self.accounts.iter().flat_map(|account| {
            account
                .event_types
                .iter()
                .map(move |event_type| (account, event_type))
        })
    }

    pub(crate) fn host(&self, id: u64) -> Option<&Host> {
        self.accounts.iter().find_map(|account| account.host(id))
    }
}

impl EventType {
    fn validate(&self, account: &Account) -> Result<(), String> {
        let id = self.id;
        if self.length_in_minutes == 0 || self.slot_interval == Some(0) || self.seats == Some(0) {
            return Err(format!(
                "event type {id}: length, slot_interval and seats must be above 0"
            ));
        }
        if self.host_ids.is_empty() {
            return Err(format!("event type {id} has no host_ids"));
        }
        if self.scheduling == Scheduling::Personal && self.host_ids.len() > 1 {
            return Err(format!(
                "event type {id} is personal but has several host_ids"
            ));
        }
        match self
            .host_ids
            .iter()
            .find(|host| account.host(**host).is_none())
        {
            Some(host) => Err(format!(
                "event type {id} names host {host}, unknown to its account"
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_world_is_valid_and_travels_as_json() {
        let world = World::demo();
        world.validate().unwrap();
        let text = serde_json::to_string(&world).unwrap();
        assert_eq!(serde_json::from_str::<World>(&text).unwrap(), world);
        assert_eq!(world.event_type(2_563_193).unwrap().1.host_ids, [501, 502]);
        assert_eq!(
            world.event_type(2_563_299).unwrap().0.api_key,
            "cal_test_20"
        );
    }

    #[test]
    fn mistakes_are_named() {
        let mut world = World::demo();
        world.accounts[0].event_types[0].host_ids = vec![9];
        assert!(world.validate().unwrap_err().contains("names host 9"));
        let mut world = World::demo();
        world.accounts[1].api_key = "cal_test_15".to_owned();
        assert!(
            world
                .validate()
                .unwrap_err()
                .contains("used by two accounts")
        );
        assert!(serde_json::from_str::<World>(r#"{"acounts":[]}"#).is_err());
    }
}
