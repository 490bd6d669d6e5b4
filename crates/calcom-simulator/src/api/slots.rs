//! `GET /v2/slots`.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::{Call, Reply, event_type_by_slug};
use crate::error::ApiError;
use crate::format::in_zone_ms;
use crate::sim::Sim;
use crate::slots::{Search, Slot, free};
use crate::store::Span;
use crate::store::availability::View;
use crate::world::World;

/// Longer windows are cut; the real service answers such queries with an error or a timeout.
const LONGEST_WINDOW_DAYS: i64 = 400;

const COMMON: [&str; 6] = [
    "start",
    "end",
    "timeZone",
    "duration",
    "format",
    "bookingUidToReschedule",
];

/// A query that was understood.
struct Query {
    event_type_id: u64,
    window: Span,
    zone: Tz,
    minutes: Option<u32>,
    with_end: bool,
    moving: Option<String>,
}

pub(super) fn list(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let now = sim.now();
    let effects = &call.effects;
    let query = parse(&sim.world(), &call.query)?;
    if effects.empty_slots {
        return Ok(Reply::ok(json!({})));
    }
    let mut window = query.window;
    if effects.slots_outside_range {
        window = window.padded(24 * 60, 24 * 60);
    }
    let lag = effects
        .slots_lag_seconds
        .map(|seconds| now - TimeDelta::seconds(i64::try_from(seconds.min(86_400)).unwrap_or(0)));
    let plain = lag.is_none() && !effects.slots_outside_range;
    let mut state = sim.state();
    let ttl = i64::try_from(state.world.settings.slots_cache_ms.min(3_600_000)).unwrap_or(0);
    if plain
        && let Some((made, data)) = state.slots_cache.get(&call.query)
        && now < *made + TimeDelta::milliseconds(ttl)
    {
        return Ok(Reply::ok(data.clone()));
    }
    let world = Arc::clone(&state.world);
    let (_, event_type) = world
        .event_type(query.event_type_id)
        .ok_or_else(|| ApiError::not_found("Event Type not found"))?;
    let view = View {
        ignore: query.moving.as_deref(),
        as_of: lag,
        holds_at: None,
    };
    let search = Search {
        window,
        minutes: query.minutes,
        view,
        now,
    };
    let data = by_day(&free(&state.store, &world, event_type, search), &query);
    if plain && ttl > 0 {
        state
            .slots_cache
            .insert(call.query.clone(), (now, data.clone()));
    }
    Ok(Reply::ok(data))
}

fn parse(world: &World, text: &str) -> Result<Query, ApiError> {
    let mut fields = Fields::from_query(text);
    let event_type_id = identify(world, &mut fields);
    for required in ["start", "end"] {
        if !fields.has(required) {
            fields.complain(
                required,
                "isDateString",
                "{} must be a valid ISO 8601 date string",
            );
        }
    }
    let start = fields.date_or_instant("start").unwrap_or_default();
    let end = fields.date_or_instant("end").unwrap_or_default();
    let zone = fields.zone("timeZone").unwrap_or(Tz::UTC);
    let minutes = fields.minutes("duration");
    let format = fields.string("format");
    if format
        .as_deref()
        .is_some_and(|format| format != "time" && format != "range")
    {
        fields.complain(
            "format",
            "isEnum",
            "{} must be one of the following values: range, time",
        );
    }
    let moving = fields.string("bookingUidToReschedule");
    fields.check()?;
    let event_type_id = event_type_id?;
    let window = Span {
        start,
        end: day_end(end).min(start + TimeDelta::days(LONGEST_WINDOW_DAYS)),
    };
    if window.end <= window.start {
        return Err(ApiError::bad_request(
            "Invalid time range given - check the 'start' and 'end' query parameters.",
        ));
    }
    // On types of a single length the duration only changes how `end` is written; close enough.
    let options = world
        .event_type(event_type_id)
        .map(|(_, found)| &found.length_options);
    let minutes = minutes.filter(|minutes| options.is_some_and(|all| all.contains(minutes)));
    let with_end = format.as_deref() == Some("range");
    Ok(Query {
        event_type_id,
        window,
        zone,
        minutes,
        with_end,
        moving,
    })
}

/// The event type, by exactly one of the four forms; keys of another form are unknown.
fn identify(world: &World, fields: &mut Fields) -> Result<u64, ApiError> {
    let form: &[&str] = if fields.has("eventTypeId") {
        &["eventTypeId"]
    } else if fields.has("usernames") {
        &["usernames", "organizationSlug"]
    } else if fields.has("teamSlug") {
        &["eventTypeSlug", "teamSlug", "organizationSlug"]
    } else {
        &["eventTypeSlug", "username", "organizationSlug"]
    };
    fields.only(&[form, &COMMON[..]].concat());
    if fields.has("eventTypeId") {
        return fields.integer("eventTypeId").ok_or_else(ApiError::internal);
    }
    if let Some(names) = fields.string("usernames") {
        if !names.contains(',') {
            return Err(ApiError::bad_request(
                "The array must contain at least 2 elements.",
            ));
        }
        return Err(ApiError::not_found(format!(
            "User with username {names} not found"
        )));
    }
    if let Some(team) = fields.string("teamSlug") {
        return Err(ApiError::not_found(format!(
            "Team with slug {team} not found"
        )));
    }
    let slug = fields.required_string("eventTypeSlug");
    let username = fields.required_string("username");
    if !world
        .accounts
        .iter()
        .flat_map(|one| &one.hosts)
        .any(|host| host.username == username)
    {
        return Err(ApiError::not_found(format!(
            "User with username {username} not found"
        )));
    }
    event_type_by_slug(world, &slug, &username)
        .ok_or_else(|| ApiError::not_found("Event Type not found"))
}

/// An end at midnight UTC, given as such or as a date, reaches to the end of that day.
fn day_end(end: DateTime<Utc>) -> DateTime<Utc> {
    if end.num_seconds_from_midnight() == 0 {
        end + TimeDelta::seconds(24 * 60 * 60 - 1)
    } else {
        end
    }
}

fn by_day(slots: &[Slot], query: &Query) -> Value {
    let mut days: Map<String, Value> = Map::new();
    for slot in slots {
        let day = slot
            .span
            .start
            .with_timezone(&query.zone)
            .format("%Y-%m-%d")
            .to_string();
        let entry = days.entry(day).or_insert_with(|| json!([]));
        if let Value::Array(list) = entry {
            list.push(entry_of(slot, query));
        }
    }
    Value::Object(days)
}

fn entry_of(slot: &Slot, query: &Query) -> Value {
    let mut entry = json!({"start": in_zone_ms(slot.span.start, query.zone)});
    if query.with_end {
        entry["end"] = json!(in_zone_ms(slot.span.end, query.zone));
    }
    if let Some(seats) = &slot.seats {
        entry["seatsBooked"] = json!(seats.booked);
        entry["seatsRemaining"] = json!(seats.total - seats.booked);
        entry["seatsTotal"] = json!(seats.total);
        if let Some(uid) = &seats.booking_uid {
            entry["bookingUid"] = json!(uid);
        }
    }
    entry
}
