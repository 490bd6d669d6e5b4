//! The breaker and the budget in front of real calls, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use booking_calcom_client::{CalcomClient, CalcomSettings, LocalBudget};
use booking_domain::breaker::{BreakerPolicy, BreakerState};
use booking_domain::budget::Priority;
use booking_domain::ports::{CalendarError, CalendarHealth, CalendarPort, Clock, SlotQuery};
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Instant, Span};
use booking_test_support::clock::FixedClock;
use booking_test_support::contract::BudgetUnderTest;
use booking_test_support::wait::until;
use serde_json::json;
use tokio::time::timeout;

use crate::server::{End, Reply, Server};
use crate::support::{self, UID, class, now, settings, slot_query, uid, wanted, wish};

async fn make() -> BudgetUnderTest {
    BudgetUnderTest {
        budget: Arc::new(LocalBudget::new(100)),
        keep: Box::new(()),
    }
}

booking_test_support::budget_contract!(make);

const LIMIT: Duration = Duration::from_secs(20);

/// A client of the usual breaker, and the clock it goes by.
struct Guarded {
    client: CalcomClient,
    clock: Arc<FixedClock>,
}

impl Guarded {
    fn new(per_minute: u32) -> Self {
        let clock = Arc::new(FixedClock::new(now()));
        let client = CalcomClient::new(CalcomSettings {
            breaker: BreakerPolicy::default(),
            per_minute,
            clock: clock.clone(),
            ..settings()
        });
        let client = client.unwrap();
        Self { client, clock }
    }

    async fn slots(&self, account: &CalcomAccount) -> &'static str {
        class(self.client.slots(account, &slot_query()).await)
    }

    fn state(&self, account: &CalcomAccount) -> BreakerState {
        self.client.breaker(account, self.clock.now()).state
    }

    /// When a call that is held back may be tried.
    async fn held_back_until(&self, account: &CalcomAccount) -> Instant {
        match self.client.create(account, &wish()).await {
            Err(CalendarError::NotExecuted {
                retry_at: Some(retry_at),
                tried: false,
                ..
            }) => retry_at,
            other => panic!("{other:?}"),
        }
    }
}

fn failing() -> Reply {
    Reply::status(500, &[], "")
}

fn empty() -> Reply {
    Reply::data(&json!({}))
}

fn account(server: &Server) -> CalcomAccount {
    support::account(&server.url())
}

/// Red when the sixth call leaves, when it opens for another account, or closes on one success.
#[tokio::test]
async fn five_failures_open_it_and_two_probes_close_it() {
    let mut replies = vec![failing(); 5];
    replies.push(empty());
    let server = Server::start(replies).await;
    let (gateway, account) = (Guarded::new(100), account(&server));
    let mut other = account.clone();
    other.api_key = "cal_of_somebody_else".to_owned();
    for _ in 0..5 {
        assert_eq!(gateway.slots(&account).await, "unavailable");
    }
    assert_eq!(gateway.slots(&account).await, "breaker_open");
    let again = gateway.held_back_until(&account).await;
    assert_eq!(again, now() + Span::seconds(60));
    assert_eq!(server.asked().len(), 5);
    let view = gateway.client.breaker(&account, now());
    assert_eq!((view.state, view.failures), (BreakerState::Open, 5));
    assert_eq!(gateway.state(&other), BreakerState::Closed);
    assert_eq!(gateway.slots(&other).await, "done");

    gateway.clock.set(again);
    assert_eq!(gateway.slots(&account).await, "done");
    assert_eq!(gateway.state(&account), BreakerState::HalfOpen);
    assert_eq!(gateway.slots(&account).await, "done");
    assert_eq!(gateway.state(&account), BreakerState::Closed);
    let recovered = timeout(LIMIT, gateway.client.recovered()).await;
    assert_eq!(recovered.unwrap(), account);
}

/// Red when a refusal, or a legible answer that is wrong, counts as nobody being there; or when
/// silence, resets and what cannot be read do not.
#[tokio::test]
async fn only_silence_and_noise_open_it() {
    let odd = Reply::data(&support::booking("aNother", "accepted"));
    for reply in [400, 401, 403, 404, 409, 422].map(|status| Reply::status(status, &[], "{}")) {
        let server = Server::start(vec![reply]).await;
        assert_eq!(after_six_reads(&server).await, BreakerState::Closed);
        assert_eq!(server.asked().len(), 6);
    }
    let server = Server::start(vec![odd]).await;
    assert_eq!(after_six_reads(&server).await, BreakerState::Closed);
    let noise = Reply::status(200, &[], "<html>");
    let cut = empty().cut(60, End::Close);
    let reset = empty().cut(0, End::Reset);
    for reply in [failing(), noise, cut, reset] {
        let server = Server::start(vec![reply]).await;
        assert_eq!(after_six_reads(&server).await, BreakerState::Open);
        assert_eq!(server.asked().len(), 5);
    }
}

async fn after_six_reads(server: &Server) -> BreakerState {
    let (gateway, account) = (Guarded::new(100), account(server));
    for _ in 0..6 {
        let _ = gateway.client.get(&account, &uid(UID)).await;
    }
    gateway.state(&account)
}

/// Red when a limit counts as a failure, or the next call leaves before Cal.com wants it.
#[tokio::test]
async fn a_limit_pauses_the_account_and_opens_nothing() {
    let limit = Reply::status(429, &[("Retry-After", "7")], "");
    let server = Server::start(vec![limit]).await;
    let (gateway, account) = (Guarded::new(100), account(&server));
    for round in 1..=6 {
        assert_eq!(gateway.slots(&account).await, "rate_limited");
        let until = gateway.clock.now() + Span::seconds(7);
        assert_eq!(gateway.slots(&account).await, "self_limited");
        assert_eq!(gateway.held_back_until(&account).await, until);
        assert_eq!(server.asked().len(), round);
        gateway.clock.set(until);
    }
    assert_eq!(gateway.state(&account), BreakerState::Closed);
}

/// Red when a booking waits behind what nobody waits for, or the budget is not one for all.
#[tokio::test]
async fn bookings_go_when_warming_no_longer_does() {
    let server = Server::start(vec![empty()]).await;
    let (gateway, account) = (Guarded::new(8), account(&server));
    let warming = SlotQuery {
        priority: Priority::Warming,
        ..slot_query()
    };
    let mut went = Vec::new();
    for _ in 0..3 {
        went.push(class(gateway.client.slots(&account, &warming).await));
    }
    assert_eq!(went, ["done", "done", "self_limited"]);
    for _ in 0..4 {
        assert_eq!(gateway.slots(&account).await, "done");
    }
    assert_eq!(gateway.slots(&account).await, "self_limited");
    for _ in 0..2 {
        let created = gateway.client.create(&account, &wish()).await;
        assert!(matches!(created, Err(CalendarError::Ambiguous { .. })));
    }
    assert_eq!(
        gateway.held_back_until(&account).await,
        now() + Span::MINUTE
    );
    assert_eq!(server.asked().len(), 8);
}

/// Red when the pages of a list are one call.
#[tokio::test]
async fn each_page_is_a_call() {
    let page = json!({
        "status": "success", "data": [],
        "pagination": {"hasMore": true, "nextCursor": "more"},
    });
    let server = Server::start(vec![Reply::ok(&page)]).await;
    let (gateway, account) = (Guarded::new(10), account(&server));
    let found = gateway.client.find(&account, &wanted()).await;
    assert_eq!(class(found), "self_limited");
    assert_eq!(server.asked().len(), 9);
}

/// Red when a caller who goes away takes a probe's place with them.
#[tokio::test]
async fn a_cancelled_probe_gives_its_place_back() {
    let mut replies = vec![failing(); 5];
    replies.extend([empty().cut(0, End::Silence), empty()]);
    let server = Server::start(replies).await;
    let (gateway, account) = (Arc::new(Guarded::new(100)), account(&server));
    for _ in 0..5 {
        gateway.slots(&account).await;
    }
    gateway.clock.advance(Span::MINUTE);
    let (probing, whose) = (gateway.clone(), account.clone());
    let probe = tokio::spawn(async move { probing.slots(&whose).await });
    until(LIMIT, "the probe is under way", || async {
        server.asked().len() == 6
    })
    .await
    .unwrap();
    assert_eq!(gateway.slots(&account).await, "breaker_open");
    probe.abort();
    assert!(probe.await.is_err());
    assert_eq!(gateway.slots(&account).await, "done");
}
