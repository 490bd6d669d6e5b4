//! Hours from now: `in zwei Stunden`, `in half an hour`.

use booking_domain::time::{Day, Instant, LocalTime, Span, ZoneName};

use super::Lang;
use super::numbers::number_at;
use super::token::{Token, begins};

const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);

/// Nobody who says so means the minute.
const GRID_SECONDS: i64 = 15 * 60;
/// Nobody counts further in hours.
const MOST_MINUTES: u32 = 7 * 24 * 60;

/// Lengths that are no number of hours: minutes.
const LENGTHS: [(&[&str], u32, Option<Lang>); 15] = [
    (&["einer", "halben", "stunde"], 30, DE),
    (&["ner", "halben", "stunde"], 30, DE),
    (&["einer", "viertelstunde"], 15, DE),
    (&["einer", "dreiviertelstunde"], 45, DE),
    (&["anderthalb", "stunden"], 90, DE),
    (&["eineinhalb", "stunden"], 90, DE),
    (&["zweieinhalb", "stunden"], 150, DE),
    (&["dreieinhalb", "stunden"], 210, DE),
    (&["half", "an", "hour"], 30, EN),
    (&["a", "half", "hour"], 30, EN),
    (&["a", "quarter", "of", "an", "hour"], 15, EN),
    (&["an", "hour", "and", "a", "half"], 90, EN),
    (&["one", "and", "a", "half", "hours"], 90, EN),
    (&["two", "and", "a", "half", "hours"], 150, EN),
    (&["a", "couple", "of", "hours"], 120, EN),
];
const ONE: [&str; 4] = ["einer", "ner", "an", "a"];

/// The distance from now at the beginning of `tokens`, in minutes.
pub(super) fn ahead_at(tokens: &[Token]) -> Option<(u32, usize, Option<Lang>)> {
    let lead = usize::from(tokens.first()?.is("in"));
    let (minutes, len, lang) = length(&tokens[lead..])?;
    let len = lead + len;
    let word = |at: usize| tokens.get(len + at).and_then(Token::word);
    let from_now = word(0) == Some("from") && word(1) == Some("now");
    // Without "in" it is a length, not a distance: "eine Stunde".
    let is_distance = (lead == 1 || from_now) && minutes <= MOST_MINUTES;
    is_distance.then_some((minutes, len + 2 * usize::from(from_now), lang))
}

fn length(tokens: &[Token]) -> Option<(u32, usize, Option<Lang>)> {
    let length = LENGTHS.iter().find(|(words, ..)| begins(tokens, words));
    if let Some((words, minutes, lang)) = length {
        return Some((*minutes, words.len(), *lang));
    }
    let (count, len) = match number_at(tokens) {
        Some(found) => (found.value, found.len),
        None if ONE.contains(&tokens.first()?.word()?) => (1, 1),
        None => return None,
    };
    let (unit, lang) = match tokens.get(len)?.word()? {
        "stunde" | "stunden" => (60, DE),
        "hour" | "hours" => (60, EN),
        "minute" => (1, None),
        "minuten" => (1, DE),
        "minutes" => (1, EN),
        _ => return None,
    };
    Some((count.checked_mul(unit)?, len + 1, lang))
}

/// Day and time in `zone`, to the nearest quarter of an hour.
pub(super) fn moment(minutes: u32, zone: ZoneName, now: Instant) -> (Day, LocalTime) {
    let then = now + Span::minutes(minutes.into());
    let half = GRID_SECONDS / 2;
    let nearest =
        then + Span::seconds(half - (then.unix_seconds() + half).rem_euclid(GRID_SECONDS));
    let local = zone.local(nearest);
    (local.day, local.time)
}
