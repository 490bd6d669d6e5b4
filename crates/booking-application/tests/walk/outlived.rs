//! Whoever asked for free slots has stopped waiting: the question goes on.

use booking_application::availability::Source;
use booking_test_support::builders::{COMPANY, CONSULTATION};

use crate::script::{Act, Call, Gate};
use crate::world::{World, on_monday};

/// Red when the question ends with its asker, so that the next one has to wait anew.
#[tokio::test]
async fn what_was_fetched_for_somebody_who_left_answers_the_next() {
    let world = World::new().await;
    let gate = Gate::new();
    let hang = Act::HangThenDo(gate.clone());
    world.calendar.script.next(Call::Slots, hang);
    let (app, question) = (world.app.clone(), on_monday(CONSULTATION));
    let asked = app.availability_to_the_end(COMPANY, question.clone());
    assert!(
        tokio::time::timeout(std::time::Duration::ZERO, asked)
            .await
            .is_err(),
        "nobody waits"
    );
    gate.reached().await;
    gate.open();
    let found = app.availability(COMPANY, &question).await.unwrap();
    assert_eq!(found.source, Source::Cache);
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
}
