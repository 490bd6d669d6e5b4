//! The job that puts everybody who gets a campaign on its list.

use booking_domain::ids::{CampaignId, CustomerId};
use booking_domain::messages::{Fate, Planned, Template};
use booking_domain::ports::{About, Channel, Job, NewMessage, Queue, Recipients};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Span;

use super::work::JobError;
use super::{MESSAGE, carried, company, part};
use crate::{Application, trace};

/// The job that chooses who gets a campaign.
pub(crate) const CAMPAIGN: &str = "campaign";
/// So many are put on the list in one transaction.
const BATCH: u32 = 500;
/// One message of a campaign is due after the other, so that what customers wait for gets through
/// between them.
const PACE: Span = Span::millis(200);

impl Application {
    /// Puts everybody on the list, in batches. However often it runs, the list has each once.
    pub(crate) async fn choose_recipients(&self, job: &Job) -> Result<(), JobError> {
        let (company, id): (_, CampaignId) = (company(job)?, part(job, "campaign")?);
        let store = &self.deps.store;
        let setup = self.directory.company(company).await?;
        let campaign = store.campaigns.campaign(company, id).await?;
        let (Some(setup), Some(view)) = (setup, campaign) else {
            return Ok(());
        };
        if view.chosen_at.is_some() {
            return Ok(());
        }
        let channels = self.usable_channels(&setup);
        let which = Recipients {
            segment: &view.campaign.segment,
            channels: &channels,
            now: view.campaign.created_at,
        };
        let (mut after, mut due_at) = (CustomerId::new(0), self.now());
        loop {
            let next = (after, BATCH);
            let found = store.campaigns.recipients(company, &which, next).await?;
            let Some((last, _)) = found.last() else {
                break;
            };
            after = *last;
            let mut messages = Vec::with_capacity(found.len());
            for (customer, channel) in found {
                messages.push(NewMessage {
                    id: self.deps.ids.uuid(),
                    company,
                    about: About::Campaign { id, customer },
                    planned: Planned {
                        template: Template::Campaign,
                        lead_minutes: 0,
                        channel,
                        fate: Fate::Due(due_at),
                    },
                    trace_parent: trace::current(),
                });
                due_at = due_at + PACE;
            }
            store
                .deliveries
                .file(&messages, MESSAGE, self.now())
                .await?;
            self.wake(Queue::Notifications);
        }
        store.campaigns.chosen(company, id, self.now()).await?;
        Ok(())
    }

    /// The channels that somebody carries and the company wants.
    pub(crate) fn usable_channels(&self, setup: &CompanySetup) -> Vec<Channel> {
        let carried = carried(&self.deps.carriers);
        let mut channels = Channel::ALL.to_vec();
        channels.retain(|it| carried.contains(it) && setup.company.messages.allows(*it));
        channels
    }
}
