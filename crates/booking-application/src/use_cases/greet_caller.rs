//! Who is calling, before the agent says a word: what may be known of a number at once.

use std::collections::BTreeSet;

use booking_domain::appointment::Status;
use booking_domain::contact::{PersonName, Phone};
use booking_domain::ids::CompanyId;
use booking_domain::ports::{AppointmentFilter, AppointmentView, StoreError};
use booking_domain::time::Instant;

use crate::Application;

/// What is known of a number. Nothing of it is one person's when several share the number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Greeting {
    /// Whether somebody with this number was here before.
    pub is_known: bool,
    /// What they are called, if it is one person.
    pub name: Option<PersonName>,
    /// When they come next, if it is one person.
    pub next: Option<Instant>,
}

/// So many appointments are looked at; who has more is not spoken of.
const LOOKED_AT: u32 = 100;

impl Application {
    /// Looks a number up.
    pub async fn greet(&self, company: CompanyId, phone: &Phone) -> Result<Greeting, StoreError> {
        let theirs = AppointmentFilter {
            customer_phone: Some(phone.clone()),
            ..AppointmentFilter::default()
        };
        let queries = &self.deps.store.queries;
        let page = queries.list(company, &theirs, None, LOOKED_AT).await?;
        let all_seen = page.next.is_none();
        Ok(greeting(&page.items, all_seen, self.now()))
    }

    /// Has the next days of a company fetched as far as its budget goes, and does not wait for it:
    /// somebody is about to ask for them.
    pub async fn expect_questions(&self, company: CompanyId) {
        /// As far as most wishes reach, in one window.
        const DAYS: u32 = 14;
        if let Err(error) = self.wish_for_days(company, DAYS).await {
            tracing::info!(%error, "nothing is warmed for a call");
        }
    }
}

fn greeting(views: &[AppointmentView], all_seen: bool, now: Instant) -> Greeting {
    let mut people: BTreeSet<String> = BTreeSet::new();
    let mut name = None;
    for view in views {
        if let Some(found) = &view.customer_name {
            people.insert(found.expose().to_lowercase());
            name = Some(found.clone());
        }
    }
    let mut greeting = Greeting {
        is_known: !views.is_empty(),
        ..Greeting::default()
    };
    if people.len() == 1 && all_seen {
        greeting.name = name;
        greeting.next = views
            .iter()
            .filter(|view| stands(view) && view.appointment.range().start() > now)
            .map(|view| view.appointment.range().start())
            .min();
    }
    greeting
}

/// Neither cancelled nor about to be.
fn stands(view: &AppointmentView) -> bool {
    let live = matches!(
        view.appointment.status(),
        Status::Pending | Status::Scheduled | Status::Confirmed
    );
    live && view.appointment.to_record().cancelled_by.is_none()
}
