//! `GET /v2/event-types` and `GET /v2/event-types/{id}`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::fields::Fields;
use super::{Call, Reply};
use crate::error::ApiError;
use crate::sim::Sim;
use crate::world::{Account, EventType, Scheduling};

/// With a user name: that user's types; with only a key: all types of the account.
pub(super) fn list(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let mut fields = Fields::from_query(&call.query);
    let username = fields.string("username");
    let slug = fields.string("eventSlug");
    if slug.is_some() && username.is_none() {
        return Err(ApiError::bad_request(
            "eventSlug can only be used together with username.",
        ));
    }
    let world = sim.world();
    let is_of = |account: &Account, event_type: &EventType| match &username {
        None => call.account.as_deref() == Some(account.api_key.as_str()),
        Some(name) => event_type
            .host_ids
            .iter()
            .filter_map(|id| account.host(*id))
            .any(|host| host.username == *name),
    };
    let found: Vec<Value> = world
        .event_types()
        .filter(|(account, event_type)| is_of(account, event_type))
        .filter(|(_, event_type)| slug.as_ref().is_none_or(|slug| *slug == event_type.slug))
        .map(|(account, event_type)| to_json(account, event_type))
        .collect();
    Ok(Reply::ok(json!(found)))
}

pub(super) fn get(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let key = call.account()?;
    let world = sim.world();
    let found = call.id.parse().ok().and_then(|id| world.event_type(id));
    match found.filter(|(account, _)| account.api_key == key) {
        Some((account, event_type)) => Ok(Reply::ok(to_json(account, event_type))),
        None => Err(ApiError::not_found(format!(
            "Event type with id {} not found",
            call.id
        ))),
    }
}

fn to_json(account: &Account, event_type: &EventType) -> Value {
    let owner = account.owner();
    let mut data = json!({
        "id": event_type.id,
        "slug": event_type.slug,
        "title": event_type.title,
        "description": "",
        "lengthInMinutes": event_type.length_in_minutes,
        "locations": [{"type": "integration", "integration": "cal-video"}],
        "bookingFields": booking_fields(),
        "disableGuests": false,
        "slotInterval": event_type.slot_interval,
        "minimumBookingNotice": event_type.minimum_booking_notice,
        "beforeEventBuffer": event_type.before_event_buffer,
        "afterEventBuffer": event_type.after_event_buffer,
        "recurrence": null,
        "metadata": {},
        "price": 0,
        "currency": "usd",
        "lockTimeZoneToggleOnBookingPage": false,
        "forwardParamsSuccessRedirect": null,
        "successRedirectUrl": null,
        "isInstantEvent": false,
        "scheduleId": null,
        "hidden": false,
        "bookingRequiresAuthentication": false,
        "confirmationPolicy": confirmation(event_type),
        "seats": seats(event_type),
        "ownerId": owner.id,
        "users": people(account, event_type, "id"),
        "bookingUrl": format!("https://cal.com/{}/{}", owner.username, event_type.slug),
    });
    if !event_type.length_options.is_empty() {
        data["lengthInMinutesOptions"] = json!(event_type.length_options);
    }
    if event_type.is_team() {
        data["schedulingType"] = json!(match event_type.scheduling {
            Scheduling::Collective => "collective",
            _ => "roundRobin",
        });
        data["hosts"] = people(account, event_type, "userId");
        data["teamId"] = json!(1);
    }
    data
}

fn booking_fields() -> Value {
    json!([
        {"type": "name", "slug": "name", "required": true, "isDefault": true},
        {"type": "email", "slug": "email", "required": false, "isDefault": true},
        {"type": "phone", "slug": "attendeePhoneNumber", "required": false, "isDefault": true},
        {"type": "textarea", "slug": "notes", "required": false, "isDefault": true},
    ])
}

fn confirmation(event_type: &EventType) -> Value {
    if event_type.requires_confirmation {
        json!({"type": "always", "blockUnconfirmedBookingsInBooker": false})
    } else {
        json!({"disabled": true})
    }
}

fn seats(event_type: &EventType) -> Value {
    match event_type.seats {
        Some(seats) => json!({"seatsPerTimeSlot": seats, "showAttendeeInfo": true,
            "showAvailabilityCount": true}),
        None => json!({"disabled": true}),
    }
}

fn people(account: &Account, event_type: &EventType, id_name: &str) -> Value {
    let hosts = event_type
        .host_ids
        .iter()
        .filter_map(|id| account.host(*id));
    hosts
        .map(|host| {
            json!({id_name: host.id, "name": host.name, "username": host.username,
                "email": host.email, "avatarUrl": null})
        })
        .collect()
}
