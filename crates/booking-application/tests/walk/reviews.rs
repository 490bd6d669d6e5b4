//! Questions to a person: asked once, and what is done with the answer.

use booking_application::{ResolveReview, ReviewError};
use booking_domain::appointment::{RemoteStatus, StateName, SyncStatus};
use booking_domain::ids::ReviewId;
use booking_domain::ports::{ReviewAction, ReviewFilter, ReviewItem};
use booking_test_support::builders::{COMPANY, nine};

use crate::moving::{a_refused_move, work_for_minutes};
use crate::script::{Act, Call};
use crate::world::{World, actor, review, state};

impl World {
    async fn asked(&self) -> ReviewItem {
        let open = self.app.reviews(COMPANY, ReviewFilter::default(), 10).await;
        open.unwrap().0.remove(0)
    }

    async fn resolve(&self, id: ReviewId, action: ReviewAction) -> Result<ReviewItem, ReviewError> {
        let note = Some("mit dem Kunden gesprochen".to_owned());
        let answer = ResolveReview { id, action, note };
        self.app.resolve_review(&actor(), answer).await
    }
}

/// A booking that was given up after a day.
async fn given_up(failure: Act) -> (World, booking_domain::ids::AppointmentId) {
    let world = World::new().await;
    world.calendar.script.always(Call::Create, failure);
    world.calendar.script.always(Call::Find, Act::NotExecuted);
    let id = world.book(nine()).await.unwrap().view.appointment.id();
    for _ in 0..25 {
        world.minutes(60).await;
    }
    assert_eq!(review(&world.view(id).await), Some("sync_failed"));
    world.calendar.script.always(Call::Create, Act::Do);
    world.calendar.script.always(Call::Find, Act::Do);
    (world, id)
}

/// Red when what is stuck cannot be set going, is called again without a look, or stays in review.
#[tokio::test]
async fn retry_goes_on() {
    for failure in [Act::NotExecuted, Act::DoUnheard] {
        let (world, id) = given_up(failure).await;
        let asked = world.asked().await;
        assert_eq!((asked.appointment, &*asked.reason), (id, "sync_failed"));
        world.resolve(asked.id, ReviewAction::Retry).await.unwrap();
        world.seconds(5).await;
        let view = world.view(id).await;
        assert_eq!((state(&view), review(&view)), (StateName::Confirmed, None));
        assert_eq!(view.appointment.sync_status(), SyncStatus::Synced);
        assert_eq!(world.calendar.live().len(), 1);
        world.assert_at_rest().await;
    }
}

/// Red when what Cal.com has is given up, or what it has not is held for ever.
#[tokio::test]
async fn keep_calcom_takes_over_what_stands_there() {
    for (failure, expected) in [
        (Act::DoUnheard, StateName::Confirmed),
        (Act::Lost, StateName::Cancelled),
    ] {
        let (world, id) = given_up(failure).await;
        let asked = world.asked().await.id;
        world
            .resolve(asked, ReviewAction::KeepCalcom)
            .await
            .unwrap();
        world.seconds(130).await;
        assert_eq!(world.state(id).await, expected);
        let stands = usize::from(expected == StateName::Confirmed);
        assert_eq!(
            (world.claims().await.len(), world.calendar.live().len()),
            (stands, stands)
        );
        world.assert_at_rest().await;
    }
}

/// A move was refused, Cal.com has cancelled the booking since, and cannot be asked when the
/// person says that Cal.com is right.
///
/// Red when what cannot be read at once is never read.
#[tokio::test]
async fn keep_calcom_is_kept_until_calcom_can_be_asked() {
    let (world, id) = a_refused_move().await;
    let uid = world.view(id).await.appointment.uid().unwrap().clone();
    world
        .calendar
        .now_is(&uid, |it| it.status = RemoteStatus::Cancelled);
    world.calendar.script.always(Call::Get, Act::NotExecuted);
    let asked = world.asked().await.id;
    world
        .resolve(asked, ReviewAction::KeepCalcom)
        .await
        .unwrap();
    work_for_minutes(&world, 1).await;
    assert_eq!(world.state(id).await, StateName::Confirmed);
    world.calendar.script.always(Call::Get, Act::Do);
    work_for_minutes(&world, 5).await;
    assert_eq!(world.state(id).await, StateName::Cancelled);
}

/// Red when an answer counts twice, a dismissed question stays, or the next one is not shown.
#[tokio::test]
async fn an_answer_counts_once_and_the_next_question_is_shown() {
    let (world, id) = given_up(Act::NotExecuted).await;
    let asked = world.asked().await.id;
    let answered = world.resolve(asked, ReviewAction::Dismiss).await.unwrap();
    assert_eq!(answered.resolution.unwrap().by, "api key bk_demo15");
    let again = world.resolve(asked, ReviewAction::Retry).await.unwrap_err();
    assert!(matches!(again, ReviewError::AlreadyResolved), "{again:?}");
    assert_eq!(review(&world.view(id).await), None);
    let nobody = ReviewId::new(id.get());
    let unknown = world
        .resolve(nobody, ReviewAction::Retry)
        .await
        .unwrap_err();
    assert!(matches!(unknown, ReviewError::NotFound), "{unknown:?}");
    assert_eq!(world.open_reviews().await, Vec::<String>::new());
}
