//! Apply what Cal.com tells us: one transaction, no call to the outside.
//!
//! Cal.com delivers while our own call is still open, so nothing here waits for a saga. News about
//! a booking of ours (our metadata, a known name, an alias) never makes a second appointment; what
//! we already know changes nothing; nothing is ever sent back. What the payload alone cannot decide
//! is kept, and decided by [`converge`] once Cal.com was asked.

mod apply;
mod attendee;
mod chain;
mod change;
mod converge;
mod names;
mod news;
mod payload;
mod replay;
mod truth;

use std::sync::Arc;

use booking_domain::appointment::Appointment;
use booking_domain::availability::Raised;
use booking_domain::ids::{AppointmentId, CompanyId};
use booking_domain::ports::{
    Delivery, DeliveryStatus, Filed, Judge, Settlement, StoreError, UnitOfWork,
};
use booking_domain::tenant::{Company, CompanySetup};
use booking_domain::time::{Instant, Span};

pub(crate) use self::change::staff_of;
use self::change::{Upshot, change};
use self::names::Name;
pub use self::news::{CalcomNews, NewsError, NewsKind, NewsOutcome, NewsStatus};
pub use self::payload::Told;
use crate::after_commit::Change;
use crate::trace::carried;
use crate::{Application, Failure};

/// So long after a change that began at Cal.com its booking is read there: the news may have been
/// sent before Cal.com had finished.
const LOOK_AGAIN: Span = Span::seconds(5);
/// What cannot be decided from the news is asked for soon; the news that decides it may come first.
const ASK: Span = Span::seconds(1);

const FOREIGN: &str = "its event type is another company's";

/// What the news did.
enum Effect {
    Changed(Box<Changed>),
    Nothing(AppointmentId),
    /// Kept, until its booking becomes known or Cal.com was asked.
    Wait(&'static str, Option<AppointmentId>),
    /// A person should see it.
    Quarantine(&'static str),
    /// It is about another company's event type.
    Foreign,
    /// It is about nobody's appointment: days were outdated, or there was nothing to do.
    Seen(DeliveryStatus),
}

struct Changed {
    before: Option<Appointment>,
    after: Appointment,
    /// Whether it began at Cal.com: then its booking is read there once more.
    is_foreign: bool,
}

impl Application {
    /// Takes in a delivery: files it, applies it, both in one commit.
    pub async fn calcom_news(
        self: &Arc<Self>,
        company: CompanyId,
        delivery: Delivery,
        news: CalcomNews,
    ) -> Result<NewsOutcome, NewsError> {
        self.take_in(company, delivery, Some(news)).await
    }

    /// Files a delivery in which there is nothing for us.
    pub async fn calcom_noise(
        self: &Arc<Self>,
        company: CompanyId,
        delivery: Delivery,
    ) -> Result<NewsOutcome, NewsError> {
        self.take_in(company, delivery, None).await
    }

    async fn take_in(
        self: &Arc<Self>,
        company: CompanyId,
        delivery: Delivery,
        news: Option<CalcomNews>,
    ) -> Result<NewsOutcome, NewsError> {
        let setup = self
            .company(company)
            .await?
            .ok_or(NewsError::CompanyNotFound)?;
        let is_foreign = match &news {
            Some(news) => self.is_foreign(&setup, news).await?,
            None => false,
        };
        let news = news.map(Arc::new);
        if !is_foreign {
            let judge = judge_at_a_glance(setup.clone(), news.clone(), self.now());
            let inbox = &self.deps.store.news;
            match inbox.file_settled(company, delivery.clone(), judge).await? {
                Filed::New(DeliveryStatus::Processed, id) => {
                    return Ok(outcome(NewsStatus::AlreadyProcessed, id));
                }
                Filed::New(..) => return Ok(outcome(NewsStatus::Ignored, None)),
                Filed::Repeat => return Ok(repeat()),
                Filed::Undecided => {}
            }
        }
        let app = self.clone();
        let take = async move {
            let news = news.as_deref();
            app.take_in_to_the_end(&setup, &delivery, news, is_foreign)
                .await
        };
        tokio::spawn(carried(take))
            .await
            .unwrap_or_else(|gone| Err(Failure::Interrupted(gone).into()))
    }

    async fn take_in_to_the_end(
        &self,
        setup: &CompanySetup,
        delivery: &Delivery,
        news: Option<&CalcomNews>,
        is_foreign: bool,
    ) -> Result<NewsOutcome, NewsError> {
        // Lost races (a saga committed in between) are decided anew on what stands then.
        for attempt in 1.. {
            let mut unit = self.deps.store.units.begin(setup.company.id).await?;
            if !unit.receive(delivery).await? {
                return Ok(repeat());
            }
            let decided = match news {
                None => Ok(Effect::Seen(DeliveryStatus::Ignored)),
                Some(news) if is_foreign => {
                    let about = named_by(&mut *unit, news).await?;
                    unit.audit_dropped(delivery, (about, FOREIGN)).await?;
                    Ok(Effect::Foreign)
                }
                Some(news) => self.judge(&mut *unit, setup, delivery, news).await,
            };
            let effect = match decided {
                Err(StoreError::Changed) if attempt < 5 => continue,
                decided => decided?,
            };
            let settlement = self.settlement(&effect);
            unit.settle(&delivery.key, settlement).await?;
            let raised = unit.commit().await?;
            return Ok(self.afterwards(setup, delivery, effect, raised).await);
        }
        Err(Failure::Inconsistent("unreachable: the loop returns".into()).into())
    }

    /// Whether it is about an event type of another company of this installation.
    async fn is_foreign(
        &self,
        setup: &CompanySetup,
        news: &CalcomNews,
    ) -> Result<bool, StoreError> {
        let booking = news.booking.as_ref();
        let Some(event_type) = booking.and_then(|booking| booking.event_type) else {
            return Ok(false);
        };
        if setup.service_of_event_type(event_type).is_some() {
            return Ok(false);
        }
        // Cal.com's numbers are its own: another server may have given the same one.
        let server = |company: &Company| company.calcom.as_ref().map(|it| it.base_url.clone());
        for company in self.companies().await? {
            if server(&company) != server(&setup.company) {
                continue;
            }
            let other = self.company(company.id).await?;
            if other.is_some_and(|it| it.service_of_event_type(event_type).is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn settlement(&self, effect: &Effect) -> Settlement<'static> {
        let (status, appointment, reason) = match effect {
            Effect::Changed(changed) => (DeliveryStatus::Processed, Some(changed.after.id()), None),
            Effect::Nothing(id) => (DeliveryStatus::Processed, Some(*id), None),
            Effect::Wait(why, id) => (DeliveryStatus::Quarantined, *id, Some(*why)),
            Effect::Quarantine(why) => (DeliveryStatus::Quarantined, None, Some(*why)),
            Effect::Foreign => (DeliveryStatus::Dropped, None, Some(FOREIGN)),
            Effect::Seen(status) => (*status, None, None),
        };
        let converge_in = match effect {
            Effect::Changed(changed) if changed.is_foreign => Some(LOOK_AGAIN),
            Effect::Wait(..) => Some(ASK),
            _ => None,
        };
        Settlement {
            status,
            appointment,
            reason,
            converge_at: converge_in.map(|span| self.now() + span),
        }
    }

    async fn afterwards(
        &self,
        setup: &CompanySetup,
        delivery: &Delivery,
        effect: Effect,
        raised: Raised,
    ) -> NewsOutcome {
        let trigger = &delivery.trigger;
        let (status, appointment) = match effect {
            Effect::Changed(changed) => {
                let change = Change {
                    before: changed.before.as_ref(),
                    after: &changed.after,
                    raised,
                    update: None,
                };
                self.after_commit(setup, change).await;
                (NewsStatus::Processed, Some(changed.after.id()))
            }
            Effect::Nothing(id) => (NewsStatus::AlreadyProcessed, Some(id)),
            Effect::Wait(why, appointment) => {
                tracing::info!(%trigger, why, "news from Cal.com waits");
                (NewsStatus::Ignored, appointment)
            }
            Effect::Quarantine(why) => {
                tracing::warn!(%trigger, why, "news from Cal.com is quarantined");
                (NewsStatus::Ignored, None)
            }
            Effect::Foreign => {
                metrics::counter!("booking_webhook_foreign_total").increment(1);
                tracing::warn!(%trigger, company = %setup.company.id, "news about another company's event type is dropped");
                (NewsStatus::Ignored, None)
            }
            Effect::Seen(DeliveryStatus::Processed) => (NewsStatus::Processed, None),
            Effect::Seen(_) => (NewsStatus::Ignored, None),
        };
        outcome(status, appointment)
    }
}

/// Whether the news changes nothing, told from the appointment alone: most are echoes of what we
/// did ourselves.
fn judge_at_a_glance(
    setup: Arc<CompanySetup>,
    news: Option<Arc<CalcomNews>>,
    now: Instant,
) -> Judge {
    Box::new(move |known| {
        let Some(news) = news else {
            return Some((DeliveryStatus::Ignored, None));
        };
        let (known, booking) = (known?, news.booking.as_ref()?);
        let name = Name::of_known(known, booking);
        let upshot = change(&mut known.clone(), name, (&news, booking), &setup, now);
        (upshot == Upshot::Nothing).then(|| (DeliveryStatus::Processed, Some(known.id())))
    })
}

/// The appointment that the news names, rightly or not.
async fn named_by(
    unit: &mut dyn UnitOfWork,
    news: &CalcomNews,
) -> Result<Option<AppointmentId>, StoreError> {
    let Some(booking) = &news.booking else {
        return Ok(None);
    };
    let found = unit.find_by_uid(&booking.uid).await?;
    Ok(found.as_ref().map(Appointment::id))
}

fn outcome(status: NewsStatus, appointment: Option<AppointmentId>) -> NewsOutcome {
    NewsOutcome {
        status,
        appointment,
    }
}

fn repeat() -> NewsOutcome {
    metrics::counter!("booking_webhook_duplicates_total").increment(1);
    outcome(NewsStatus::AlreadyProcessed, None)
}
