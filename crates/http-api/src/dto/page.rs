//! Lists: a page and where the next one begins.

use booking_application::present::AppointmentJson;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{AppointmentPage, PageCursor};
use booking_domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::AppointmentSchema;

/// A page of appointments, in the order of their beginning.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppointmentPage)]
pub(crate) struct PageJson {
    /// The appointments.
    #[schema(value_type = Vec<AppointmentSchema>)]
    pub(crate) data: Vec<AppointmentJson>,
    /// Give it as `cursor` to get the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
}

impl From<&AppointmentPage> for PageJson {
    fn from(page: &AppointmentPage) -> Self {
        Self {
            data: page.items.iter().map(AppointmentJson::from).collect(),
            next_cursor: page.next.map(write_cursor),
        }
    }
}

/// A cursor as text. Clients pass it on and never look inside.
pub(crate) fn write_cursor(cursor: PageCursor) -> String {
    let mut bytes = cursor.starts_at.unix_micros().to_be_bytes().to_vec();
    bytes.extend(cursor.id.get().as_bytes());
    hex::encode(bytes)
}

/// The cursor that [`write_cursor`] wrote.
pub(crate) fn read_cursor(text: &str) -> Option<PageCursor> {
    let bytes: [u8; 24] = hex::decode(text).ok()?.try_into().ok()?;
    let (micros, id) = bytes.split_at(8);
    let micros = i64::from_be_bytes(micros.try_into().ok()?);
    Some(PageCursor {
        starts_at: Instant::from_unix_micros(micros).ok()?,
        id: AppointmentId::new(Uuid::from_slice(id).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back(seconds in -1_000_000_000i64..10_000_000_000, id: u128) {
            let cursor = PageCursor {
                starts_at: Instant::from_unix_seconds(seconds).expect("in range"),
                id: AppointmentId::new(Uuid::from_u128(id)),
            };
            prop_assert_eq!(read_cursor(&write_cursor(cursor)), Some(cursor));
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-g]{0,47}") {
            prop_assert_eq!(read_cursor(&text), None);
        }
    }

    #[test]
    fn a_moment_outside_time_is_refused() {
        assert_eq!(
            read_cursor(&"f".repeat(48)).map(|it| it.starts_at.unix_micros()),
            Some(-1)
        );
        assert_eq!(read_cursor(&format!("7{}", "f".repeat(47))), None);
    }
}
