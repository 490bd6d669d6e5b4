//! Every order, every repeat, and what is never kept.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::contact::Phone;
use crate::tenant::{CallRules, Transcripts};
use crate::time::{Instant, Span};

fn noon(plus: i64) -> Instant {
    let noon: Instant = "2025-10-13T12:00:00Z".parse().expect("valid");
    noon + Span::seconds(plus)
}

fn id() -> CallId {
    CallId::parse("call_1").expect("an id")
}

fn consent() -> impl Strategy<Value = Consent> {
    let note = |at: i64, said: &str| Consent::read("transcript_consent", said, noon(at));
    const WORDS: [&str; 6] = ["ja", "yes", "true", "nein", "withdrawn", "vielleicht"];
    (0..3i64, select(&WORDS[..])).prop_map(move |(at, said)| note(at, said).unwrap_or_default())
}

fn content() -> impl Strategy<Value = Content> {
    (
        option::of((select(CallEvent::ALL), "[ab]{0,3}")),
        option::of("[ab]{1,2}"),
        option::of("[ab]"),
    )
        .prop_map(|(transcript, summary, found)| Content {
            transcript: transcript.map(|(told_by, text)| Transcript { told_by, text }),
            summary,
            analysis: found
                .map(|it| serde_json::Map::from_iter([(it, serde_json::Value::Bool(true))])),
        })
}

/// Anything that a webhook may tell of one call.
fn told() -> impl Strategy<Value = Call> {
    let times = (
        0..3i64,
        option::of(0..3i64),
        option::of(0..3i64),
        option::of(0..3u64),
    );
    let words = (
        option::of(select(Direction::ALL)),
        option::of(select(CallStatus::ALL)),
        option::of(select(Sentiment::ALL)),
        prop::bool::weighted(0.2),
        option::of("[ab]"),
        option::of("[ab]"),
        option::of(any::<bool>()),
    );
    let who = (
        option::of(select(&["+491713920042", "+491713920043"][..])),
        option::of("[ab]"),
        any::<bool>(),
    );
    (
        select(CallEvent::ALL),
        times,
        words,
        who,
        consent(),
        content(),
    )
        .prop_map(|(event, times, words, who, consent, content)| Call {
            started_at: times.1.map(noon),
            ended_at: times.2.map(noon),
            duration_ms: times.3,
            direction: words.0,
            status: words.1,
            sentiment: words.2,
            storage: if words.3 {
                Storage::Basics
            } else {
                Storage::Everything
            },
            agent_id: words.4,
            disconnection_reason: words.5.clone(),
            language: words.5,
            successful: words.6,
            voicemail: words.6,
            caller: who.0.map(|it| Phone::parse(it).expect("a number")),
            business_number: who.1,
            web: who.2,
            consent,
            content,
            ..Call::new(id(), event, noon(times.0))
        })
}

fn rules(transcripts: Transcripts) -> CallRules {
    CallRules {
        transcripts,
        ..CallRules::default()
    }
}

fn left(of: impl IntoIterator<Item = Call>, rules: &CallRules) -> Call {
    let kept = of.into_iter().map(|it| it.kept(rules));
    kept.reduce(Call::join).expect("something was told")
}

proptest! {
    /// Red when a field of `join` takes the one that came last, or the first; when `kept` looks at
    /// what other webhooks said; when a refusal deletes only what came before it.
    #[test]
    fn every_order_and_every_repeat_leaves_the_same(
        (told, again) in vec(told(), 1..5).prop_flat_map(|told| {
            let again = vec(0..told.len(), 0..9);
            (Just(told), again)
        }),
        seed in any::<u64>(),
        on in any::<bool>(),
    ) {
        let rules = rules(if on { Transcripts::WithConsent } else { Transcripts::Off });
        let mut other: Vec<Call> = told.clone();
        other.extend(again.iter().map(|at| told[*at].clone()));
        // A shuffle without a source of chance.
        other.sort_by_cached_key(|it| {
            let text = format!("{seed}{}", serde_json::to_string(it).expect("JSON"));
            text.bytes().fold(seed, |sum, byte| sum.rotate_left(7) ^ u64::from(byte))
        });
        prop_assert_eq!(left(other, &rules), left(told, &rules));
    }

    /// How they are put together does not matter either: what is stored is joined with what comes.
    #[test]
    fn join_is_associative_and_commutative(one in told(), two in told(), three in told()) {
        let rules = rules(Transcripts::WithConsent);
        let [one, two, three] = [one, two, three].map(|it| it.kept(&rules));
        let left = one.clone().join(two.clone()).join(three.clone());
        prop_assert_eq!(&left, &one.clone().join(two.clone().join(three)));
        prop_assert_eq!(one.clone().join(two.clone()), two.join(one.clone()));
        prop_assert_eq!(one.clone().join(one.clone()), one);
    }

    /// Red when content is kept with the rule off, without consent, after a refusal, or against
    /// the platform's own setting.
    #[test]
    fn nothing_is_kept_that_may_not_be(told in vec(told(), 1..6), on in any::<bool>()) {
        let rules = rules(if on { Transcripts::WithConsent } else { Transcripts::Off });
        let refused = told.iter().any(|it| it.consent.is_withdrawn());
        let basics = told.iter().any(|it| it.storage == Storage::Basics);
        let agreed = told.iter().any(|it| it.consent.is_given());
        let left = left(told, &rules);
        if !on || refused || basics || !agreed {
            prop_assert!(left.content.is_empty());
        }
        if basics {
            prop_assert_eq!(left.caller, None);
        }
    }
}

#[test]
fn only_clear_words_count() {
    let given = |said| Consent::read("f", said, noon(0)).is_some_and(|it| it.is_given());
    let refused = |said| Consent::read("f", said, noon(0)).is_some_and(|it| it.is_withdrawn());
    for said in ["true", "yes", "ja", " Ja ", "YES", "True"] {
        assert!(given(said), "{said}");
    }
    for said in ["false", "no", "nein", "Nein", "withdrawn", "widerrufen"] {
        assert!(refused(said), "{said}");
    }
    for said in [
        "",
        "1",
        "ok",
        "ja gerne",
        "yes please",
        "jawohl",
        "null",
        "{{x}}",
    ] {
        assert!(!given(said) && !refused(said), "{said}");
    }
}

/// Red when a limit is not kept, or a character is cut in two.
#[test]
fn what_is_kept_has_a_size() {
    let rules = rules(Transcripts::WithConsent);
    let with = |summary: String, found: usize| {
        let mut call = Call::new(id(), CallEvent::Analyzed, noon(0));
        call.consent = Consent::read("f", "ja", noon(0)).expect("a word");
        call.content = Content {
            transcript: Some(Transcript {
                told_by: CallEvent::Analyzed,
                text: "ü".repeat(Content::MAX_TRANSCRIPT),
            }),
            summary: Some(summary),
            analysis: Some(serde_json::Map::from_iter([(
                "found".to_owned(),
                "x".repeat(found).into(),
            )])),
        };
        call.kept(&rules).content
    };
    let kept = with("kurz".into(), 10);
    let transcript = kept.transcript.expect("kept").text;
    assert_eq!(transcript.len(), Content::MAX_TRANSCRIPT);
    assert!(kept.analysis.is_some());
    assert_eq!(kept.summary.as_deref(), Some("kurz"));
    let kept = with("a".to_owned() + &"ü".repeat(Content::MAX_SUMMARY), 20_000);
    assert_eq!(kept.analysis, None);
    assert_eq!(
        kept.summary.map(|it| it.len()),
        Some(Content::MAX_SUMMARY - 1)
    );
}

#[test]
fn nothing_personal_is_printed() {
    let mut call = Call::new(id(), CallEvent::Ended, noon(0));
    call.caller = Phone::parse("+491713920042").ok();
    call.content.transcript = Some(Transcript {
        told_by: CallEvent::Ended,
        text: "canary".into(),
    });
    call.content.summary = Some("canary".into());
    let shown = format!("{call:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("920042"),
        "{shown}"
    );
}

#[test]
fn ids_stand_between_blanks() {
    for bad in ["", "a b", "a\nb", "ü", &"x".repeat(129)] {
        assert_eq!(CallId::parse(bad), None, "{bad}");
    }
    let (from, until) = id().range_of_actors();
    let within = |actor: &str| *actor >= *from && *actor < *until;
    assert!(within("call call_1") && within("call call_1 tool_2"));
    for other in [
        "call call_10",
        "call call_1!",
        "call call_",
        "api key call_1",
    ] {
        assert!(!within(other), "{other}");
    }
}

#[test]
fn words_round_trip() {
    for event in CallEvent::ALL {
        assert_eq!(CallEvent::parse(event.as_str()), Some(*event));
    }
    assert_eq!(Sentiment::parse("Positive"), Some(Sentiment::Positive));
    assert_eq!(CallStatus::parse("odd"), None);
}
