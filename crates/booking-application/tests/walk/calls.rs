//! Calls: what is kept of them, what is known of a caller, and what goes.

use booking_application::{Actor, BookAppointment, CancelAppointment, Greeting, Terms};
use booking_domain::calls::{Call, CallEvent, CallId, Consent, Content, Transcript};
use booking_domain::contact::{Contact, PersonName, Phone};
use booking_domain::ports::{CallLog, Clock};
use booking_domain::tenant::{CallRules, Transcripts};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::{COMPANY, contact, nine, phone};

use crate::office::{self, Office};
use crate::script::Call as CalcomCall;
use crate::world::{World, actor, two, wish};

fn id() -> CallId {
    CallId::parse("call_1").unwrap()
}

fn rules(transcripts: Transcripts, keep_days: u32) -> CallRules {
    CallRules {
        transcripts,
        keep_days,
        ..CallRules::default()
    }
}

fn told(world: &World, event: CallEvent, said: &str) -> Call {
    let now = world.clock.now();
    Call {
        consent: Consent::read("field", said, now).unwrap_or_default(),
        content: Content {
            transcript: Some(Transcript {
                told_by: event,
                text: "canary".to_owned(),
            }),
            ..Content::default()
        },
        ..Call::new(id(), event, now)
    }
}

/// Red when the rules are not asked, when words without consent make a row, or a refusal that comes
/// with words alone is not noted.
#[tokio::test]
async fn the_companys_rules_say_what_is_kept() {
    let with = rules(Transcripts::WithConsent, 14);
    for (rules, event, said, row, words) in [
        (&with, CallEvent::Ended, "ja", true, true),
        (&with, CallEvent::Ended, "", true, false),
        (&with, CallEvent::TranscriptUpdated, "ja", true, true),
        (&with, CallEvent::TranscriptUpdated, "", false, false),
        (&with, CallEvent::TranscriptUpdated, "nein", true, false),
        (
            &rules(Transcripts::Off, 14),
            CallEvent::Ended,
            "ja",
            true,
            false,
        ),
        (
            &rules(Transcripts::WithConsent, 0),
            CallEvent::Ended,
            "ja",
            false,
            false,
        ),
    ] {
        let world = World::new().await;
        let told = told(&world, event, said);
        world.app.note_call(COMPANY, rules, told).await.unwrap();
        let kept = world.store.call(COMPANY, &id()).await.unwrap();
        let has_words = kept.as_ref().is_some_and(|it| !it.call.content.is_empty());
        assert_eq!(
            (kept.is_some(), has_words),
            (row, words),
            "{rules:?} {said}"
        );
    }
}

/// Red when words are shown that the company no longer keeps, until they are deleted.
#[tokio::test]
async fn words_are_shown_while_the_company_keeps_them() {
    let office = Office::open().await;
    for (rule, is_shown) in [(Transcripts::WithConsent, true), (Transcripts::Off, false)] {
        let mut file = office::setup();
        file.companies[0].calls = rules(rule, 14);
        office.import(&file).await;
        let keeps = rules(Transcripts::WithConsent, 14);
        let told = told(&office.world, CallEvent::Ended, "ja");
        office.app().note_call(COMPANY, &keeps, told).await.unwrap();
        let found = office.app().voice_call(COMPANY, &id()).await.unwrap();
        let words = found.unwrap().call.content;
        assert_eq!(!words.is_empty(), is_shown, "{rule:?}");
    }
}

/// Red when calls are not pruned with the rest.
#[tokio::test]
async fn calls_go_with_what_is_over() {
    let with = rules(Transcripts::WithConsent, 14);
    for (days, is_kept) in [(13, true), (15, false)] {
        let world = World::new().await;
        let told = told(&world, CallEvent::Ended, "ja");
        world.app.note_call(COMPANY, &with, told).await.unwrap();
        world.clock.advance(Span::days(days));
        crate::upkeep::fire(&world, "prune").await;
        let found = world.app.voice_call(COMPANY, &id()).await.unwrap();
        assert_eq!(found.is_some(), is_kept, "after {days} days");
    }
}

async fn book(world: &World, name: &str, number: &str, range: TimeRange) {
    let customer = Contact {
        name: PersonName::parse(name).unwrap(),
        email: None,
        phone: Phone::parse(number).ok(),
        ..contact()
    };
    let wish = BookAppointment {
        customer,
        ..wish(range)
    };
    world.app.book_appointment(actor(), wish).await.unwrap();
}

async fn greeted(world: &World, number: &str) -> Greeting {
    world.app.greet(COMPANY, &phone(number)).await.unwrap()
}

/// Red when what is cancelled or over is told, or an unknown number is known.
#[tokio::test]
async fn a_caller_is_known_by_the_number() {
    let world = World::new().await;
    let number = "+491713920077";
    assert_eq!(greeted(&world, number).await, Greeting::default());
    book(&world, "Erika Muster", number, two()).await;
    book(&world, "Erika Muster", number, nine()).await;
    let first = greeted(&world, number).await;
    assert!(first.is_known);
    assert_eq!(first.name, PersonName::parse("Erika Muster").ok());
    assert_eq!(first.next, Some(nine().start()));
    let nines = world.everything().await;
    let cancel = CancelAppointment {
        id: nines[0].appointment.id(),
        reason: None,
        terms: Terms::default(),
    };
    let by_voice = Actor {
        by: "call call_1 tool_1".to_owned(),
        ..actor()
    };
    world
        .app
        .cancel_appointment(by_voice, cancel)
        .await
        .unwrap();
    assert_eq!(greeted(&world, number).await.next, Some(two().start()));
    world.clock.advance(Span::days(30));
    let later = greeted(&world, number).await;
    assert_eq!((later.is_known, later.next), (true, None));
}

/// Red when warming is waited for, or does not happen.
#[tokio::test]
async fn what_a_caller_will_ask_for_is_fetched_behind_their_back() {
    let world = World::new().await;
    world.app.expect_questions(COMPANY).await;
    assert_eq!(world.calendar.script.calls(CalcomCall::Slots), 0, "not yet");
    let report = world.app.warm_caches().await.unwrap();
    assert_eq!((report.warmed, report.waiting), (2, 0));
}
