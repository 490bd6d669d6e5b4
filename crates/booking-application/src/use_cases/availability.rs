//! What is free?

use std::sync::Arc;

use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::{CompanyId, EventTypeId, ServiceId, StaffId};
use booking_domain::ports::StoreError;
use booking_domain::tenant::{CalcomAccount, CompanySetup, Service};
use booking_domain::time::{Instant, Span, TimeRange};

use crate::Application;
use crate::availability::{Availability, Proof, Source, WantedBy, Window, WindowAnswer};

/// The question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AvailabilityQuestion {
    /// Of which service.
    pub service: ServiceId,
    /// When; a slot is in the answer when it lies wholly inside.
    pub window: TimeRange,
    /// With whom, if that matters.
    pub staff: Option<StaffId>,
    /// Whether an old answer, marked as such, is better than none.
    pub allow_stale: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AvailabilityError {
    /// The company has no such service.
    #[error("there is no such service")]
    ServiceNotFound,
    /// The person does not perform the service.
    #[error("nobody with this staff id performs the service")]
    StaffNotFound,
    /// Longer than is answered at once.
    #[error("ask for {MAX_DAYS} days at most")]
    RangeTooLong,
    /// Cal.com could not be asked, and no valid entry was there.
    #[error("Cal.com cannot be asked for free slots at the moment")]
    CalendarUnavailable {
        /// Not before.
        retry_at: Option<Instant>,
    },
    /// The company has no Cal.com account.
    #[error("the company has no Cal.com account: give it one with `tenant import`")]
    NoAccount,
    /// The store failed, so nothing can be said for certain.
    #[error("the store cannot say what is booked")]
    Store(#[from] StoreError),
    /// The work ended before the answer was there; that is a mistake of ours.
    #[error("the work was interrupted")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl Classified for AvailabilityError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ServiceNotFound | Self::StaffNotFound => ErrorKind::NotFound,
            Self::RangeTooLong => ErrorKind::Invalid,
            Self::CalendarUnavailable { .. }
            | Self::NoAccount
            | Self::Store(_)
            | Self::Interrupted(_) => ErrorKind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ServiceNotFound => "service_not_found",
            Self::StaffNotFound => "staff_not_found",
            Self::RangeTooLong => "invalid_range",
            Self::CalendarUnavailable { .. }
            | Self::NoAccount
            | Self::Store(_)
            | Self::Interrupted(_) => "availability_unavailable",
        }
    }
}

/// The longest window that is answered, in days (an hour more, for the day clocks change).
pub(crate) const MAX_DAYS: i64 = 62;

/// The Cal.com side of a service: `None` for one that Cal.com does not know.
pub(crate) fn calcom_side<'a>(
    setup: &'a CompanySetup,
    service: &Service,
) -> Result<Option<(EventTypeId, &'a CalcomAccount)>, AvailabilityError> {
    let Some(event_type) = service.event_type else {
        return Ok(None);
    };
    let account = setup
        .company
        .calcom
        .as_ref()
        .ok_or(AvailabilityError::NoAccount)?;
    Ok(Some((event_type, account)))
}

pub(crate) fn check_staff(
    service: &Service,
    staff: Option<StaffId>,
) -> Result<(), AvailabilityError> {
    match staff {
        Some(person) if !service.staff.contains(&person) => Err(AvailabilityError::StaffNotFound),
        _ => Ok(()),
    }
}

impl Application {
    /// The free slots inside a window.
    pub async fn availability(
        &self,
        company: CompanyId,
        question: &AvailabilityQuestion,
    ) -> Result<Availability, AvailabilityError> {
        if question.window.span() > Span::days(MAX_DAYS) + Span::HOUR {
            return Err(AvailabilityError::RangeTooLong);
        }
        let fresh = self.deps.store.versions.refresh().await;
        // Read before the set-up is: a change in between makes the proof older, never newer.
        let setup_version = self.deps.store.versions.setup_version(company);
        let setup = match (self.company(company).await, &fresh) {
            (Ok(setup), _) => setup.ok_or(AvailabilityError::ServiceNotFound)?,
            (Err(error), _) => return Err(error.into()),
        };
        let service = setup
            .service(question.service)
            .ok_or(AvailabilityError::ServiceNotFound)?
            .clone();
        check_staff(&service, question.staff)?;
        let Some(side) = calcom_side(&setup, &service)? else {
            fresh?;
            let slots = self
                .local_slots(&setup, &service, question.staff, &question.window)
                .await?;
            let as_of = self.now();
            return Ok(Availability {
                setup,
                service,
                slots,
                source: Source::Upstream,
                as_of,
                proof: None,
            });
        };
        let window = Window::days(&setup, &service, side, &question.window);
        let found = match fresh {
            Ok(()) => self.day_window(&window, WantedBy::Asker).await,
            Err(error) => Err(error.into()),
        };
        let answer = self.or_stale(found, &window, question.allow_stale).await?;
        let under = (setup.clone(), setup_version);
        self.present(answer, under, service.clone(), question).await
    }

    /// An old answer instead of an error, for those who allowed it.
    async fn or_stale(
        &self,
        found: Result<WindowAnswer, AvailabilityError>,
        window: &Window<'_>,
        allowed: bool,
    ) -> Result<WindowAnswer, AvailabilityError> {
        match found {
            Err(error) if allowed && error.kind() == ErrorKind::Unavailable => {
                self.stale_window(window).await.ok_or(error)
            }
            found => found,
        }
    }

    async fn present(
        &self,
        answer: WindowAnswer,
        (setup, setup_version): (Arc<CompanySetup>, i64),
        service: Service,
        question: &AvailabilityQuestion,
    ) -> Result<Availability, AvailabilityError> {
        let mut slots = answer.offered((&setup, &service), &question.window, self.now());
        let WindowAnswer { entry, source } = answer;
        let is_stale = source == Source::StaleFallback;
        if question.staff.is_some() || is_stale {
            let left = self
                .without_ours(&setup, &service, question.staff, slots.clone())
                .await;
            slots = match left {
                // Our own books are out of reach too: an old answer was allowed.
                Err(_) if is_stale => slots,
                left => left?,
            };
        }
        let proof = (!is_stale).then(|| {
            let whose = (entry.scope.company, entry.scope.group);
            let days = entry.scope.window.utc_days();
            let ends = (entry.expires_at, &slots[..]);
            Proof::new(whose, days, entry.stamp, setup_version, ends)
        });
        Ok(Availability {
            setup,
            service,
            slots,
            source,
            as_of: entry.fetched_at,
            proof,
        })
    }
}
