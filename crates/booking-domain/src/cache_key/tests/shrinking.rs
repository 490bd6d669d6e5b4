//! Tests: what fails with the exported strategies shrinks to something a person can read.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

use super::super::strategies::{
    appointment, appointment_and_window, group_of_event_types, reschedule,
};
use crate::time::{Instant, Span, TimeRange};

/// The simplest value that does not have the property.
fn simplest<S: Strategy>(values: &S, property: impl Fn(&S::Value) -> bool) -> S::Value {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, random).run(values, |value| {
        prop_assert!(property(&value));
        Ok(())
    });
    match outcome {
        Err(TestError::Fail(_, value)) => value,
        other => panic!("a counterexample was to be found: {other:?}"),
    }
}

fn range(start: &str, minutes: u32) -> TimeRange {
    TimeRange::lasting(start.parse::<Instant>().expect("valid"), minutes)
}

/// Red when a move is drawn from the value of its first side (`reschedule` with `prop_flat_map`), or
/// times are counted from anywhere but 2000-01-01 (`appointment` back from its end).
#[test]
fn to_the_first_moment_and_the_least_length() {
    let midnight = "2000-01-01T00:00:00Z";
    let long = simplest(&appointment(), |it| it.span().as_minutes() < 180);
    assert_eq!(long, range(midnight, 180));

    let (sold, window) = simplest(&appointment_and_window(), |(sold, window)| {
        !sold.overlaps(window)
    });
    assert_eq!(sold, range(midnight, 5));
    assert_eq!(window.span().as_minutes(), 1);

    let (from, to) = simplest(&reschedule(), |(from, to)| {
        to.start().since(from.start()).abs() < Span::DAY
    });
    assert_eq!(from, range(midnight, 5));
    assert_eq!(to, range("2000-01-02T00:00:00Z", 5));

    let group = simplest(&group_of_event_types(), |group| group.len() < 3);
    let ids: Vec<_> = group.iter().map(|id| id.get()).collect();
    assert_eq!(ids, [1, 2, 3]);
}
