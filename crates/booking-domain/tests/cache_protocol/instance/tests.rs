//! What must hold, and what must not.

use super::properties::{CLEAN, FRESH, MIRROR_KNOWS, SEEN, SEEN_UPDATING};
use super::{Flight, Process, Refresh, Since, Stamp, Update};
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

/// Red when nothing is put back (S8), the change is not shown in it (I1), or two changes at once
/// count as this one.
#[test]
fn a_copy_is_brought_up_to_date() {
    let exact = Process::updating(Update::Exact);
    holds("process, updates its copy", exact, SEEN_UPDATING);
}

/// The commit may be counted already in what is kept: then it was another one that the stamp grew
/// by.
#[test]
fn updating_what_is_kept_after_the_commit_is_rejected() {
    let afterwards = Process::updating(Update::TakenAfterwards);
    fails(
        "process, updates what is kept afterwards",
        afterwards,
        FRESH,
    );
}

#[test]
fn updating_under_any_stamp_is_rejected() {
    let unchecked = Process::updating(Update::Unchecked);
    fails("process, updates under any stamp", unchecked, FRESH);
    fails("process, updates under any stamp", unchecked, CLEAN);
}

#[test]
fn counting_one_more_than_the_commit_raised_is_rejected() {
    let over = Process::updating(Update::Overcounted);
    fails("process, update overcounted", over, FRESH);
    fails("process, update overcounted", over, CLEAN);
}

/// What the mirror counts may be another commit, and not this one.
#[test]
fn updating_without_a_statement_is_rejected() {
    let stale = Process::updating(Update::NotRefreshed);
    fails("process, update without a statement", stale, FRESH);
}
