//! Whoever asked for free slots has stopped waiting: the question goes on.

use booking_application::AlternativesQuestion;
use booking_application::availability::Source;
use booking_domain::time::Span;
use booking_test_support::builders::nine;
use booking_test_support::wait::until;

use crate::script::{Act, Call, Gate};
use crate::world::{World, actor, hours_after, on_monday, two, wish};

/// Red when the question ends with its asker, so that the next one has to wait anew.
#[tokio::test]
async fn what_was_fetched_for_somebody_who_left_answers_the_next() {
    let world = World::new().await;
    let gate = Gate::new();
    let hang = Act::HangThenDo(gate.clone());
    world.calendar.script.next(Call::Slots, hang);
    let question = on_monday(world.service);
    let app = world.app.clone();
    let company = actor().company;
    let asked = question.clone();
    let caller =
        tokio::spawn(async move { app.availability_to_the_end(company, asked).await });
    gate.reached().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    gate.open();
    let limit = std::time::Duration::from_secs(30);
    until(limit, "the answer is filed", || async {
        let found = world.app.availability(company, &question).await.unwrap();
        (found.source == Source::Cache).then_some(())
    })
    .await
    .unwrap();
    assert_eq!(world.calendar.script.calls(Call::Slots), 1);
}
