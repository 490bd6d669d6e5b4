//! An application over real adapters, with a clock and a calendar that do as they are told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use booking_application::availability::Availability;
use booking_application::{
    Actor, Application, AvailabilityError, AvailabilityQuestion, BookAppointment, BookError,
    Booked, CancelAppointment, CancelError, Deps, RescheduleAppointment, RescheduleError, Settings,
    Terms, key_digest,
};
use booking_domain::appointment::StateName;
use booking_domain::availability::{LiveClaim, Resource};
use booking_domain::ids::{AppointmentId, ServiceId, StaffId};
use booking_domain::origin::SyncOrigin;
use booking_domain::ports::{
    AppointmentFilter, AppointmentQueries, AppointmentView, AvailabilityCache, Clock, NoProbe,
    ReviewFilter, SagaQueue, SetupStore, StorePorts,
};
use booking_domain::saga::SagaKind;
use booking_domain::tenant::{CalcomAccount, SetupFile};
use booking_domain::time::{Instant, Span, TimeRange};
use booking_memory_cache::MemoryCache;
use booking_sqlite::{SqliteStore, SqliteTarget};
use booking_test_support::builders::{
    COMPANY, CONSULTATION, CONSULTATION_EVENT, SHORT_EVENT, STAFF_GROUP, contact, demo_setup,
    monday, now,
};
use booking_test_support::clock::{FixedClock, SeededIds};

use crate::calendar::FakeCalendar;

pub(crate) struct World {
    pub(crate) app: Arc<Application>,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) near: Arc<MemoryCache>,
    pub(crate) shared: Arc<MemoryCache>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) calendar: Arc<FakeCalendar>,
}

/// The demo set-up; company 20 has a Cal.com account too, and the class opening hours.
fn setup() -> SetupFile {
    let mut file = demo_setup();
    file.companies[1].calcom = Some(CalcomAccount {
        base_url: "http://127.0.0.1:9".to_owned(),
        api_key: "cal_test_20".to_owned(),
        webhook_secret: "whsec_20".to_owned(),
        webhook_secret_previous: None,
    });
    let hours = serde_json::json!({"mon": [["08:00", "11:00"]]});
    file.companies[0].services[2].opening_hours = serde_json::from_value(hours).unwrap();
    file
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_, _| ()).await
    }

    /// Nobody forgets anything after a change: the stamp is alone.
    pub(crate) async fn without_invalidation() -> Self {
        let off = |_: &mut Deps, settings: &mut Settings| {
            settings.listeners_off = BTreeSet::from(["invalidate_caches".to_owned()]);
        };
        Self::with(off).await
    }

    /// With something else in it.
    pub(crate) async fn with(change: impl FnOnce(&mut Deps, &mut Settings)) -> Self {
        let store = Arc::new(SqliteStore::open(SqliteTarget::Memory).unwrap());
        store
            .import(&setup(), &|token| key_digest(token))
            .await
            .unwrap();
        let clock = Arc::new(FixedClock::new(now()));
        let calendar = Arc::new(FakeCalendar::new(clock.clone()));
        let (near, shared) = (
            Arc::new(MemoryCache::new(1_000)),
            Arc::new(MemoryCache::new(1_000)),
        );
        let mut deps = Deps {
            clock: clock.clone(),
            ids: Arc::new(SeededIds::new(1)),
            store: StorePorts::of(store.clone()),
            wakeups: None,
            near_cache: near.clone(),
            shared_cache: Some(shared.clone()),
            calendar: calendar.clone(),
            health: Arc::new(booking_test_support::health::AlwaysWell),
            edge: None,
            carriers: Vec::new(),
            probe: Arc::new(NoProbe),
        };
        let mut settings = Settings::default();
        change(&mut deps, &mut settings);
        let app = Application::new(deps, settings);
        calendar.tells(&app);
        Self {
            app,
            store,
            near,
            shared,
            clock,
            calendar,
        }
    }

    /// Another instance: the same store, shared cache and calendar, a memory of its own.
    pub(crate) fn twin(&self) -> Arc<Application> {
        let deps = Deps {
            clock: self.clock.clone(),
            ids: Arc::new(SeededIds::new(2)),
            store: StorePorts::of(self.store.clone()),
            wakeups: None,
            near_cache: Arc::new(MemoryCache::new(1_000)),
            shared_cache: Some(self.shared.clone()),
            calendar: self.calendar.clone(),
            health: Arc::new(booking_test_support::health::AlwaysWell),
            edge: None,
            carriers: Vec::new(),
            probe: Arc::new(NoProbe),
        };
        Application::new(deps, Settings::default())
    }

    /// The set-up is changed and imported again.
    pub(crate) async fn set_up(&self, change: impl FnOnce(&mut SetupFile)) {
        let mut file = setup();
        change(&mut file);
        let digest = |token: &str| key_digest(token);
        self.store.import(&file, &digest).await.unwrap();
    }

    pub(crate) async fn book(&self, range: TimeRange) -> Result<Booked, BookError> {
        self.app.book_appointment(actor(), wish(range)).await
    }

    /// Books, and is confirmed.
    pub(crate) async fn booked(&self, range: TimeRange) -> AppointmentView {
        let booked = self.book(range).await.unwrap();
        assert_eq!(state(&booked.view), StateName::Confirmed);
        booked.view
    }

    pub(crate) async fn cancel(&self, id: AppointmentId) -> Result<AppointmentView, CancelError> {
        let wish = CancelAppointment {
            id,
            reason: Some("verhindert".to_owned()),
            terms: Terms::default(),
        };
        let changed = self.app.cancel_appointment(actor(), wish).await;
        changed.map(|changed| changed.view)
    }

    pub(crate) async fn reschedule(
        &self,
        id: AppointmentId,
        to: TimeRange,
    ) -> Result<AppointmentView, RescheduleError> {
        let wish = RescheduleAppointment {
            id,
            start: to.start(),
            reason: None,
            terms: Terms::default(),
        };
        let changed = self.app.reschedule_appointment(actor(), wish).await;
        changed.map(|changed| changed.view)
    }

    pub(crate) async fn view(&self, id: AppointmentId) -> AppointmentView {
        self.app.appointment(COMPANY, id).await.unwrap().unwrap()
    }

    pub(crate) async fn state(&self, id: AppointmentId) -> StateName {
        state(&self.view(id).await)
    }

    /// Every appointment of the company.
    pub(crate) async fn everything(&self) -> Vec<AppointmentView> {
        let all = AppointmentFilter::default();
        let page = self.app.appointments(COMPANY, &all, None, 1_000).await;
        page.unwrap().items
    }

    /// What is free on Monday.
    pub(crate) async fn free(&self, service: ServiceId) -> Result<Availability, AvailabilityError> {
        self.app.availability(COMPANY, &on_monday(service)).await
    }

    pub(crate) async fn offers(&self, range: TimeRange) -> bool {
        let free = self.free(CONSULTATION).await.unwrap();
        free.slots.contains(&range)
    }

    /// What is taken of Anna's and Ben's time on Monday.
    pub(crate) async fn claims(&self) -> BTreeSet<(StaffId, TimeRange)> {
        let claims = self.store.live_claims(COMPANY, STAFF_GROUP, whole_monday());
        let person = |claim: LiveClaim| match claim.resource {
            Resource::Staff(person) => (person, claim.during),
            Resource::Place(..) => panic!("the group has no places"),
        };
        claims.await.unwrap().into_iter().map(person).collect()
    }

    /// Drives what is due until nothing is.
    pub(crate) async fn pass(&self) {
        for _ in 0..50 {
            let report = self.app.drive_sagas().await.unwrap();
            assert_eq!(report.failed, 0, "a saga could not be driven");
            if report.driven == 0 {
                return;
            }
        }
        panic!("the sagas never rest");
    }

    /// So many seconds pass, and the worker comes by every second.
    pub(crate) async fn seconds(&self, n: i64) {
        for _ in 0..n {
            self.clock.advance(Span::seconds(1));
            self.pass().await;
        }
    }

    /// So many minutes pass, and the worker comes by every minute.
    pub(crate) async fn minutes(&self, n: i64) {
        for _ in 0..n {
            self.clock.advance(Span::minutes(1));
            self.pass().await;
        }
    }

    /// The reasons of the questions that are open.
    pub(crate) async fn open_reviews(&self) -> Vec<String> {
        let open = self
            .app
            .reviews(COMPANY, ReviewFilter::default(), 100)
            .await;
        let reasons = open.unwrap().0.into_iter().map(|it| it.reason);
        reasons.collect()
    }

    /// No saga has anything left to do, ever; looking out for what may come late is no work.
    pub(crate) async fn assert_at_rest(&self) {
        let ages = self.clock.now() + Span::days(1_000);
        let mut due = self.store_sagas().lease_due(ages, ages, 100).await.unwrap();
        due.retain(|leased| leased.saga.kind != SagaKind::Guard);
        assert_eq!(due, vec![]);
    }

    fn store_sagas(&self) -> &dyn SagaQueue {
        &*self.store
    }

    /// Ends when the appointment has come into this state.
    pub(crate) async fn becomes(&self, id: AppointmentId, wanted: StateName) {
        let reached = async {
            while self.state(id).await != wanted {
                self.app.outbox_filled().await;
            }
        };
        let limit = Duration::from_secs(20);
        tokio::time::timeout(limit, reached).await.unwrap();
    }

    /// Entries of both layers in both tiers.
    pub(crate) async fn kept(&self) -> [u64; 4] {
        let event_types = [CONSULTATION_EVENT, SHORT_EVENT];
        let near = self.near.overview(&event_types).await.unwrap();
        let shared = self.shared.overview(&event_types).await.unwrap();
        let (one, two) = (near.layer1_entries, near.layer2_entries);
        [one, two, shared.layer1_entries, shared.layer2_entries]
    }
}

pub(crate) fn state(view: &AppointmentView) -> StateName {
    view.appointment.state().name()
}

/// Why a person should look at it.
pub(crate) fn review(view: &AppointmentView) -> Option<&str> {
    view.appointment.review().map(|it| it.reason.as_str())
}

pub(crate) fn whole_monday() -> TimeRange {
    monday("00:00", 24 * 60)
}

pub(crate) fn on_monday(service: ServiceId) -> AvailabilityQuestion {
    AvailabilityQuestion {
        service,
        window: whole_monday(),
        staff: None,
        allow_stale: false,
    }
}

pub(crate) fn actor() -> Actor {
    Actor {
        company: COMPANY,
        origin: SyncOrigin::Api,
        by: "api key bk_demo15".to_owned(),
        deadline: Span::seconds(2),
    }
}

pub(crate) fn wish(range: TimeRange) -> BookAppointment {
    BookAppointment {
        service: CONSULTATION,
        branch: None,
        start: range.start(),
        customer: contact(),
        staff: None,
        notes: None,
        metadata: BTreeMap::new(),
        idempotency: None,
    }
}

/// A later time on Monday than [`nine`](booking_test_support::builders::nine).
pub(crate) fn two() -> TimeRange {
    monday("14:00", 60)
}

pub(crate) fn hours_after(start: Instant, hours: i64) -> Instant {
    start + Span::hours(hours)
}
