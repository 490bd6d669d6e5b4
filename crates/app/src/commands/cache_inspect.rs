//! `cache inspect`: what a name means, what lies there, and whether it is believed.

use std::path::Path;

use anyhow::bail;
use booking_application::{Asker, Inspection};
use booking_domain::availability::{AvailabilityEntry, Fault, ScopePart, Stamp};
use booking_domain::cache_key::CacheKey;
use booking_domain::time::Span;
use serde_json::{Value, json};

use super::{needs_shared_caches, output, prepare};
use crate::cli::CacheInspectArgs;
use crate::wiring::build_for_command;

const FORMS: &str = "a name looks like calcom:slots:2563193:2025-10-13:2025-10-13 or like \
    cal_slots_15_9_2563193_2025-10-13-06_2025-10-13-07";

pub(crate) async fn run(file: Option<&Path>, args: &CacheInspectArgs) -> anyhow::Result<()> {
    let config = prepare(file)?;
    let text = args.key.strip_prefix(config.redis_prefix.as_str());
    let key: CacheKey = match text.unwrap_or(&args.key).parse() {
        Ok(key) => key,
        Err(error) => bail!("{error}; {FORMS}"),
    };
    let instead = "Ask the server for its figures: GET /api/v1/ops/cache";
    needs_shared_caches(&config, instead)?;
    let app = build_for_command(&config).await?;
    let found = app.inspect(key).await?;
    if args.json {
        output::json(&as_json(&found));
    } else {
        output::line(found.key.to_string());
        for (name, text) in rows(&found) {
            output::line(format!("  {name:<12}{text}"));
        }
    }
    Ok(())
}

const fn layer(key: &CacheKey) -> (&'static str, &'static str) {
    match key {
        CacheKey::Layer1(_) => ("calcom_slots", "1, day range"),
        CacheKey::Layer2(_) => ("alternative_slots", "2, hour window"),
    }
}

/// The lines for people.
fn rows(found: &Inspection) -> Vec<(&'static str, String)> {
    let (name, words) = layer(&found.key);
    let window = found.key.window();
    let mut rows = vec![("layer", format!("{words} ({name})"))];
    if let CacheKey::Layer2(key) = &found.key {
        let branch = key.branch.map_or("none".to_owned(), |id| id.to_string());
        rows.push(("company", key.company.to_string()));
        rows.push(("branch", branch));
    }
    rows.push(("event type", found.key.event_type().to_string()));
    let hours = window.span().as_minutes() / 60;
    let utc = format!("{} to {} ({hours} hours)", window.start(), window.end());
    rows.push(("window", utc));
    if let Some(Asker { setup, service, .. }) = &found.asker {
        let (company, zone) = (&setup.company, setup.company.time_zone);
        let (start, end) = (zone.rfc3339(window.start()), zone.rfc3339(window.end()));
        rows.push(("local", format!("{start} to {end} ({zone})")));
        let service = format!("{} \"{}\"", service.id, service.name);
        let company = format!("{} \"{}\"", company.id, company.name);
        rows.push((
            "asked by",
            format!("service {service} of company {company}"),
        ));
    }
    rows.extend(
        found
            .entry
            .iter()
            .flat_map(|entry| entry_rows(found, entry)),
    );
    let verdict = reasons(found).into_iter().map(|(_, text)| text);
    rows.push(match verdict.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => ("valid", "yes".to_owned()),
        reasons => ("valid", format!("no: {reasons}")),
    });
    rows
}

fn entry_rows(found: &Inspection, entry: &AvailabilityEntry) -> Vec<(&'static str, String)> {
    let (age, left) = ages(found, entry);
    let life = if left > Span::ZERO {
        format!("{} s left", left.as_seconds())
    } else {
        "none left".to_owned()
    };
    let mut rows = vec![
        ("slots", entry.slots.len().to_string()),
        (
            "fetched",
            format!("{}, {} s ago", entry.fetched_at, age.as_seconds()),
        ),
        ("life", life),
        ("stamp", stamp(&entry.stamp)),
    ];
    if let Some(asker) = &found.asker {
        rows.push(("current", stamp(&asker.current)));
    }
    if let Some(matches) = account_matches(found) {
        let text = if matches { "the company's" } else { "another" };
        rows.push(("account", text.to_owned()));
    }
    rows
}

fn ages(found: &Inspection, entry: &AvailabilityEntry) -> (Span, Span) {
    let left = entry.expires_at.since(found.at);
    (found.at.since(entry.fetched_at), left)
}

fn stamp(stamp: &Stamp) -> String {
    format!("{} (epoch {})", stamp.sum, stamp.epoch)
}

fn account_matches(found: &Inspection) -> Option<bool> {
    let wanted = found.asker.as_ref()?.wanted.as_ref()?;
    Some(found.entry.as_ref()?.scope.account == wanted.account)
}

/// Why it is not believed: a word and a sentence each; none if it is.
fn reasons(found: &Inspection) -> Vec<(&'static str, String)> {
    let mut reasons = Vec::new();
    match &found.asker {
        None => reasons.push(("unasked", "no service asks for this window".to_owned())),
        Some(asker) if asker.wanted.is_none() => {
            let text = "the company has no Cal.com account".to_owned();
            reasons.push(("no_account", text));
        }
        Some(_) => {}
    }
    match &found.entry {
        None => {
            let text = "there is no entry, or none that this version can read".to_owned();
            reasons.push(("absent", text));
        }
        Some(entry) => {
            let faults = found.faults.iter();
            reasons.extend(faults.map(|fault| (fault.as_str(), sentence(fault, found, entry))));
        }
    }
    reasons
}

fn sentence(fault: &Fault, found: &Inspection, entry: &AvailabilityEntry) -> String {
    let scope = &entry.scope;
    match fault {
        Fault::Format(form) => format!(
            "it is in form {form}, this version reads form {}",
            AvailabilityEntry::FORMAT
        ),
        Fault::Scope(ScopePart::Company) => format!("it is of company {}", scope.company),
        Fault::Scope(ScopePart::EventType) => format!("it is of event type {}", scope.event_type),
        Fault::Scope(ScopePart::Group) => {
            let now = found.asker.as_ref().map(|asker| asker.service.group);
            let now = now.map_or(String::new(), |group| format!(", now it is {group}"));
            format!("its service was in group {}{now}", scope.group)
        }
        Fault::Scope(ScopePart::Account) => {
            "it was fetched from another Cal.com account, or with another key".to_owned()
        }
        Fault::Scope(ScopePart::Duration) => {
            format!("its slots take {} minutes", scope.duration_minutes)
        }
        Fault::Scope(ScopePart::Window) => {
            let (start, end) = (scope.window.start(), scope.window.end());
            format!("it covers {start} to {end}")
        }
        Fault::Epoch => {
            "versions are numbered anew since it was fetched (a restore or a failover)".to_owned()
        }
        Fault::Changed(1) => "1 change of its days since it was fetched".to_owned(),
        Fault::Changed(by) if *by > 0 => format!("{by} changes of its days since it was fetched"),
        Fault::Changed(by) => format!("it has seen {} changes that the store has not", -by),
        Fault::Expired(since) => format!("it expired {} s ago", since.as_seconds()),
    }
}

fn as_json(found: &Inspection) -> Value {
    let window = found.key.window();
    let asker = found.asker.as_ref().map(|Asker { setup, service, .. }| {
        let zone = setup.company.time_zone;
        json!({
            "company_id": setup.company.id, "company": setup.company.name,
            "service_id": service.id, "service": service.name, "time_zone": zone,
            "start": zone.rfc3339(window.start()), "end": zone.rfc3339(window.end()),
        })
    });
    let named = match &found.key {
        CacheKey::Layer1(_) => json!({}),
        CacheKey::Layer2(key) => json!({"company_id": key.company, "branch_id": key.branch}),
    };
    let entry = found.entry.as_ref().map(|entry| {
        let (age, left) = ages(found, entry);
        json!({
            "slots": entry.slots.len(), "fetched_at": entry.fetched_at,
            "age_seconds": age.as_seconds(), "expires_at": entry.expires_at,
            "life_left_seconds": left.as_seconds().max(0), "stamp": entry.stamp,
            "account_matches": account_matches(found),
        })
    });
    let reasons: Vec<_> = reasons(found)
        .into_iter()
        .map(|(code, detail)| json!({"code": code, "detail": detail}))
        .collect();
    json!({
        "key": found.key, "layer": layer(&found.key).0, "named": named,
        "event_type_id": found.key.event_type(),
        "window": {"start": window.start(), "end": window.end()},
        "asked_by": asker, "entry": entry,
        "current_stamp": found.asker.as_ref().map(|asker| asker.current),
        "valid": found.is_valid(), "reasons": reasons,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use booking_domain::availability::EntryScope;
    use booking_domain::ids::{CompanyId, EpochId, EventTypeId, GroupId};
    use booking_domain::time::Instant;

    fn found() -> Inspection {
        let key: CacheKey = "calcom:slots:7:2025-10-13:2025-10-13"
            .parse()
            .expect("a key");
        let at: Instant = "2025-10-13T12:00:00Z".parse().expect("an instant");
        let epoch = EpochId::new(Default::default());
        let scope = EntryScope {
            company: CompanyId::new(15),
            event_type: EventTypeId::new(7),
            group: GroupId::new(3),
            account: "a".to_owned(),
            duration_minutes: 45,
            window: key.window(),
        };
        let entry = AvailabilityEntry {
            format: 2,
            scope,
            stamp: Stamp { epoch, sum: 7 },
            fetched_at: at - Span::seconds(70),
            expires_at: at - Span::seconds(10),
            slots: vec![],
        };
        Inspection {
            key,
            at,
            asker: None,
            entry: Some(entry),
            faults: vec![],
        }
    }

    /// Red when a reason loses its measure, or one change is told as many.
    #[test]
    fn every_fault_has_a_sentence_with_its_measure() {
        let found = found();
        let entry = found.entry.as_ref().expect("an entry");
        for (fault, words) in [
            (Fault::Format(2), "in form 2, this version reads form 1"),
            (Fault::Scope(ScopePart::Company), "of company 15"),
            (Fault::Scope(ScopePart::EventType), "of event type 7"),
            (Fault::Scope(ScopePart::Group), "in group 3"),
            (Fault::Scope(ScopePart::Account), "another Cal.com account"),
            (Fault::Scope(ScopePart::Duration), "take 45 minutes"),
            (Fault::Scope(ScopePart::Window), "2025-10-13T00:00:00Z to"),
            (Fault::Epoch, "numbered anew"),
            (Fault::Changed(1), "1 change of its days"),
            (Fault::Changed(2), "2 changes of its days"),
            (Fault::Changed(-3), "seen 3 changes that the store has not"),
            (Fault::Expired(Span::seconds(10)), "expired 10 s ago"),
        ] {
            let told = sentence(&fault, &found, entry);
            assert!(told.contains(words), "{fault:?}: {told}");
        }
    }

    /// Red when an entry that nobody asks for reads as valid, or a life that is over as one left.
    #[test]
    fn what_nobody_asks_for_is_not_valid() {
        let found = found();
        let rows = rows(&found);
        let valid = rows.last().expect("rows");
        assert_eq!(
            *valid,
            ("valid", "no: no service asks for this window".to_owned())
        );
        assert!(rows.contains(&("life", "none left".to_owned())), "{rows:?}");
        assert!(rows.contains(&("fetched", "2025-10-13T11:58:50Z, 70 s ago".to_owned())));
        assert_eq!(as_json(&found)["valid"], false);
    }
}
