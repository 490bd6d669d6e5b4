//! `GET /v2/bookings` in both pagings, and `GET /v2/bookings/{uid}`.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::fields::Fields;
use super::refusals::{Operation, explain};
use super::{Call, Reply, output};
use crate::error::ApiError;
use crate::sim::Sim;
use crate::store::{Booking, Refusal, Status};

const STATUSES: [&str; 5] = ["upcoming", "recurring", "past", "cancelled", "unconfirmed"];

pub(super) fn get(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let state = sim.state();
    match state.store.get(&call.id) {
        Some(booking) => Ok(Reply::ok(output::booking(&state.world, booking))),
        None => Err(explain(
            Refusal::NoSuchBooking(call.id.clone()),
            Operation::Read,
        )),
    }
}

/// What a row has to be. All bounds are inclusive; unknown keys of the query are ignored.
#[derive(Default)]
struct Filter {
    statuses: Vec<String>,
    email: Option<String>,
    name: Option<String>,
    uid: Option<String>,
    event_types: Option<Vec<u64>>,
    start_from: Option<DateTime<Utc>>,
    end_to: Option<DateTime<Utc>>,
    created: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    updated: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

pub(super) fn list(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = listing_account(call)?;
    let by_cursor = call.version == "2026-05-01";
    let mut fields = Fields::from_query(&call.query);
    let filter = filter(&mut fields, by_cursor);
    let page = if by_cursor {
        Page::cursor(&mut fields)
    } else {
        Page::offset(&mut fields)
    };
    let sort = if by_cursor { None } else { sort(&mut fields) };
    fields.check_globally()?;
    let now = sim.now();
    let state = sim.state();
    let mut rows: Vec<&Booking> = state
        .store
        .bookings()
        .iter()
        .filter(|booking| booking.account == account && filter.accepts(booking, now))
        .collect();
    order(&mut rows, &filter, sort, by_cursor);
    let (shown, pagination) = page.cut(&rows);
    let data: Vec<Value> = shown
        .iter()
        .map(|booking| output::booking(&state.world, booking))
        .collect();
    let body = json!({"status": "success", "data": data, "pagination": pagination});
    Ok(Reply {
        status: StatusCode::OK,
        body,
    })
}

/// The old version of the operation: no filter is known, everything comes back.
pub(super) fn legacy(sim: &Arc<Sim>, call: &Call) -> Result<Reply, ApiError> {
    let account = listing_account(call)?;
    let state = sim.state();
    let own = state
        .store
        .bookings()
        .iter()
        .filter(|booking| booking.account == account);
    let bookings: Vec<Value> = own
        .map(|booking| output::booking(&state.world, booking))
        .collect();
    Ok(Reply::ok(
        json!({"bookings": bookings, "recurringInfo": [], "nextCursor": null}),
    ))
}

fn listing_account(call: &Call) -> Result<&str, ApiError> {
    call.account.as_deref().ok_or_else(|| {
        ApiError::exception(
            StatusCode::FORBIDDEN,
            "PermissionsGuard - no authentication provided. Provide an api key or an access token.",
        )
    })
}

fn filter(fields: &mut Fields, by_cursor: bool) -> Filter {
    let statuses: Vec<String> = fields
        .string("status")
        .map(|text| text.split(',').map(|one| one.trim().to_owned()).collect())
        .unwrap_or_default();
    if statuses
        .iter()
        .any(|status| !STATUSES.contains(&status.as_str()))
        || (by_cursor && statuses.len() > 1)
    {
        let text = "Invalid {}. Allowed are upcoming, recurring, past, cancelled, unconfirmed";
        fields.complain("status", "isIn", text);
    }
    let several = fields.string("eventTypeIds").map(|text| {
        text.split(',')
            .filter_map(|one| one.trim().parse().ok())
            .collect::<Vec<u64>>()
    });
    Filter {
        statuses,
        email: fields
            .string("attendeeEmail")
            .map(|email| email.replace(' ', "+")),
        name: fields.string("attendeeName"),
        uid: fields.string("bookingUid"),
        event_types: several.or_else(|| fields.integer("eventTypeId").map(|one| vec![one])),
        start_from: fields.date_or_instant("afterStart"),
        end_to: fields.date_or_instant("beforeEnd"),
        created: (
            fields.date_or_instant("afterCreatedAt"),
            fields.date_or_instant("beforeCreatedAt"),
        ),
        updated: (
            fields.date_or_instant("afterUpdatedAt"),
            fields.date_or_instant("beforeUpdatedAt"),
        ),
    }
}

impl Filter {
    fn accepts(&self, booking: &Booking, now: DateTime<Utc>) -> bool {
        let within = |value: Option<DateTime<Utc>>, (from, to): (Option<_>, Option<_>)| match value
        {
            _ if from.is_none() && to.is_none() => true,
            None => false,
            Some(value) => from.is_none_or(|from| value >= from) && to.is_none_or(|to| value <= to),
        };
        (self.statuses.is_empty() || self.statuses.iter().any(|one| is(booking, one, now)))
            && self.uid.as_ref().is_none_or(|uid| *uid == booking.uid)
            && self.event_types.as_ref().is_none_or(|ids| ids.contains(&booking.event_type_id))
            && self.email.as_ref().is_none_or(|email| {
                booking.attendees.iter().any(|attendee| attendee.email == *email)
            })
            && self.name.as_ref().is_none_or(|name| {
                booking.attendees.iter().any(|attendee| attendee.name == *name)
            })
            && self.start_from.is_none_or(|from| booking.span.start >= from)
            && self.end_to.is_none_or(|to| booking.span.end <= to)
            && within(Some(booking.created_at), self.created)
            // An untouched row was last changed when it was made.
            && within(Some(booking.updated_at.unwrap_or(booking.created_at)), self.updated)
    }

    /// Which way the list runs when the caller does not say.
    fn descends(&self, by_cursor: bool) -> bool {
        match self.statuses.as_slice() {
            [one] => one == "past" || one == "cancelled",
            [] => by_cursor,
            _ => false,
        }
    }
}

fn is(booking: &Booking, status: &str, now: DateTime<Utc>) -> bool {
    let live = booking.status.is_live();
    match status {
        "upcoming" => live && booking.span.end >= now,
        "past" => live && booking.span.end <= now,
        "cancelled" => !live,
        "unconfirmed" => booking.status == Status::Pending && booking.span.end >= now,
        _ => false,
    }
}

type Key = fn(&Booking) -> DateTime<Utc>;
/// What to sort by, and whether it descends.
type Sort = (Key, bool);

/// The first sort key in Cal.com's order of precedence; the others are ignored.
fn sort(fields: &mut Fields) -> Option<Sort> {
    let keys: [(&str, Key); 4] = [
        ("sortStart", |booking| booking.span.start),
        ("sortEnd", |booking| booking.span.end),
        ("sortCreated", |booking| booking.created_at),
        ("sortUpdatedAt", |booking| {
            booking.updated_at.unwrap_or(booking.created_at)
        }),
    ];
    let (name, key) = keys.into_iter().find(|(name, _)| fields.has(name))?;
    match fields.string(name).as_deref() {
        Some("asc") => Some((key, false)),
        Some("desc") => Some((key, true)),
        _ => {
            fields.complain(name, "isIn", "{} must be asc or desc");
            None
        }
    }
}

fn order(rows: &mut [&Booking], filter: &Filter, sort: Option<Sort>, by_cursor: bool) {
    let (key, descending): Sort =
        sort.unwrap_or((|booking| booking.span.start, filter.descends(by_cursor)));
    rows.sort_by(|one, other| {
        let ordering = key(one).cmp(&key(other)).then(one.id.cmp(&other.id));
        if descending {
            ordering.reverse()
        } else {
            ordering
        }
    });
}

/// Which part of the rows the caller wants.
enum Page {
    Offset { take: usize, skip: usize },
    Cursor { limit: usize, after: Option<String> },
}

impl Page {
    fn offset(fields: &mut Fields) -> Self {
        let take = bounded(fields, "take", (1, 250), 100);
        Self::Offset {
            take,
            skip: bounded(fields, "skip", (0, 1_000_000), 0),
        }
    }

    fn cursor(fields: &mut Fields) -> Self {
        let limit = bounded(fields, "limit", (1, 100), 50);
        let given = fields.string("cursor");
        let after = given.as_deref().and_then(read_cursor);
        if given.is_some() && after.is_none() {
            fields.complain("cursor", "isString", "{} is not valid");
        }
        Self::Cursor { limit, after }
    }

    fn cut<'a>(&self, rows: &[&'a Booking]) -> (Vec<&'a Booking>, Value) {
        match self {
            Self::Offset { take, skip } => {
                let shown = rows.iter().skip(*skip).take(*take).copied().collect();
                (shown, offset_meta(rows.len(), *take, *skip))
            }
            Self::Cursor { limit, after } => {
                // The row may have gone meanwhile; then the walk is over.
                let begin = after.as_ref().map_or(0, |uid| {
                    rows.iter()
                        .position(|row| row.uid == *uid)
                        .map_or(rows.len(), |at| at + 1)
                });
                let shown: Vec<_> = rows.iter().skip(begin).take(*limit).copied().collect();
                let more = begin + shown.len() < rows.len();
                let next = shown
                    .last()
                    .filter(|_| more)
                    .map(|row| write_cursor(&row.uid));
                (shown, json!({"nextCursor": next, "hasMore": more}))
            }
        }
    }
}

fn bounded(fields: &mut Fields, name: &str, (low, high): (u64, u64), default: usize) -> usize {
    match fields.integer(name) {
        None => default,
        Some(value) if (low..=high).contains(&value) => usize::try_from(value).unwrap_or(default),
        Some(_) => {
            fields.complain(name, "max", "{} is out of range");
            default
        }
    }
}

/// Computed from the numbers asked for; `returnedItems` is not the length of the array.
fn offset_meta(total: usize, take: usize, skip: usize) -> Value {
    let pages = total.div_ceil(take);
    let page = skip / take + 1;
    let remaining = total.saturating_sub(skip + take);
    json!({
        "returnedItems": take.min(total.saturating_sub(skip)),
        "totalItems": total,
        "itemsPerPage": take,
        "remainingItems": remaining,
        "currentPage": page,
        "totalPages": pages,
        "hasNextPage": remaining > 0,
        "hasPreviousPage": skip > 0,
    })
}

fn write_cursor(uid: &str) -> String {
    hex::encode(uid)
}

fn read_cursor(text: &str) -> Option<String> {
    String::from_utf8(hex::decode(text).ok()?).ok()
}
