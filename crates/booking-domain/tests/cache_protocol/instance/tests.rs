//! What must hold, and what must not.

use super::properties::{CLEAN, FRESH, MIRROR_KNOWS, SEEN};
use super::{Flight, Process, Refresh, Since, Stamp};
use crate::run::{fails, holds};

#[test]
fn a_hit_in_process_is_fresh() {
    holds("process", Process::recommended(), SEEN);
}

#[test]
fn a_mirror_that_is_not_refreshed_is_rejected() {
    let never = Process {
        refresh: Refresh::Never,
        ..Process::recommended()
    };
    fails("process, mirror not refreshed", never, FRESH);
}

#[test]
fn joining_a_statement_that_runs_is_rejected() {
    let join = Process {
        refresh: Refresh::JoinRunning,
        ..Process::recommended()
    };
    fails("process, joins a running statement", join, MIRROR_KNOWS);
    fails("process, joins a running statement", join, FRESH);
}

#[test]
fn a_maximum_is_rejected() {
    let max = Process {
        stamp: Stamp::Max,
        ..Process::recommended()
    };
    fails("process, maximum", max, FRESH);
    fails("process, maximum", max, CLEAN);
}

#[test]
fn asking_above_the_highest_number_seen_is_rejected() {
    let since = Process {
        since: Since::HighestSeen,
        ..Process::recommended()
    };
    fails("process, highest number seen", since, MIRROR_KNOWS);
    fails("process, highest number seen", since, FRESH);
}

#[test]
fn sharing_the_answer_of_a_flight_is_rejected() {
    let share = Process {
        flight: Flight::ShareTheAnswer,
        ..Process::recommended()
    };
    fails("process, shares the answer", share, FRESH);
}
