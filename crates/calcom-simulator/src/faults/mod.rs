//! Faults on demand: rules that say what goes wrong, where and how often.

mod effects;

use std::sync::Mutex;

pub(crate) use effects::{Effects, Fail, Shape, WebhookEffects, seconds_of};
use serde_json::{Map, Value, json};

use crate::api::routes::Route;

/// Words of a rule that say when it applies.
const CONDITIONS: &[&str] = &["route", "account", "times", "skip"];

#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Rule>>);

/// One rule: conditions, and the faults it brings.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    /// `POST /v2/bookings`; every route when absent.
    route: Option<String>,
    /// API key; every account when absent.
    account: Option<String>,
    /// How often it still applies; for ever when absent.
    times: Option<u64>,
    /// How many matching calls pass unharmed first.
    skip: u64,
    used: u64,
    effects: Map<String, Value>,
}

impl Faults {
    /// Replaces all rules by what a control request says: one rule or a list of rules.
    pub(crate) fn replace(&self, request: &Value) -> Result<(), String> {
        let rules = match request {
            Value::Array(items) => items
                .iter()
                .map(Rule::read)
                .collect::<Result<Vec<_>, _>>()?,
            Value::Object(members) if members.is_empty() => Vec::new(),
            Value::Object(_) => vec![Rule::read(request)?],
            _ => return Err("faults are one rule (an object) or a list of rules".to_owned()),
        };
        *self.rules() = rules;
        Ok(())
    }

    /// Adds a rule to those in force.
    pub(crate) fn add(&self, request: &Value) -> Result<(), String> {
        let rule = Rule::read(request)?;
        self.rules().push(rule);
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.rules().clear();
    }

    /// All rules with how often each was used.
    pub(crate) fn to_json(&self) -> Value {
        self.rules().iter().map(Rule::to_json).collect()
    }

    /// The faults of one API call; counts the rules that bring them.
    pub(crate) fn take(&self, route: Route, account: Option<&str>) -> Effects {
        let name = route.name();
        let mut effects = Map::new();
        for rule in &mut *self.rules() {
            if rule.route.as_ref().is_some_and(|wanted| *wanted != name) || !rule.is_for(account) {
                continue;
            }
            let fitting: Vec<_> = rule
                .effects
                .iter()
                .filter(|(fault, _)| Effects::fits(fault, route))
                .map(|(fault, value)| (fault.clone(), value.clone()))
                .collect();
            if !fitting.is_empty() && rule.strike() {
                for (fault, value) in fitting {
                    effects.entry(fault).or_insert(value);
                }
            }
        }
        serde_json::from_value(Value::Object(effects)).expect("rules were checked when read")
    }

    /// The faults of one webhook delivery.
    pub(crate) fn take_webhook(&self, trigger: &str, account: &str) -> WebhookEffects {
        for rule in &mut *self.rules() {
            let Some(value) = rule.effects.get("webhooks") else {
                continue;
            };
            let effects: WebhookEffects =
                serde_json::from_value(value.clone()).expect("rules were checked when read");
            let other = effects
                .trigger
                .as_ref()
                .is_some_and(|wanted| wanted != trigger);
            if !other && rule.is_for(Some(account)) && rule.strike() {
                return effects;
            }
        }
        WebhookEffects::default()
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.0
            .lock()
            .expect("no code panics while it holds the faults")
    }
}

impl Rule {
    fn read(request: &Value) -> Result<Self, String> {
        let Value::Object(members) = request else {
            return Err("a fault rule is a JSON object".to_owned());
        };
        let mut effects = members.clone();
        effects.retain(|name, _| !CONDITIONS.contains(&name.as_str()));
        if let Some(unknown) = effects
            .keys()
            .find(|name| !Effects::NAMES.contains(&name.as_str()))
        {
            return Err(format!(
                "unknown fault {unknown:?}. Known faults: {}. Conditions: {}",
                Effects::NAMES.join(", "),
                CONDITIONS.join(", ")
            ));
        }
        if effects.is_empty() {
            return Err("the rule names no fault".to_owned());
        }
        if effects.contains_key("webhooks") && effects.len() > 1 {
            return Err(
                "\"webhooks\" needs a rule of its own: it counts deliveries, the other \
                        faults count calls"
                    .to_owned(),
            );
        }
        serde_json::from_value::<Effects>(Value::Object(effects.clone()))
            .map_err(|error| error.to_string())?;
        let route = text(members, "route")?;
        if let Some(route) = &route
            && !Route::names().contains(route)
        {
            let known = Route::names().join(", ");
            return Err(format!("unknown route {route:?}. Known routes: {known}"));
        }
        Ok(Self {
            route,
            account: text(members, "account")?,
            times: count(members, "times")?,
            skip: count(members, "skip")?.unwrap_or(0),
            used: 0,
            effects,
        })
    }

    fn is_for(&self, account: Option<&str>) -> bool {
        self.account.is_none() || self.account.as_deref() == account
    }

    /// Uses the rule once, if it has uses left and nothing to skip.
    fn strike(&mut self) -> bool {
        if self.times.is_some_and(|times| self.used >= times) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.used += 1;
        true
    }

    fn to_json(&self) -> Value {
        let mut members = self.effects.clone();
        for (name, value) in [("route", &self.route), ("account", &self.account)] {
            if let Some(value) = value {
                members.insert(name.to_owned(), json!(value));
            }
        }
        if let Some(times) = self.times {
            members.insert("times".to_owned(), json!(times));
        }
        if self.skip > 0 {
            members.insert("skip".to_owned(), json!(self.skip));
        }
        members.insert("used".to_owned(), json!(self.used));
        Value::Object(members)
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name:?} must be a string")),
    }
}

fn count(members: &Map<String, Value>, name: &str) -> Result<Option<u64>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(count) => Ok(Some(count)),
            None => Err(format!("{name:?} must be a whole number")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &Value) -> Faults {
        let faults = Faults::default();
        faults.replace(rules).unwrap();
        faults
    }

    #[test]
    fn unknown_names_are_refused_with_the_known_ones() {
        let error = Faults::default()
            .replace(&json!({"latency": 5}))
            .unwrap_err();
        assert!(error.contains("unknown fault \"latency\"") && error.contains("latency_ms"));
        let error = Faults::default()
            .replace(&json!({"route": "POST /bookings", "latency_ms": 5}))
            .unwrap_err();
        assert!(error.contains("POST /v2/bookings/{uid}/cancel"));
        let error = Faults::default()
            .replace(&json!({"webhooks": {"dropp": true}}))
            .unwrap_err();
        assert!(error.contains("drop"), "{error}");
    }

    #[test]
    fn rules_count_only_where_they_fit() {
        let faults = faults(&json!({"commit_then_500": true, "times": 1}));
        assert!(!faults.take(Route::Slots, None).commit_then_500);
        assert!(faults.take(Route::BookingCreate, None).commit_then_500);
        assert!(!faults.take(Route::BookingCreate, None).commit_then_500);
        assert_eq!(faults.to_json()[0]["used"], 1);
    }

    #[test]
    fn conditions_narrow_a_rule() {
        let faults = faults(&json!([
            {"route": "GET /v2/slots", "account": "a", "skip": 1, "empty_slots": true},
            {"latency_ms": 7},
        ]));
        assert!(!faults.take(Route::Slots, Some("b")).empty_slots);
        assert!(!faults.take(Route::Slots, Some("a")).empty_slots);
        let effects = faults.take(Route::Slots, Some("a"));
        assert!(effects.empty_slots);
        assert_eq!(effects.latency_ms, Some(7));
    }

    #[test]
    fn webhook_rules_follow_the_trigger() {
        let faults = faults(&json!([
            {"webhooks": {"drop": true, "trigger": "BOOKING_CANCELLED"}, "times": 1},
        ]));
        assert!(!faults.take_webhook("BOOKING_CREATED", "a").drop);
        assert!(faults.take_webhook("BOOKING_CANCELLED", "a").drop);
        assert!(!faults.take_webhook("BOOKING_CANCELLED", "a").drop);
    }
}
