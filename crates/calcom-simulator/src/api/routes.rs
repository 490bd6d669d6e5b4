//! Which operation a request means. Cal.com looks at path, method and `cal-api-version` together
//! and answers 404 when they do not fit, before it looks at the key.

use axum::http::Method;

/// An operation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Route {
    Slots,
    ReservationCreate,
    ReservationGet,
    ReservationUpdate,
    ReservationDelete,
    BookingCreate,
    BookingList,
    BookingGet,
    BookingReschedule,
    BookingCancel,
    BookingConfirm,
    BookingDecline,
    BookingMarkAbsent,
    EventTypeList,
    EventTypeGet,
    Me,
    WebhookCreate,
    WebhookList,
    WebhookGet,
    WebhookUpdate,
    WebhookDelete,
    /// `POST /v2/bookings` under the old version: refuses today's body.
    LegacyBookingCreate,
    /// `GET /v2/bookings` under the old version: ignores today's filters.
    LegacyBookingList,
}

const LEGACY: &str = "2024-04-15";
const KNOWN: &[&str] = &[
    LEGACY,
    "2024-06-11",
    "2024-06-14",
    "2024-08-13",
    "2024-09-04",
    "2026-02-25",
    "2026-05-01",
];
const SLOTS: &[&str] = &["2024-09-04"];
const BOOKINGS: &[&str] = &["2024-08-13", "2026-02-25"];
const BOOKING_LIST: &[&str] = &["2024-08-13", "2026-02-25", "2026-05-01"];
const EVENT_TYPES: &[&str] = &["2024-06-14"];
const OLD: &[&str] = &[LEGACY];
const ANY: &[&str] = KNOWN;

type Row = (Route, &'static str, &'static str, &'static [&'static str]);

/// Every operation: name, method, path (`{}` stands for an id) and the versions that have it.
const TABLE: &[Row] = &[
    (Route::Slots, "GET", "/v2/slots", SLOTS),
    (
        Route::ReservationCreate,
        "POST",
        "/v2/slots/reservations",
        SLOTS,
    ),
    (
        Route::ReservationGet,
        "GET",
        "/v2/slots/reservations/{uid}",
        SLOTS,
    ),
    (
        Route::ReservationUpdate,
        "PATCH",
        "/v2/slots/reservations/{uid}",
        SLOTS,
    ),
    (
        Route::ReservationDelete,
        "DELETE",
        "/v2/slots/reservations/{uid}",
        SLOTS,
    ),
    (Route::BookingCreate, "POST", "/v2/bookings", BOOKINGS),
    (Route::BookingList, "GET", "/v2/bookings", BOOKING_LIST),
    (Route::BookingGet, "GET", "/v2/bookings/{uid}", BOOKINGS),
    (
        Route::BookingReschedule,
        "POST",
        "/v2/bookings/{uid}/reschedule",
        BOOKINGS,
    ),
    (
        Route::BookingCancel,
        "POST",
        "/v2/bookings/{uid}/cancel",
        BOOKINGS,
    ),
    (
        Route::BookingConfirm,
        "POST",
        "/v2/bookings/{uid}/confirm",
        BOOKINGS,
    ),
    (
        Route::BookingDecline,
        "POST",
        "/v2/bookings/{uid}/decline",
        BOOKINGS,
    ),
    (
        Route::BookingMarkAbsent,
        "POST",
        "/v2/bookings/{uid}/mark-absent",
        BOOKINGS,
    ),
    (Route::EventTypeList, "GET", "/v2/event-types", EVENT_TYPES),
    (
        Route::EventTypeGet,
        "GET",
        "/v2/event-types/{id}",
        EVENT_TYPES,
    ),
    (Route::Me, "GET", "/v2/me", ANY),
    (Route::WebhookCreate, "POST", "/v2/webhooks", ANY),
    (Route::WebhookList, "GET", "/v2/webhooks", ANY),
    (Route::WebhookGet, "GET", "/v2/webhooks/{id}", ANY),
    (Route::WebhookUpdate, "PATCH", "/v2/webhooks/{id}", ANY),
    (Route::WebhookDelete, "DELETE", "/v2/webhooks/{id}", ANY),
    (Route::LegacyBookingCreate, "POST", "/v2/bookings", OLD),
    (Route::LegacyBookingList, "GET", "/v2/bookings", OLD),
];

impl Route {
    /// `POST /v2/bookings/{uid}/cancel`: the name in faults and in the ledger.
    pub(crate) fn name(self) -> String {
        let row = TABLE
            .iter()
            .find(|row| row.0 == self)
            .expect("every route is in the table");
        format!("{} {}", row.1, row.2)
    }

    /// The names a fault may be tied to.
    pub(crate) fn names() -> Vec<String> {
        let current = TABLE.iter().filter(|row| row.3 != OLD);
        current.map(|row| format!("{} {}", row.1, row.2)).collect()
    }

    /// Whether the operation changes a booking.
    pub(crate) fn changes_bookings(self) -> bool {
        matches!(
            self,
            Self::BookingCreate
                | Self::BookingReschedule
                | Self::BookingCancel
                | Self::BookingConfirm
                | Self::BookingDecline
                | Self::BookingMarkAbsent
        )
    }
}

/// The version a header asks for: missing and unknown values mean the oldest one.
pub(crate) fn version(header: Option<&str>) -> &'static str {
    header
        .and_then(|asked| KNOWN.iter().find(|known| **known == asked))
        .unwrap_or(&LEGACY)
}

/// The operation and the id in the path, or nothing when Cal.com would answer 404.
pub(crate) fn find(method: &Method, path: &str, version: &str) -> Option<(Route, Option<String>)> {
    TABLE
        .iter()
        .filter(|row| row.1 == method.as_str() && row.3.contains(&version))
        .find_map(|row| matches(row.2, path).map(|id| (row.0, id)))
}

/// Matches a path against a pattern with at most one id.
fn matches(pattern: &str, path: &str) -> Option<Option<String>> {
    let mut id = None;
    let mut given = path.trim_end_matches('/').split('/');
    for want in pattern.split('/') {
        let have = given.next()?;
        if want.starts_with('{') {
            id = Some(have.to_owned());
        } else if want != have {
            return None;
        }
    }
    given.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_version_hides_the_path() {
        let post = |version| find(&Method::POST, "/v2/bookings", version).map(|found| found.0);
        assert_eq!(post("2026-02-25"), Some(Route::BookingCreate));
        assert_eq!(post("2024-08-13"), Some(Route::BookingCreate));
        assert_eq!(post("2024-09-04"), None);
        assert_eq!(post(version(None)), Some(Route::LegacyBookingCreate));
        assert_eq!(version(Some("1999-01-01")), LEGACY);
        assert!(find(&Method::GET, "/v2/slots", LEGACY).is_none());
        assert!(find(&Method::GET, "/v2/me", LEGACY).is_some());
    }

    #[test]
    fn ids_are_cut_out_of_the_path() {
        let found = find(&Method::POST, "/v2/bookings/abc/cancel", "2024-08-13");
        assert_eq!(found, Some((Route::BookingCancel, Some("abc".to_owned()))));
        assert!(find(&Method::POST, "/v2/bookings/abc/cancel/x", "2024-08-13").is_none());
        assert_eq!(
            Route::BookingCancel.name(),
            "POST /v2/bookings/{uid}/cancel"
        );
    }
}
