//! The steps that the suites share: a company ready for booking, and short ways to book.

use std::ops::Deref;

use booking_domain::appointment::Appointment;
use booking_domain::availability::{LiveClaim, Resource, Stamp};
use booking_domain::events::EventKind;
use booking_domain::ids::{AppointmentId, CompanyId, CustomerId, GroupId, StaffId};
use booking_domain::person::Evidence;
use booking_domain::ports::{AppointmentView, ClaimRequest, HoldOutcome, StoreError, UnitOfWork};
use booking_domain::time::{Day, DayRange, Instant, Span, TimeRange};

use super::StoreUnderTest;
use crate::builders::{BookingBuilder, COMPANY, booking, contact, demo_setup, now};

/// How far a change reaches, unless a test says otherwise: the longest service of the group.
pub const REACH: Span = Span::HOUR;

/// What the suites use for the digest of a key.
pub fn digest(token: &str) -> String {
    format!("digest of {token}")
}

/// A store with the demo set-up and a customer per company.
pub struct Shop {
    store: StoreUnderTest,
    customer: CustomerId,
    other_customer: CustomerId,
}

impl Deref for Shop {
    type Target = StoreUnderTest;
    fn deref(&self) -> &StoreUnderTest {
        &self.store
    }
}

impl StoreUnderTest {
    /// Imports the demo set-up.
    pub async fn import_demo(&self) {
        self.setup
            .import(&demo_setup(), &digest)
            .await
            .expect("the demo set-up is imported");
    }

    /// A unit of work of company 15.
    pub async fn begin(&self) -> Box<dyn UnitOfWork> {
        self.begin_for(COMPANY).await
    }

    /// A unit of work of another company.
    pub async fn begin_for(&self, company: CompanyId) -> Box<dyn UnitOfWork> {
        let unit = self.units.begin(company).await;
        unit.expect("a unit of work begins")
    }

    /// The stamp of a group after a refresh.
    pub async fn stamp(&self, company: CompanyId, group: GroupId, days: DayRange) -> Stamp {
        self.versions.refresh().await.expect("the mirror refreshes");
        self.versions.stamp(company, group, days)
    }

    /// The kinds of all undelivered events, oldest first; they count as delivered.
    pub async fn events(&self, at: Instant) -> Vec<EventKind> {
        let due = self.outbox.lease_due(at, at + Span::DAY, 1_000).await;
        let due = due.expect("the outbox answers");
        let ids: Vec<_> = due.iter().map(|entry| entry.id).collect();
        let done = self.outbox.delivered(&ids).await;
        done.expect("the outbox answers");
        due.into_iter().map(|entry| entry.event.kind).collect()
    }
}

impl Shop {
    /// Opens for business.
    pub async fn open(store: StoreUnderTest) -> Self {
        store.import_demo().await;
        let customer = customer_of(&store, COMPANY).await;
        let other_customer = customer_of(&store, crate::builders::OTHER_COMPANY).await;
        Self {
            store,
            customer,
            other_customer,
        }
    }

    /// A consultation, Monday at nine, for the customer of company 15.
    pub fn booking(&self, n: u64) -> BookingBuilder {
        booking().id(n).customer(self.customer)
    }

    /// A massage at company 20, Monday at nine.
    pub fn massage(&self, n: u64) -> BookingBuilder {
        booking().id(n).massage().customer(self.other_customer)
    }

    /// Holds the slot for one of these people in a unit of work of its own.
    pub async fn hold(&self, appointment: &mut Appointment, staff: &[StaffId]) -> HoldOutcome {
        let claim = claim(appointment.range(), staff);
        self.claim(appointment, &claim).await
    }

    /// Makes the claim in a unit of work of its own.
    pub async fn claim(&self, appointment: &mut Appointment, claim: &ClaimRequest) -> HoldOutcome {
        let mut unit = self.begin_for(appointment.booking().company).await;
        let outcome = unit.hold(appointment, claim, REACH).await;
        let outcome = outcome.expect("a hold is answered");
        unit.commit().await.expect("the unit of work commits");
        outcome
    }

    /// Holds the slot, which is known to be free.
    pub async fn held(&self, booking: BookingBuilder, staff: StaffId) -> Appointment {
        let mut appointment = booking.begun();
        let outcome = self.hold(&mut appointment, &[staff]).await;
        assert_eq!(outcome, HoldOutcome::Held(Resource::Staff(staff)));
        appointment
    }

    /// Whether somebody could take this person's time now. Nothing is kept of the try.
    pub async fn is_free(&self, staff: StaffId, during: TimeRange) -> bool {
        let mut unit = self.begin().await;
        let mut probe = self.booking(0xffff).range(during).begun();
        let outcome = unit.hold(&mut probe, &claim(during, &[staff]), REACH).await;
        outcome.expect("a hold is answered") != HoldOutcome::Taken
    }

    /// Saves in a unit of work of its own.
    pub async fn save(&self, appointment: &mut Appointment) {
        self.try_save(appointment).await.expect("it is saved");
    }

    /// Saves in a unit of work of its own, or says why not.
    pub async fn try_save(&self, appointment: &mut Appointment) -> Result<(), StoreError> {
        let mut unit = self.begin_for(appointment.booking().company).await;
        unit.save(appointment, REACH).await?;
        unit.commit().await.map(drop)
    }

    /// Reads as a command would.
    pub async fn find(&self, id: AppointmentId) -> Option<Appointment> {
        let found = self.begin().await.find(id).await;
        found.expect("the store answers")
    }

    /// Reads as a page would.
    pub async fn view(&self, id: AppointmentId) -> Option<AppointmentView> {
        let found = self.queries.get(COMPANY, id).await;
        found.expect("the store answers")
    }

    /// The claims of company 15 on a group, all of October 2025, sorted.
    pub async fn claims(&self, group: GroupId) -> Vec<LiveClaim> {
        let october = days("2025-10-01", "2025-10-31").as_utc_range();
        let claims = self.queries.live_claims(COMPANY, group, october).await;
        let mut claims = claims.expect("the store answers");
        claims.sort_by_key(|claim| (claim.during, claim.resource));
        claims
    }
}

/// The customer that [`Shop`] books for.
pub async fn customer_of(store: &StoreUnderTest, company: CompanyId) -> CustomerId {
    let mut unit = store.begin_for(company).await;
    let customer = unit.customer_for(&contact(), Evidence::Records).await;
    let customer = customer.expect("a customer is made");
    unit.commit().await.expect("the unit of work commits");
    customer
}

/// A claim without buffers on any of these people, nobody's wish.
pub fn claim(slot: TimeRange, staff: &[StaffId]) -> ClaimRequest {
    ClaimRequest {
        slot,
        during: slot,
        choices: staff.iter().copied().map(Resource::Staff).collect(),
        pinned: false,
    }
}

/// The same by the customer's wish.
pub fn pinned(slot: TimeRange, staff: StaffId) -> ClaimRequest {
    ClaimRequest {
        pinned: true,
        ..claim(slot, &[staff])
    }
}

/// What [`Shop::claims`] shows of a claim on a person.
pub const fn taken(staff: StaffId, during: TimeRange) -> LiveClaim {
    LiveClaim {
        resource: Resource::Staff(staff),
        during,
    }
}

/// UTC days from `first` to `last`, both included.
pub fn days(first: &str, last: &str) -> DayRange {
    let day = |text: &str| text.parse::<Day>().expect("a date");
    DayRange::new(day(first), day(last)).expect("in order")
}

/// One UTC day.
pub fn day(text: &str) -> DayRange {
    days(text, text)
}

/// For outcomes that can only be a hold.
pub trait Held {
    /// # Panics
    /// When the slot was taken.
    fn held(self);
}

impl Held for HoldOutcome {
    fn held(self) {
        assert_ne!(self, Self::Taken);
    }
}

/// A moment after everything of the demo was asked for.
pub fn later() -> Instant {
    now() + Span::HOUR
}
