//! `CallLog`: what is told of a call is joined, the appointments that name it are found, and what
//! is old or unwanted goes.

use booking_domain::appointment::Cancellation;
use booking_domain::calls::{Call, CallEvent, CallId, CallStatus, Consent, Content, Transcript};
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{CallCursor, CallFilter, CallView, HistoryKind};
use booking_domain::time::{Instant, Span};

use super::StoreUnderTest;
use super::steps::{Shop, customer_of};
use crate::builders::{ANNA, BEN, COMPANY, OTHER_COMPANY, appointment_id, monday, now, phone};

fn id(name: &str) -> CallId {
    CallId::parse(name).expect("an id")
}

/// What a webhook tells of a call.
fn told(name: &str, event: CallEvent) -> Call {
    Call {
        started_at: Some(now()),
        ..Call::new(id(name), event, now())
    }
}

/// With something in it that was said.
fn spoken(name: &str, text: &str) -> Call {
    Call {
        caller: Some(phone("+491713920042")),
        consent: Consent::read("field", "ja", now()).expect("a word"),
        content: Content {
            transcript: Some(Transcript {
                told_by: CallEvent::Ended,
                text: text.to_owned(),
            }),
            summary: Some("kurz".to_owned()),
            analysis: None,
        },
        ended_at: Some(now() + Span::MINUTE),
        ..told(name, CallEvent::Ended)
    }
}

async fn note(shop: &StoreUnderTest, company: CompanyId, told: &Call) {
    shop.calls.note(company, told).await.expect("noted");
}

async fn read(shop: &StoreUnderTest, name: &str) -> Option<CallView> {
    shop.calls.call(COMPANY, &id(name)).await.expect("answers")
}

/// The ids of the calls that pass, latest first.
async fn listed(shop: &StoreUnderTest, filter: CallFilter) -> Vec<String> {
    let page = shop.calls.calls(COMPANY, &filter, None, 100).await;
    let items = page.expect("answers").items.into_iter();
    items.map(|it| it.call.id.to_string()).collect()
}

/// Whatever the order, with repeats or at once: the same is left, and a refusal deletes. Texts that
/// databases find odd come back.
pub async fn what_is_told_of_a_call_is_joined(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let said = "Agent: Grüß Gott \u{0} 😀\nUser: \"Ja\"";
    let ended = spoken("x", said);
    let mut analyzed = told("x", CallEvent::Analyzed);
    analyzed.successful = Some(true);
    analyzed.status = Some(CallStatus::Ended);
    let events = [told("x", CallEvent::Started), ended, analyzed];
    let expected = events.iter().cloned().reduce(Call::join).expect("three");
    for (name, order) in [("a", [0, 1, 2]), ("b", [2, 1, 0]), ("c", [1, 2, 0])] {
        for at in order.into_iter().chain(order) {
            let mut event = events[at].clone();
            event.id = id(name);
            note(&shop, COMPANY, &event).await;
        }
        let mut expected = expected.clone();
        expected.id = id(name);
        assert_eq!(read(&shop, name).await.expect("kept").call, expected);
    }
    let [one, two, three] = events.each_ref().map(|event| note(&shop, COMPANY, event));
    tokio::join!(one, two, three);
    assert_eq!(read(&shop, "x").await.expect("kept").call, expected);

    let mut refusal = told("x", CallEvent::Analyzed);
    refusal.consent = Consent::read("field", "nein", now()).expect("a word");
    note(&shop, COMPANY, &refusal).await;
    let left = read(&shop, "x").await.expect("kept").call;
    assert!(left.content.is_empty() && left.consent.is_withdrawn());
}

/// The latest first, every one once, without what was said.
pub async fn calls_are_listed_in_pages(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    for minute in 0..7i64 {
        let mut call = spoken(&format!("call_{minute}"), "canary");
        // Two of them begin at the same moment.
        call.started_at = Some(now() + Span::minutes(minute.max(1)));
        note(&shop, COMPANY, &call).await;
    }
    let all = [
        "call_6", "call_5", "call_4", "call_3", "call_2", "call_1", "call_0",
    ];
    assert_eq!(listed(&shop, CallFilter::default()).await, all);
    let (mut found, mut after) = (Vec::new(), None::<CallCursor>);
    loop {
        let filter = CallFilter::default();
        let page = shop.calls.calls(COMPANY, &filter, after.as_ref(), 3).await;
        let page = page.expect("answers");
        assert!(page.items.iter().all(|it| it.call.content.is_empty()));
        assert_eq!(page.items.len(), 3.min(all.len() - found.len()));
        found.extend(page.items.into_iter().map(|it| it.call.id.to_string()));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, all);
    let between = CallFilter {
        from: Some(now() + Span::minutes(2)),
        to: Some(now() + Span::minutes(4)),
        appointment: None,
    };
    assert_eq!(listed(&shop, between).await, ["call_3", "call_2"]);
}

/// Who made, moved or cancelled an appointment names the call; what a later change writes over is
/// still known if the call was told of before.
pub async fn calls_and_appointments_lead_to_each_other(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let by = |who: &str| {
        let who = who.to_owned();
        move |it: &mut booking_domain::appointment::Booking| it.by = who
    };
    let made = shop.booking(1).with(by("call call_1 tool_1"));
    let mut made = shop.held(made, ANNA).await;
    let like = shop.booking(2).range(monday("15:00", 60));
    shop.held(like.with(by("call call_10 tool_1")), BEN).await;
    // The call is told of before and after: either way it is found.
    assert_eq!(read(&shop, "call_1").await, None);
    note(&shop, COMPANY, &told("call_1", CallEvent::Started)).await;
    note(&shop, COMPANY, &told("call_2", CallEvent::Started)).await;
    let remote = crate::builders::remote("uid", made.range());
    let _ = made.confirm(&remote, None, now());
    shop.save(&mut made).await;
    let to = monday("11:00", 60);
    let _ = made.reschedule(to, SyncOrigin::Retell, "call call_2 tool_9", now());
    shop.save(&mut made).await;
    let links = async |name: &str| read(&shop, name).await.expect("kept").appointments;
    assert_eq!(links("call_1").await, [made.id()]);
    assert_eq!(links("call_2").await, [made.id()], "not told of since");
    let _ = made.stay(now());
    shop.save(&mut made).await;
    note(&shop, COMPANY, &told("call_2", CallEvent::Ended)).await;
    let wish = Cancellation {
        at: now(),
        origin: SyncOrigin::Retell,
        by: "call call_3".to_owned(),
        reason: None,
    };
    let _ = made.cancel(wish, now());
    shop.save(&mut made).await;
    note(&shop, COMPANY, &told("call_3", CallEvent::Ended)).await;
    let of = |appointment| CallFilter {
        appointment: Some(appointment),
        ..CallFilter::default()
    };
    let mine = ["call_3", "call_2", "call_1"];
    assert_eq!(listed(&shop, of(made.id())).await, mine);
    let page = shop.calls.calls(COMPANY, &of(made.id()), None, 9).await;
    let page = page.expect("answers").items;
    assert!(
        page.iter().all(|it| it.appointments == [made.id()]),
        "{page:?}"
    );
    assert_eq!(listed(&shop, of(appointment_id(2))).await, [""; 0]);
    assert_eq!(listed(&shop, of(appointment_id(9))).await, [""; 0]);

    let history = shop.history.history(COMPANY, made.id()).await;
    let history = history.expect("told");
    let lines: Vec<_> = history
        .iter()
        .filter(|line| line.kind == HistoryKind::Call)
        .map(|line| (line.actor.as_deref().unwrap_or_default(), &*line.name))
        .collect();
    let began = ["call call_1", "call call_2", "call call_3"].map(|it| (it, "call_started"));
    assert_eq!(lines, began);
}

/// One company's calls are nobody else's, whatever their ids.
pub async fn companies_do_not_share_calls(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    note(&shop, COMPANY, &spoken("x", "canary")).await;
    let massage = shop.massage(1).with(|it| it.by = "call x".to_owned());
    shop.held(massage, crate::builders::CARLA).await;
    let theirs = shop.calls.call(OTHER_COMPANY, &id("x")).await;
    assert_eq!(theirs.expect("answers"), None);
    let mine = read(&shop, "x").await.expect("kept");
    assert_eq!(mine.appointments, Vec::<AppointmentId>::new());
    note(&shop, OTHER_COMPANY, &told("x", CallEvent::Started)).await;
    let theirs = shop.calls.call(OTHER_COMPANY, &id("x")).await;
    let theirs = theirs.expect("answers").expect("kept");
    assert!(theirs.call.content.is_empty());
    assert_eq!(theirs.appointments, [appointment_id(1)]);
    assert_eq!(listed(&shop, CallFilter::default()).await, ["x"]);
}

/// Company 15 keeps its calls for 14 days, company 20 for the 30 of the default, and without what
/// was said.
pub async fn calls_go_when_their_time_is_over(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let days = Span::days;
    for (company, name, age) in [
        (COMPANY, "old", days(14) + Span::MINUTE),
        (COMPANY, "young", Span::minutes(14 * 24 * 60 - 1)),
        (OTHER_COMPANY, "old", days(30) + Span::MINUTE),
        (OTHER_COMPANY, "young", Span::minutes(30 * 24 * 60 - 1)),
    ] {
        let mut call = spoken(name, "canary");
        (call.started_at, call.noted_at) = (Some(now() - age), now() - age);
        note(&shop, company, &call).await;
    }
    let prune = async |at: Instant| {
        let gone = shop.calls.prune_calls(at, 1_000).await;
        gone.expect("pruned")
    };
    assert_eq!(prune(now()).await, 3, "the old, and what is not wanted");
    assert_eq!(prune(now()).await, 0);
    let young = read(&shop, "young").await.expect("kept");
    assert!(!young.call.content.is_empty(), "company 15 wants it");
    assert_eq!(read(&shop, "old").await, None);
    let theirs = shop.calls.call(OTHER_COMPANY, &id("young")).await;
    let theirs = theirs.expect("answers").expect("kept");
    assert!(theirs.call.content.is_empty(), "company 20 does not");
    assert_eq!(prune(now() + days(1)).await, 2);
    assert_eq!(prune(now() + days(1)).await, 0);
    assert_eq!(listed(&shop, CallFilter::default()).await, [""; 0]);
}

/// By number and by appointment, in this company only.
pub async fn a_customers_calls_are_forgotten(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let customer = customer_of(&shop, COMPANY).await;
    let by = |it: &mut booking_domain::appointment::Booking| it.by = "call anonymous t".to_owned();
    shop.held(shop.booking(1).with(by), ANNA).await;
    let mut other = spoken("other", "canary");
    other.caller = Some(phone("+491713920099"));
    for call in [
        spoken("number", "canary"),
        told("anonymous", CallEvent::Ended),
        other,
    ] {
        note(&shop, COMPANY, &call).await;
    }
    note(&shop, OTHER_COMPANY, &spoken("number", "canary")).await;
    let gone = shop.calls.forget_calls_of(COMPANY, customer).await;
    assert_eq!(gone.expect("forgotten"), 2);
    assert_eq!(listed(&shop, CallFilter::default()).await, ["other"]);
    let theirs = shop.calls.call(OTHER_COMPANY, &id("number")).await;
    assert!(theirs.expect("answers").is_some());
}
