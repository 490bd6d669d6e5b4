//! Reads the body of a new booking.

use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::event_type_by_slug;
use super::fields::Fields;
use crate::contact::{is_email, is_phone, placeholder_email};
use crate::error::ApiError;
use crate::store::create::NewBooking;
use crate::store::{Attendee, Origin};
use crate::world::World;

const KNOWN: &[&str] = &[
    "start",
    "attendee",
    "eventTypeId",
    "eventTypeSlug",
    "username",
    "teamSlug",
    "organizationSlug",
    "bookingFieldsResponses",
    "guests",
    "location",
    "meetingUrl",
    "metadata",
    "lengthInMinutes",
    "routing",
    "emailVerificationCode",
    "recurrenceCount",
    "instant",
    "allowConflicts",
    "allowBookingOutOfBounds",
    "skipBookingLimits",
];

/// A new booking, and whether the caller asks for conflicts to be allowed.
pub(super) struct Input {
    pub(super) new: NewBooking,
    pub(super) allow_conflicts: bool,
}

pub(super) fn parse(world: &World, body: &[u8]) -> Result<Input, ApiError> {
    let mut fields = Fields::from_body(body)?;
    fields.only(KNOWN);
    if !fields.has("start") {
        fields.complain(
            "start",
            "isDateString",
            "{} must be a valid ISO 8601 date string",
        );
    }
    let start = fields.instant("start").unwrap_or_default();
    let attendee = attendee(&mut fields);
    let metadata = metadata(&mut fields);
    let location = location(&mut fields);
    let guests = fields.strings("guests").unwrap_or_default();
    let responses = fields.object("bookingFieldsResponses").unwrap_or_default();
    let length = fields.minutes("lengthInMinutes");
    let wanted_hosts = routing(&mut fields);
    let allow_conflicts = fields.boolean("allowConflicts").unwrap_or(false);
    for flag in ["allowBookingOutOfBounds", "skipBookingLimits", "instant"] {
        fields.boolean(flag);
    }
    let recurring = fields.has("recurrenceCount");
    let event_type_id = identify(world, &mut fields);
    fields.check()?;
    if recurring {
        return Err(ApiError::bad_request(
            "Can't specify 'recurrenceCount' because event type is not recurring.",
        ));
    }
    let (attendee, event_type_id) = (attendee.ok_or_else(ApiError::internal)?, event_type_id?);
    let new = NewBooking {
        event_type_id,
        start,
        length,
        attendee,
        guests,
        metadata,
        responses,
        location,
        wanted_hosts,
        origin: Origin::Api,
    };
    Ok(Input {
        new,
        allow_conflicts,
    })
}

fn identify(world: &World, fields: &mut Fields) -> Result<u64, ApiError> {
    if fields.has("eventTypeId") {
        return fields.integer("eventTypeId").ok_or_else(ApiError::internal);
    }
    if !fields.has("eventTypeSlug") {
        fields.complain("eventTypeId", "isInt", "{} must be an integer number");
        return Err(ApiError::internal());
    }
    let slug = fields.required_string("eventTypeSlug");
    if let Some(team) = fields.string("teamSlug") {
        return Err(ApiError::not_found(format!(
            "Team with slug {team} not found"
        )));
    }
    let username = fields.required_string("username");
    event_type_by_slug(world, &slug, &username).ok_or_else(|| {
        ApiError::not_found(format!(
            "Event type with slug {slug} belonging to user {username} not found."
        ))
    })
}

fn attendee(fields: &mut Fields) -> Option<Attendee> {
    let Some(members) = fields.object("attendee") else {
        if !fields.has("attendee") {
            fields.complain("attendee", "isDefined", "{} must be an object");
        }
        return None;
    };
    let mut inner = Fields::nested(members, "attendee.");
    inner.only(&["name", "email", "timeZone", "phoneNumber", "language"]);
    let name = inner.required_string("name");
    if !inner.has("timeZone") {
        inner.complain(
            "timeZone",
            "isTimeZone",
            "{} must be a valid IANA time-zone",
        );
    }
    let time_zone = inner.zone("timeZone").unwrap_or(Tz::UTC);
    let phone = inner.string("phoneNumber");
    let email = inner.string("email");
    let language = inner.string("language").unwrap_or_else(|| "en".to_owned());
    if phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
        inner.complain(
            "phoneNumber",
            "isPhoneNumber",
            "{} must be a valid phone number",
        );
    }
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        inner.complain("email", "isEmail", "{} must be an email");
    }
    if email.is_none() && phone.is_none() {
        inner.complain("email", "isEmail", "{} must be given unless phoneNumber is");
    }
    fields.absorb(inner);
    let email = email
        .or_else(|| phone.as_deref().map(placeholder_email))
        .unwrap_or_default();
    Some(Attendee {
        name,
        email,
        phone,
        time_zone,
        language,
        absent: false,
        seat_uid: None,
    })
}

/// At most 50 keys of at most 40 characters; values are short texts, numbers or booleans.
fn metadata(fields: &mut Fields) -> Map<String, Value> {
    let metadata = fields.object("metadata").unwrap_or_default();
    if metadata.len() > 50 {
        fields.complain("metadata", "maxKeys", "{} must have at most 50 keys");
    }
    if metadata.keys().any(|key| key.chars().count() > 40) {
        fields.complain(
            "metadata",
            "maxKeyLength",
            "{} keys must be at most 40 characters long",
        );
    }
    let fits = |value: &Value| match value {
        Value::String(text) => text.chars().count() <= 500,
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    if !metadata.values().all(fits) {
        let text = "{} values must be strings of at most 500 characters, numbers or booleans";
        fields.complain("metadata", "values", text);
    }
    metadata
}

/// The place as text; `None` is the default video room.
fn location(fields: &mut Fields) -> Option<String> {
    let mut inner = Fields::nested(fields.object("location")?, "location.");
    inner.only(&["type", "address", "location", "phone", "integration"]);
    let place = match inner.required_string("type").as_str() {
        "address" => Some("At the host's address".to_owned()),
        "attendeeAddress" => Some(inner.required_string("address")),
        "attendeeDefined" => Some(inner.required_string("location")),
        "attendeePhone" => Some(inner.required_string("phone")),
        "phone" => Some("The host's phone".to_owned()),
        "integration" => {
            inner.required_string("integration");
            None
        }
        "link" | "organizersDefaultApp" => None,
        _ => {
            inner.complain("type", "isEnum", "{} is not offered by the event type");
            None
        }
    };
    fields.absorb(inner);
    place
}

/// The hosts that team routing allows.
fn routing(fields: &mut Fields) -> Vec<u64> {
    let Some(members) = fields.object("routing") else {
        return Vec::new();
    };
    let mut inner = Fields::nested(members, "routing.");
    let ids = inner.array("teamMemberIds").unwrap_or_default();
    let hosts: Option<Vec<u64>> = ids.iter().map(Value::as_u64).collect();
    if hosts.is_none() {
        inner.complain(
            "teamMemberIds",
            "isInt",
            "each value in {} must be an integer number",
        );
    }
    fields.absorb(inner);
    hosts.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(body: &str) -> String {
        match parse(&World::demo(), body.as_bytes()) {
            Ok(_) => String::new(),
            Err(error) => error.message().to_owned(),
        }
    }

    #[test]
    fn a_full_body_is_understood() {
        let body = r#"{"start":"2030-03-12T15:00:00Z","eventTypeId":2563193,
            "attendee":{"name":"Tomas","phoneNumber":"+491701234567","timeZone":"Europe/Berlin"},
            "metadata":{"gw_booking":"x","n":1},"location":null}"#;
        let input = parse(&World::demo(), body.as_bytes()).unwrap();
        assert_eq!(input.new.attendee.email, "491701234567@sms.cal.com");
        assert_eq!(input.new.metadata["n"], 1);
        assert!(!input.allow_conflicts);
    }

    #[test]
    fn complaints_name_the_property() {
        let start = r#""start":"2030-03-12T15:00:00Z","eventTypeId":2563193"#;
        let who = r#""attendee":{"name":"T","email":"t@mail.example","timeZone":"Europe/Berlin"}"#;
        assert_eq!(complaint(&format!("{{{start},{who}}}")), "");
        assert!(complaint(&format!("{{{start},{who},\"note\":1}}")).contains("note should not"));
        assert!(complaint(&format!("{{{start}}}")).contains("attendee property is wrong"));
        let nested = format!(r#"{{{start},{who},"metadata":{{"a":{{}}}}}}"#);
        assert!(complaint(&nested).contains("metadata"));
        let phone = who.replace("t@mail.example", "no address");
        assert!(complaint(&format!("{{{start},{phone}}}")).contains("attendee.email"));
    }
}
