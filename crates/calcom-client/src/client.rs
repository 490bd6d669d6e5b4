//! The client: what it holds, and the port it implements.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use booking_domain::appointment::RemoteBooking;
use booking_domain::breaker::BreakerView;
use booking_domain::ids::BookingUid;
use booking_domain::ports::{
    CalendarError, CalendarHealth, CalendarPort, Clock, CreateBooking, FindBookings, MoveBooking,
    SlotQuery,
};
use booking_domain::tenant::CalcomAccount;
use booking_domain::time::{Instant, TimeRange};
use reqwest::Client;
use reqwest::redirect::Policy;
use sha2::{Digest, Sha256};

use crate::budget::Budgets;
use crate::guard::Guard;
use crate::settings::{CalcomClientError, CalcomSettings};

/// Cal.com over HTTP. One for the whole process: connections are shared, keys are per call.
pub struct CalcomClient {
    pub(crate) http: Client,
    pub(crate) settings: CalcomSettings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) guard: Guard,
}

/// Idle connections are closed before Cal.com's side may do so in the middle of a write.
const IDLE_LIMIT: Duration = Duration::from_secs(20);

impl CalcomClient {
    /// Prepares a client; connects to nobody.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(settings: CalcomSettings) -> Result<Self, CalcomClientError> {
        // One crypto provider for everything; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .user_agent(concat!("booking-gateway/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(IDLE_LIMIT)
            // A write is never sent twice, and never to an address that nobody configured.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(CalcomClientError)?;
        let budgets = Budgets::new(settings.per_minute, settings.shared_budget.clone());
        Ok(Self {
            http,
            guard: Guard::new(settings.breaker, budgets),
            clock: Arc::clone(&settings.clock),
            settings,
        })
    }
}

/// Tells accounts apart without telling the key: a digest of address and key, 16 hex digits.
pub fn account_digest(account: &CalcomAccount) -> String {
    let text = format!("{}\n{}", account.base_url, account.api_key);
    hex::encode(&Sha256::digest(text)[..8])
}

#[async_trait]
impl CalendarPort for CalcomClient {
    async fn slots(
        &self,
        account: &CalcomAccount,
        query: &SlotQuery,
    ) -> Result<Vec<TimeRange>, CalendarError> {
        self.free_slots(account, query).await
    }

    async fn create(
        &self,
        account: &CalcomAccount,
        booking: &CreateBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        self.create_booking(account, booking).await
    }

    async fn reschedule(
        &self,
        account: &CalcomAccount,
        booking: &MoveBooking,
    ) -> Result<RemoteBooking, CalendarError> {
        self.move_booking(account, booking).await
    }

    async fn cancel(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
        reason: Option<&str>,
    ) -> Result<RemoteBooking, CalendarError> {
        self.cancel_booking(account, uid, reason).await
    }

    async fn get(
        &self,
        account: &CalcomAccount,
        uid: &BookingUid,
    ) -> Result<Option<RemoteBooking>, CalendarError> {
        self.get_booking(account, uid).await
    }

    async fn find(
        &self,
        account: &CalcomAccount,
        wanted: &FindBookings,
    ) -> Result<Vec<RemoteBooking>, CalendarError> {
        self.find_bookings(account, wanted).await
    }
}

#[async_trait]
impl CalendarHealth for CalcomClient {
    fn breaker(&self, account: &CalcomAccount, now: Instant) -> BreakerView {
        self.guard.breaker(account, now)
    }

    async fn recovered(&self) -> CalcomAccount {
        self.guard.recovered().await
    }
}
