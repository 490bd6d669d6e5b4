//! What happened to one appointment.

use booking_domain::ports::{HistoryEntry, HistoryKind};
use booking_domain::time::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// A line of a history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryEntry)]
pub(crate) struct HistoryEntryJson {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What it tells of.
    #[serde(rename = "type")]
    #[schema(value_type = HistoryWord)]
    kind: &'static str,
    /// What happened.
    #[schema(example = "appointment_booked")]
    name: String,
    /// Who, where that is known.
    actor: Option<String>,
    /// More, such as what came of a call.
    detail: Option<String>,
}

/// What a line tells of.
#[derive(ToSchema)]
#[schema(as = HistoryType, rename_all = "snake_case")]
#[expect(
    dead_code,
    reason = "describes a member of the answer in the API's description"
)]
pub(crate) enum HistoryWord {
    Event,
    SagaStep,
    SyncAttempt,
    Review,
    Notification,
    Audit,
    Call,
}

/// A page of a history, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = History)]
pub(crate) struct HistoryJson {
    data: Vec<HistoryEntryJson>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

impl HistoryJson {
    pub(crate) fn new(entries: Vec<HistoryEntry>, is_more: bool) -> Self {
        let last = entries.last().filter(|_| is_more);
        Self {
            next_cursor: last.map(|last| write_place(last.place())),
            data: entries.into_iter().map(HistoryEntryJson::from).collect(),
        }
    }
}

impl From<HistoryEntry> for HistoryEntryJson {
    fn from(entry: HistoryEntry) -> Self {
        Self {
            at: entry.at.to_string(),
            kind: entry.kind.as_str(),
            name: entry.name,
            actor: entry.actor,
            detail: entry.detail,
        }
    }
}

fn write_place((at, kind, number): (Instant, HistoryKind, i64)) -> String {
    hex::encode(format!("{} {} {number}", at.unix_micros(), kind.as_str()))
}

/// The place that a `next_cursor` stands for.
pub(crate) fn read_place(text: &str) -> Option<(Instant, HistoryKind, i64)> {
    let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
    let mut parts = text.split(' ');
    let at = Instant::from_unix_micros(parts.next()?.parse().ok()?).ok()?;
    let kind = HistoryKind::parse(parts.next()?)?;
    let number = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((at, kind, number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back(seconds in -1_000_000_000i64..10_000_000_000, kind in 0usize..7, number: i64) {
            let at = Instant::from_unix_seconds(seconds).expect("in range");
            let place = (at, HistoryKind::ALL[kind], number);
            prop_assert_eq!(read_place(&write_place(place)), Some(place));
        }

        #[test]
        fn other_texts_are_refused(text in "[0-9a-g]{0,47}") {
            prop_assert_eq!(read_place(&text), None);
        }
    }
}
