//! What the pieces of a time come to together.

use booking_domain::time::LocalTime;

use super::{Clock, DayWindow, END_OF_DAY, PartOfDay, Piece, TimeReading};

/// The time that `pieces` mean.
pub(in super::super) fn resolve(pieces: &[Piece]) -> TimeReading {
    if pieces.contains(&Piece::Nonsense) {
        return TimeReading::Invalid;
    }
    let part = pieces.iter().find_map(|piece| match piece {
        Piece::Part(part) => Some(*part),
        _ => None,
    });
    let between = pieces.iter().find_map(|piece| match piece {
        Piece::Between(from, until) => Some((*from, *until)),
        _ => None,
    });
    if let Some((from, until)) = between {
        return stretch(from, until, part);
    }
    let clocks: Vec<_> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Clock(clock) => Some(*clock),
            _ => None,
        })
        .collect();
    match (clocks.as_slice(), part) {
        ([], None) => TimeReading::Missing,
        ([], Some(_)) => hull(pieces),
        (clocks, part) => options(
            clocks
                .iter()
                .flat_map(|clock| meant(*clock, part))
                .collect(),
        ),
    }
}

/// The times a clock time can mean, likely ones only: between seven and twelve people mean the
/// day as it is written, before seven they may mean the afternoon.
fn meant(clock: Clock, part: Option<PartOfDay>) -> Vec<LocalTime> {
    let at = |hour: u8| LocalTime::new(hour, clock.minute);
    let other = match clock.hour {
        12 => 0,
        hour if hour < 12 => hour + 12,
        hour => hour,
    };
    let both = [at(clock.hour), at(other)].into_iter().flatten();
    match part {
        Some(part) => both
            .take(if clock.certain { 1 } else { 2 })
            .filter(|time| belongs(*time, part))
            .take(1)
            .collect(),
        None if clock.certain || clock.hour >= 7 => both.take(1).collect(),
        None => both.collect(),
    }
}

/// Whether people use the word for that time ("abends um sechs" begins before the evening does).
fn belongs(time: LocalTime, part: PartOfDay) -> bool {
    let hour = time.hour();
    match part {
        PartOfDay::Morning => (1..12).contains(&hour),
        PartOfDay::Noon => (11..15).contains(&hour),
        PartOfDay::Afternoon => (12..19).contains(&hour),
        PartOfDay::Evening => hour >= 16,
        PartOfDay::Night => !(6..18).contains(&hour),
    }
}

fn options(mut times: Vec<LocalTime>) -> TimeReading {
    times.sort_unstable();
    times.dedup();
    match times.as_slice() {
        [] => TimeReading::Invalid,
        [time] => TimeReading::Exact(*time),
        _ => TimeReading::Ambiguous { options: times },
    }
}

/// `vormittags oder mittags`: from the beginning of the one to the end of the other.
fn hull(pieces: &[Piece]) -> TimeReading {
    let windows = || {
        pieces.iter().filter_map(|piece| match piece {
            Piece::Part(part) => Some(part.window()),
            _ => None,
        })
    };
    let from = windows().map(|it| it.from).min().unwrap_or(0);
    let until = windows().map(|it| it.until).max().unwrap_or(END_OF_DAY);
    let part = windows()
        .find(|it| it.from == from && it.until == until)
        .and_then(|it| it.part);
    TimeReading::Window(DayWindow { from, until, part })
}

fn stretch(from: Option<Clock>, until: Option<Clock>, part: Option<PartOfDay>) -> TimeReading {
    let minute = |clock: Clock| {
        let times = meant(clock, part);
        let times = if times.is_empty() {
            meant(clock, None)
        } else {
            times
        };
        // "ab drei" is in the afternoon: nobody opens at night.
        times.last().map(|time| time.minute_of_day())
    };
    let bounds = part.map_or(DayWindow::WHOLE_DAY, PartOfDay::window);
    let end = until
        .and_then(minute)
        .map(|it| if it == 0 { END_OF_DAY } else { it });
    let start = from.and_then(minute).map(|start| match end {
        // "from nine to five"; "zwischen sechs und acht" is before eight, so in the morning.
        Some(end) if start >= end && start >= 12 * 60 => start - 12 * 60,
        _ => start,
    });
    let end = match (start, end) {
        (Some(start), Some(end)) if end <= start && end <= 12 * 60 => Some(end + 12 * 60),
        _ => end,
    };
    let (from, until) = (start.unwrap_or(bounds.from), end.unwrap_or(bounds.until));
    if from < until {
        TimeReading::Window(DayWindow {
            from,
            until,
            part: None,
        })
    } else {
        TimeReading::Invalid
    }
}
