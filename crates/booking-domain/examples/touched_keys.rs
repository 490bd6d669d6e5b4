//! Which cached entries does an appointment touch?
//!
//! ```sh
//! cargo run -p booking-domain --example touched_keys -- EVENT_TYPE START MINUTES [COMPANY [BRANCH]]
//! ```
//!
//! Prints the tags to delete by, then the names that are possible: day ranges up to two days wide,
//! hour windows of one and two hours of the company (1) and branch (none). Lengths and buffers of
//! other services are not known here: a gateway asks about the wider
//! `availability::predictive_window`.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::str::FromStr;

use booking_domain::cache_key::{DayRangeKey, HourWindowKey, tags_touched};
use booking_domain::ids::{BranchId, CompanyId, EventTypeId};
use booking_domain::time::{Instant, TimeRange};

const USAGE: &str = "usage: touched_keys EVENT_TYPE START MINUTES [COMPANY [BRANCH]], \
    such as: touched_keys 2563193 2025-10-13T08:00:00+02:00 60";

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match report(&words) {
        Ok(lines) => {
            // A reader that has gone away is no error.
            let _ = write!(std::io::stdout(), "{lines}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// What is printed for these words of the command line.
pub(crate) fn report(words: &[&str]) -> Result<String, Box<dyn Error>> {
    let [event_type, start, minutes, rest @ ..] = words else {
        return Err(USAGE.into());
    };
    let event_type: EventTypeId = read(event_type)?;
    let appointment = TimeRange::lasting(read::<Instant>(start)?, read(minutes)?);
    let company = rest.first().map_or(Ok(CompanyId::new(1)), |id| read(id))?;
    let branch: Option<BranchId> = rest.get(1).map(|id| read(id)).transpose()?;

    let tags = tags_touched(&[event_type], &[appointment]);
    let days = DayRangeKey::touched_by(event_type, &appointment, 2);
    let hours = HourWindowKey::touched_by(company, branch, event_type, &appointment, 2);
    Ok(part("tags", tags) + &part("layer 1", days) + &part("layer 2", hours))
}

fn read<T: FromStr<Err: Error + 'static>>(word: &str) -> Result<T, Box<dyn Error>> {
    word.parse()
        .map_err(|error| format!("cannot read '{word}': {error}\n{USAGE}").into())
}

fn part<T: ToString>(title: &str, names: impl IntoIterator<Item = T>) -> String {
    let names: String = names
        .into_iter()
        .map(|name| format!("  {}\n", name.to_string()))
        .collect();
    format!("{title}\n{names}")
}
