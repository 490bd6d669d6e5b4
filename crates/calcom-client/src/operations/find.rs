//! All bookings of a window, page by page.
//!
//! No status is asked for: Cal.com then leaves none out. What it is asked to filter is filtered
//! again here, for filters are known to be ignored. One unreadable booking of the window makes the
//! whole list unreadable: it may be the one that is looked for.

use std::collections::HashSet;

use booking_domain::appointment::RemoteBooking;
use booking_domain::ports::{CalendarError, FindBookings};
use booking_domain::tenant::CalcomAccount;
use serde_json::Value;

use crate::body::Envelope;
use crate::call::{Call, Operation};
use crate::client::CalcomClient;
use crate::settings::ApiVersions;
use crate::translate;
use crate::verdict::Problem;

/// The largest page with cursors.
const CURSOR_PAGE: usize = 100;
/// The largest page with offsets.
const OFFSET_PAGE: usize = 250;
/// A list of more pages than this does not end.
const MOST_PAGES: usize = 100;

/// Where a page begins.
enum Page {
    Cursor(Option<String>),
    Offset(usize),
}

impl Page {
    fn first(versions: &ApiVersions) -> Self {
        if versions.list.as_str() >= ApiVersions::FIRST_WITH_CURSOR {
            Self::Cursor(None)
        } else {
            Self::Offset(0)
        }
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Cursor(cursor) => {
                let mut query = vec![("limit", CURSOR_PAGE.to_string())];
                query.extend(cursor.clone().map(|cursor| ("cursor", cursor)));
                query
            }
            Self::Offset(skip) => vec![
                ("take", OFFSET_PAGE.to_string()),
                ("skip", skip.to_string()),
                ("sortStart", "asc".to_owned()),
            ],
        }
    }

    /// The page after this one of so many rows; `None` when it was the last.
    fn next(&self, rows: usize, pagination: &Value) -> Option<Self> {
        match self {
            Self::Cursor(_) => {
                let more = pagination["hasMore"].as_bool() != Some(false);
                let cursor = pagination["nextCursor"].as_str().filter(|_| more);
                cursor.map(|cursor| Self::Cursor(Some(cursor.to_owned())))
            }
            Self::Offset(skip) => {
                let said = pagination["hasNextPage"].as_bool();
                let more = rows > 0 && said.unwrap_or(rows >= OFFSET_PAGE);
                more.then(|| Self::Offset(skip + OFFSET_PAGE))
            }
        }
    }
}

impl CalcomClient {
    pub(crate) async fn find_bookings(
        &self,
        account: &CalcomAccount,
        wanted: &FindBookings,
    ) -> Result<Vec<RemoteBooking>, CalendarError> {
        let mut page = Some(Page::first(&self.settings.versions));
        let (mut found, mut seen) = (Vec::new(), HashSet::new());
        for _ in 0..MOST_PAGES {
            let Some(this) = page else {
                return Ok(found);
            };
            let mut call = Call::new(Operation::Find);
            call.query = filters(wanted);
            call.query.extend(this.query());
            let (rows, bookings, pagination) = self
                .ask(account, &call, |body| page_of(body, wanted))
                .await?;
            found.extend(
                bookings
                    .into_iter()
                    .filter(|it| seen.insert(it.uid.clone())),
            );
            page = this.next(rows, &pagination);
        }
        match page {
            Some(_) => Err(Operation::Find.unknown(Problem::Endless)),
            None => Ok(found),
        }
    }
}

/// How many rows a page has, those of them that are wanted, and what follows.
fn page_of(
    body: &[u8],
    wanted: &FindBookings,
) -> Result<(usize, Vec<RemoteBooking>, Value), Problem> {
    let (rows, pagination) = Envelope::<Vec<Value>>::read(body, "a list of bookings")?;
    let mut bookings = Vec::new();
    for row in &rows {
        bookings.extend(wanted_booking(row, wanted)?);
    }
    Ok((rows.len(), bookings, pagination))
}

fn filters(wanted: &FindBookings) -> Vec<(&'static str, String)> {
    vec![
        ("eventTypeId", wanted.event_type.to_string()),
        ("afterStart", wanted.window.start().to_string()),
        ("beforeEnd", wanted.window.end().to_string()),
    ]
}

/// The booking, if it is wanted. One outside the window is not even read.
fn wanted_booking(row: &Value, wanted: &FindBookings) -> Result<Option<RemoteBooking>, Problem> {
    if translate::range(row).is_some_and(|range| !wanted.window.contains(&range)) {
        return Ok(None);
    }
    let booking = translate::booking(row)?;
    let other_type = booking.event_type.is_some_and(|it| it != wanted.event_type);
    Ok((!other_type).then_some(booking))
}
