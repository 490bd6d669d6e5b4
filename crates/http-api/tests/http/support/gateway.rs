//! A gateway with the demo set-up, on a Friday morning in October 2025.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use booking_application::{Application, Deps, LinkKey, Settings, key_digest};
use booking_domain::ports::{
    CarrierError, Channel, CustomerMessage, MessageCarrier, NoProbe, SetupStore, StoreError,
    StorePorts, UnitOfWork, UnitOfWorkFactory, VersionMirror,
};
use booking_domain::tenant::{ApiKeyEntry, SetupFile};
use booking_domain::time::Span;
use booking_http_api::{Api, ApiSettings, ApiState, Readiness};
use booking_memory_cache::MemoryCache;
use booking_sqlite::{SqliteStore, SqliteTarget};
use booking_test_support::builders::{COMPANY, DEMO_KEY, demo_setup, now};
use booking_test_support::clock::{FixedClock, SeededIds};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tower::ServiceExt;

use super::Reply;
use super::calendar::{FakeCalendar, Mode};

/// Company 15's key that may only look.
pub(crate) const READ_KEY: &str = "bk_look15_0000000000000000";
/// Company 15's key that may do everything.
pub(crate) const ADMIN_KEY: &str = "bk_admin15_000000000000000";
/// Company 15's webhook secret.
pub(crate) const SECRET: &str = "whsec_15";

pub(crate) struct Gateway {
    pub(crate) app: Arc<Application>,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) calendar: Arc<FakeCalendar>,
    pub(crate) readiness: Readiness,
    ids: Arc<SeededIds>,
    settings: ApiSettings,
}

impl Gateway {
    /// With the demo set-up and no rate limit.
    pub(crate) async fn new() -> Self {
        let store = SqliteStore::open(SqliteTarget::Memory).expect("a store in memory");
        Self::on(Arc::new(store), None).await
    }

    /// As [`Self::new`], with a store whose `broken` half fails.
    pub(crate) async fn broken(broken: Broken) -> Self {
        let store = SqliteStore::open(SqliteTarget::Memory).expect("a store in memory");
        Self::on(Arc::new(store), Some(broken)).await
    }

    async fn on(store: Arc<SqliteStore>, broken: Option<Broken>) -> Self {
        let mut setup = demo_setup();
        for (token, scope) in [(READ_KEY, "read"), (ADMIN_KEY, "admin")] {
            setup.companies[0].api_keys.push(ApiKeyEntry {
                token: token.to_owned(),
                scopes: vec![scope.to_owned()],
            });
        }
        let clock = Arc::new(FixedClock::new(now()));
        let (ids, calendar) = (Arc::new(SeededIds::new(7)), Arc::<FakeCalendar>::default());
        let mut ports = StorePorts::of(store.clone());
        match broken {
            Some(Broken::Writing) => ports.units = Arc::new(NoUnits),
            Some(Broken::Versions) => ports.versions = Arc::new(NoVersions(store.clone())),
            None => {}
        }
        let deps = Deps {
            clock: clock.clone(),
            ids: ids.clone(),
            store: ports,
            wakeups: None,
            near_cache: Arc::new(MemoryCache::new(1_000)),
            shared_cache: None,
            calendar: calendar.clone(),
            health: calendar.clone(),
            edge: None,
            carriers: vec![Arc::new(Postbox)],
            probe: Arc::new(NoProbe),
        };
        let gateway = Self {
            app: Application::new(deps, reachable()),
            store,
            clock,
            calendar,
            readiness: Readiness::default(),
            ids,
            settings: ApiSettings {
                rate_limit_per_second: 0,
                deadline: Span::seconds(5),
                keep_answers: true,
            },
        };
        gateway.import(&setup).await;
        gateway
    }

    pub(crate) async fn import(&self, setup: &SetupFile) {
        let imported = self.store.import(setup, &key_digest).await;
        imported.expect("the set-up is imported");
        VersionMirror::refresh(&*self.store)
            .await
            .expect("the mirror is refreshed");
    }

    pub(crate) fn limited(mut self, per_second: u32) -> Self {
        self.settings.rate_limit_per_second = per_second;
        self
    }

    /// The API, with `extra` merged.
    pub(crate) fn api_with(&self, extra: Router) -> Api {
        let state = ApiState {
            app: self.app.clone(),
            settings: self.settings,
            metrics: Arc::new(|| "# made up\nbooking_up 1\n".to_owned()),
            readiness: self.readiness.clone(),
            ids: self.ids.clone(),
        };
        Api::new(state, extra)
    }

    pub(crate) fn api(&self) -> Api {
        self.api_with(Router::new())
    }

    pub(crate) async fn send(&self, request: Request) -> Reply {
        Reply::read(self.api().oneshot(request).await.expect("infallible")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(
            bearing(DEMO_KEY, "GET", path)
                .body(Body::empty())
                .expect("a request"),
        )
        .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_with(path, body, &[]).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Reply {
        let request = headers.iter().fold(
            bearing(DEMO_KEY, "POST", path).header("content-type", "application/json"),
            |request, (name, value)| request.header(*name, *value),
        );
        self.send(
            request
                .body(Body::from(body.to_string()))
                .expect("a request"),
        )
        .await
    }

    /// A webhook, signed with `secret`.
    pub(crate) async fn webhook(&self, path: &str, secret: &str, body: &Value) -> Reply {
        let body = body.to_string();
        let request = Request::post(path)
            .header("x-cal-signature-256", sign(secret, body.as_bytes()))
            .body(Body::from(body));
        self.send(request.expect("a request")).await
    }

    /// The appointments of company 15, as the list shows them.
    pub(crate) async fn appointments(&self) -> Vec<Value> {
        let list = self.get("/api/v1/bookings").await;
        assert_eq!(list.status, 200, "{}", list.text);
        list.json["data"].as_array().expect("a list").clone()
    }

    /// How many webhooks of company 15 wait for a person.
    pub(crate) async fn quarantined(&self) -> usize {
        let unit = self.store.begin(COMPANY).await;
        let mut unit: Box<dyn UnitOfWork> = unit.expect("a unit of work");
        unit.quarantined(100).await.expect("a list").len()
    }

    /// Lets some seconds pass, and reads at Cal.com what news came about.
    pub(crate) async fn converge(&self) {
        self.clock.advance(Span::seconds(6));
        while self.app.converge_news().await.expect("stored").read > 0 {}
    }

    pub(crate) fn calendar_is(&self, mode: Mode) {
        self.calendar.behave(mode);
    }
}

/// A request with a key.
pub(crate) fn bearing(key: &str, method: &str, path: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    request.header("authorization", format!("Bearer {key}"))
}

pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// Signs the links of this gateway.
pub(crate) const LINK_KEY: LinkKey = LinkKey([3; 32]);

fn reachable() -> Settings {
    Settings {
        public_url: Some("https://booking.example".to_owned()),
        link_key: Some(LINK_KEY),
        ..Settings::default()
    }
}

/// Takes every mail.
struct Postbox;

#[async_trait::async_trait]
impl MessageCarrier for Postbox {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn carry(&self, _: &CustomerMessage) -> Result<Option<String>, CarrierError> {
        Ok(None)
    }

    async fn check(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}

/// What of the store is out of order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Broken {
    /// Units of work cannot be opened.
    Writing,
    /// The truth line cannot be read.
    Versions,
}

fn unavailable() -> StoreError {
    StoreError::Unavailable {
        action: "do as told",
        source: "made up: secret-dsn-password".into(),
    }
}

struct NoUnits;

#[async_trait::async_trait]
impl UnitOfWorkFactory for NoUnits {
    async fn begin(
        &self,
        _: booking_domain::ids::CompanyId,
    ) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Err(unavailable())
    }
}

struct NoVersions(Arc<SqliteStore>);

#[async_trait::async_trait]
impl VersionMirror for NoVersions {
    async fn refresh(&self) -> Result<(), StoreError> {
        Err(unavailable())
    }

    fn stamp(
        &self,
        company: booking_domain::ids::CompanyId,
        group: booking_domain::ids::GroupId,
        days: booking_domain::time::DayRange,
    ) -> booking_domain::availability::Stamp {
        self.0.stamp(company, group, days)
    }

    fn freed_at(
        &self,
        company: booking_domain::ids::CompanyId,
        group: booking_domain::ids::GroupId,
        days: booking_domain::time::DayRange,
    ) -> Option<booking_domain::time::Instant> {
        self.0.freed_at(company, group, days)
    }

    fn setup_version(&self, company: booking_domain::ids::CompanyId) -> i64 {
        self.0.setup_version(company)
    }
}
