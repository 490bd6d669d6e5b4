//! Random days of a small company: questions are asked, lists come late, appointments are made,
//! moved, called off, refused, entries are brought up to date; and after every step each entry that
//! would be believed, and each that is still filed, must show the truth, slot by slot.
//!
//! Appointments are the real aggregate, whose events say which times are affected; versions are
//! raised as the stores do. The truth is counted by minute in [`truth`].

mod commits;
mod truth;
mod world;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::{Lengths, zone_and_minute};
use world::{Checked, World};

/// What a question is about.
#[derive(Clone, Copy, Debug)]
enum Wish {
    /// The day so many after the first in local time, as layer 1 holds it.
    Day(i64),
    /// Two hours from so many after the first midnight, as layer 2 holds them.
    TwoHours(i64),
}

/// What Cal.com makes of what it was asked.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// Just that.
    Yes,
    /// The same at another time, so many quarters after the first midnight.
    Elsewhere(i64),
    No,
}

#[derive(Clone, Debug)]
enum Step {
    /// A question is asked and its answer filed.
    Read(Index, Wish),
    /// The stamp is read, then Cal.com's list fetched.
    Ask(Index, Wish),
    /// What was fetched is reduced by what is ours, and filed.
    File(Index),
    /// Of a service, so many quarters after the first midnight, with the first or second of those
    /// who perform it, if it matters.
    Book(Index, i64, Option<Index>),
    Move(Index, i64),
    Cancel(Index),
    /// Cal.com answers about an appointment for which it was asked something.
    Hear(Index, Answer),
}

fn quarter() -> impl Strategy<Value = i64> {
    // Midnight of the days, in UTC, is where mistakes are made.
    let near_midnight = (1i64..=2, -10i64..=10).prop_map(|(day, quarters)| 96 * day + quarters);
    prop_oneof![2 => near_midnight, 1 => 0i64..3 * 96]
}

fn step() -> impl Strategy<Value = Step> {
    let wish = || {
        prop_oneof![
            2 => (0i64..3).prop_map(Wish::Day),
            1 => (20i64..52).prop_map(Wish::TwoHours),
        ]
    };
    let answer = prop_oneof![
        5 => Just(Answer::Yes),
        1 => quarter().prop_map(Answer::Elsewhere),
        1 => Just(Answer::No),
    ];
    let one = any::<Index>;
    prop_oneof![
        8 => (one(), wish()).prop_map(|(service, wish)| Step::Read(service, wish)),
        2 => (one(), wish()).prop_map(|(service, wish)| Step::Ask(service, wish)),
        2 => one().prop_map(Step::File),
        3 => (one(), quarter(), proptest::option::weighted(0.2, one()))
            .prop_map(|(service, quarter, wanted)| Step::Book(service, quarter, wanted)),
        3 => (one(), quarter()).prop_map(|(appointment, quarter)| Step::Move(appointment, quarter)),
        1 => one().prop_map(Step::Cancel),
        6 => (one(), answer).prop_map(|(appointment, answer)| Step::Hear(appointment, answer)),
    ]
}

/// What it takes, and who performs it: nobody in particular, or some of three.
fn services() -> impl Strategy<Value = Vec<(Lengths, Vec<i64>)>> {
    let duration = prop_oneof![Just(15u32), Just(60), Just(180)];
    let buffer = || prop_oneof![2 => Just(0u32), 1 => Just(15), 1 => Just(60)];
    let lengths = (duration, buffer(), buffer());
    let staff = proptest::collection::btree_set(1i64..=3, 0..=2);
    let staff = staff.prop_map(|staff| staff.into_iter().collect());
    proptest::collection::vec((lengths, staff), 1..=4)
}

/// Red when days are computed from local dates or only the first is raised (`days_reached`), when
/// the longest appointment is left out (`group_reach`), when a move tells of one side only
/// (`Appointment::move_to`), when only the service itself is concerned (`availability_groups` and,
/// for what is filed, `tags_touched`), when an entry is believed under another sum
/// (`AvailabilityEntry::check`) or brought up to date although something else changed too (`without`),
/// when a slot goes with the first of several hosts (`remove_taken`).
#[test]
fn what_is_believed_or_filed_is_true() {
    let mut seen = Checked::default();
    let days = (
        services(),
        zone_and_minute(),
        proptest::collection::vec(step(), 5..45),
    );
    let config = Config {
        source_file: Some(file!()),
        ..Config::with_cases(160)
    };
    let cell = std::cell::RefCell::new(&mut seen);
    let outcome = TestRunner::new(config).run(&days, |(services, (zone, minute), steps)| {
        let mut world = World::new(&services, zone, minute);
        for step in &steps {
            world.take(step)?;
        }
        cell.borrow_mut().add(&world.checked);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    // It means something: entries outlive changes and are believed, others are not.
    let Checked {
        updated,
        believed,
        after_a_change,
        refused,
        filed,
    } = seen;
    for (count, least, what) in [
        (believed, 500, "believed"),
        (after_a_change, 500, "believed after a change"),
        (refused, 500, "refused"),
        (filed, 500, "filed"),
        (updated, 50, "brought up to date"),
    ] {
        assert!(count >= least, "only {count} times {what}");
    }
}
