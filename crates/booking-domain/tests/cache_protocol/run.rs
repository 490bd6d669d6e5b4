//! Searching a model to its end, and saying what was seen.

#![expect(
    clippy::print_stdout,
    reason = "the state counts are half of what the search tells"
)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

/// How many readers take part: two, unless `BOOKING_MODEL_READERS` asks for three.
pub(crate) fn readers() -> usize {
    let wanted = std::env::var("BOOKING_MODEL_READERS").ok();
    let number = wanted.map_or(2, |text| {
        text.parse().expect("BOOKING_MODEL_READERS: 2 or 3")
    });
    assert!((2..=3).contains(&number), "BOOKING_MODEL_READERS: 2 or 3");
    number
}

/// Every invariant of the model holds in every state that can be reached, and each of `seen` is
/// reached in some: without those the model would hold because nothing happens in it.
pub(crate) fn holds<M>(name: &str, model: M, seen: &[&'static str])
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + Debug + PartialEq,
{
    let began = Instant::now();
    let checker = model
        .checker()
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let (states, seconds) = (checker.unique_state_count(), began.elapsed().as_secs_f64());
    println!("holds    {name}: {states} states, {seconds:.1} s");
    for property in checker.model().properties() {
        let found = checker.discovery(property.name);
        if property.expectation.discovery_is_failure() {
            let steps = found.map(stateright::Path::into_actions);
            assert!(steps.is_none(), "{name}: {}: {steps:#?}", property.name);
        } else if seen.contains(&property.name) {
            assert!(found.is_some(), "{name}: never seen: {}", property.name);
        }
    }
}

/// The model breaks `invariant`. Prints the shortest way there.
pub(crate) fn fails<M>(name: &str, model: M, invariant: &'static str)
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + Debug + PartialEq,
{
    let began = Instant::now();
    let checker = model
        .checker()
        .finish_when(HasDiscoveries::AllOf(BTreeSet::from([invariant])))
        .spawn_bfs()
        .join();
    let (states, seconds) = (checker.unique_state_count(), began.elapsed().as_secs_f64());
    println!("violated {name}: {states} states, {seconds:.1} s: {invariant}");
    let path = checker.discovery(invariant);
    let steps = path.map(stateright::Path::into_actions);
    let steps = steps.unwrap_or_else(|| panic!("{name}: no counterexample to {invariant:?}"));
    println!("         {steps:?}");
}
