//! A day of mixed traffic in virtual time: how often the cache answers, and how often Cal.com is asked.
//!
//! What is assumed stands in [`mix`]. Two instances, a cache for both. Questions come one at a time:
//! what many at once cost is the stampede test's affair. Copies in the process go by real time, so more
//! seems to be in use than is, and more is warmed than would be.
//!
//! ```text
//! BOOKING_DAY_READS=5000,50000,500000 cargo test -p booking-application --test day_of_traffic -- --ignored --nocapture
//! ```
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what is missing ends the test"
)]

mod calendar;
mod calls;
mod mix;
mod outcome;
mod practices;
mod replay;

use booking_domain::time::Span;

use crate::mix::Traffic;
use crate::practices::COMPANIES;
use crate::replay::replay;

const SEED: u64 = 15;
/// What entries live unless the operator says otherwise.
const MINUTE: Span = Span::MINUTE;
/// So much must come from the cache …
const FLOOR: f64 = 0.9;
/// … for so many times the calls that nobody can do without who keeps answers no longer.
const MOST: f64 = 1.25;

/// The first company alone, asked as often as it takes (see the table): companies share nothing, so
/// more of them only take longer.
///
/// Red when no entry is believed, when entries expire as they are filed, when a question is not
/// answered from the wider entry that covers it, or when no more is fetched than was asked for.
#[tokio::test]
async fn most_questions_are_answered_from_the_cache() {
    let traffic = Traffic {
        companies: 1,
        reads: 30_000,
    };
    let outcome = replay(traffic, MINUTE, SEED).await;
    println!("{outcome}");
    assert!(outcome.hit_ratio() >= FLOOR, "{outcome}");
    let most = MOST * outcome.fewest_per_thousand();
    assert!(outcome.calls_per_thousand() <= most, "{outcome}");
}

/// At what traffic the goals hold: 0.9 from the cache, 20 calls per 1000 reads.
#[tokio::test]
#[ignore = "a table to look at: just day-of-traffic"]
async fn table() {
    let rates = std::env::var("BOOKING_DAY_READS").unwrap_or_else(|_| "5000,50000".to_owned());
    println!("{COMPANIES} companies, two services each");
    for lifetime in [MINUTE, Span::minutes(5)] {
        println!("entries live {} s", lifetime.as_seconds());
        for reads in rates.split(',').map(|it| it.trim().parse().unwrap()) {
            let traffic = Traffic {
                companies: COMPANIES,
                reads,
            };
            println!("{}", replay(traffic, lifetime, SEED).await);
        }
    }
}
