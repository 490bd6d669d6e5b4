//! Campaigns: what a company tells many of its customers who agreed to it.

use std::sync::Arc;

use booking_domain::error::{Classified, ErrorKind};
use booking_domain::ids::{CampaignId, CompanyId, JobId};
use booking_domain::messages::{CampaignText, Segment};
use booking_domain::ports::{
    Campaign, CampaignView, FiledCampaign, Job, NotificationStatus, Queue, Recipients, StoreError,
};
use booking_domain::tenant::CompanySetup;
use booking_domain::time::Instant;

use crate::jobs::CAMPAIGN;
use crate::{Application, Failure, trace};

/// A campaign that somebody wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StartCampaign {
    /// What it says.
    pub text: CampaignText,
    /// To whom.
    pub segment: Segment,
    /// The client's own name for the wish: the same again is the same campaign.
    pub key: Option<String>,
}

/// A campaign under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CampaignStarted {
    /// Its id.
    pub id: CampaignId,
    /// How far it is.
    pub status: CampaignStatus,
    /// How many get it, as far as is known.
    pub recipients: u64,
    /// Whether it was there before.
    pub replayed: bool,
}

/// How far a campaign is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CampaignStatus {
    /// It is chosen who gets it.
    Preparing,
    /// Messages wait.
    Sending,
    /// None waits any more.
    Done,
}

impl CampaignStatus {
    /// Of a campaign as it stands.
    pub fn of(view: &CampaignView) -> Self {
        let waiting = view.counts.get(&NotificationStatus::Queued);
        match (view.chosen_at, waiting) {
            (None, _) => Self::Preparing,
            (Some(_), Some(_)) => Self::Sending,
            (Some(_), None) => Self::Done,
        }
    }

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Sending => "sending",
            Self::Done => "done",
        }
    }
}

/// Why there is no campaign.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// The installation cannot send any.
    #[error("campaigns cannot be sent here: {0}")]
    NotSetUp(&'static str),
    /// The company has no such service.
    #[error("there is no such service")]
    ServiceNotFound,
    /// The name belongs to another campaign.
    #[error("there is another campaign of this name: give this one a name of its own")]
    NameTaken,
    /// The key was used for another campaign.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Something failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreError> for CampaignError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Classified for CampaignError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotSetUp(_) | Self::NameTaken | Self::KeyReused => ErrorKind::Conflict,
            Self::ServiceNotFound => ErrorKind::NotFound,
            Self::Failed(failure) => failure.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotSetUp(_) => "campaigns_not_set_up",
            Self::ServiceNotFound => "service_not_found",
            Self::NameTaken => "campaign_exists",
            Self::KeyReused => "idempotency_conflict",
            Self::Failed(failure) => failure.code(),
        }
    }
}

impl Application {
    /// How many would get a campaign now.
    pub async fn count_recipients(
        &self,
        setup: &CompanySetup,
        segment: &Segment,
    ) -> Result<u64, CampaignError> {
        self.can_campaign(setup, segment)?;
        self.recipients_at(setup, segment, self.now()).await
    }

    /// Files a campaign and the job that chooses who gets it. Under a name, and under a key, there is
    /// one: the same again is told of it.
    pub async fn start_campaign(
        self: &Arc<Self>,
        setup: &CompanySetup,
        wish: StartCampaign,
        by: String,
    ) -> Result<CampaignStarted, CampaignError> {
        self.can_campaign(setup, &wish.segment)?;
        let company = setup.company.id;
        let campaign = Campaign {
            id: CampaignId::new(self.deps.ids.uuid()),
            text: wish.text,
            segment: wish.segment,
            key: wish.key,
            created_by: by,
            created_at: self.now(),
        };
        let mut unit = self.deps.store.units.begin(company).await?;
        if let FiledCampaign::Known(known) = unit.file_campaign(&campaign).await? {
            drop(unit);
            return self.known_campaign(setup, campaign, *known).await;
        }
        let id = JobId::new(self.deps.ids.uuid());
        let payload = serde_json::json!({ "campaign": campaign.id });
        let what = (Queue::Notifications, CAMPAIGN);
        let job = Job {
            company: Some(company),
            trace_parent: trace::current(),
            ..Job::new(id, what, payload, campaign.created_at)
        };
        unit.enqueue(&job).await?;
        unit.commit().await?;
        self.wake(Queue::Notifications);
        let at = campaign.created_at;
        Ok(CampaignStarted {
            id: campaign.id,
            status: CampaignStatus::Preparing,
            recipients: self.recipients_at(setup, &campaign.segment, at).await?,
            replayed: false,
        })
    }

    async fn known_campaign(
        &self,
        setup: &CompanySetup,
        wanted: Campaign,
        known: Campaign,
    ) -> Result<CampaignStarted, CampaignError> {
        if (&wanted.text, &wanted.segment) != (&known.text, &known.segment) {
            let is_keys = wanted.key.is_some() && wanted.key == known.key;
            return Err(if is_keys {
                CampaignError::KeyReused
            } else {
                CampaignError::NameTaken
            });
        }
        let found = self.campaign(setup.company.id, known.id).await?;
        let status = found
            .as_ref()
            .map_or(CampaignStatus::Preparing, CampaignStatus::of);
        let recipients = match found {
            Some(view) if view.chosen_at.is_some() => view.counts.values().sum(),
            _ => {
                self.recipients_at(setup, &known.segment, known.created_at)
                    .await?
            }
        };
        Ok(CampaignStarted {
            id: known.id,
            status,
            recipients,
            replayed: true,
        })
    }

    /// A campaign of this company.
    pub async fn campaign(
        &self,
        company: CompanyId,
        id: CampaignId,
    ) -> Result<Option<CampaignView>, StoreError> {
        self.deps.store.campaigns.campaign(company, id).await
    }

    /// Up to `limit` campaigns of this company, the newest first.
    pub async fn campaigns(
        &self,
        company: CompanyId,
        (before, limit): (Option<(Instant, CampaignId)>, u32),
    ) -> Result<Vec<CampaignView>, StoreError> {
        let page = (before, limit);
        self.deps.store.campaigns.campaigns(company, page).await
    }

    fn can_campaign(&self, setup: &CompanySetup, segment: &Segment) -> Result<(), CampaignError> {
        if self.settings.public_url.is_none() {
            return Err(CampaignError::NotSetUp(
                "set BOOKING__PUBLIC_URL, so that every message can have its link to opt out",
            ));
        }
        if self.settings.link_key.is_none() {
            return Err(CampaignError::NotSetUp(
                "set BOOKING__ENCRYPTION_KEY, so that the links to opt out stay good",
            ));
        }
        if self.usable_channels(setup).is_empty() {
            return Err(CampaignError::NotSetUp(
                "there is no mail server or text message service (BOOKING__SMTP__URL, \
                 BOOKING__SMS__URL), or the company has switched it off",
            ));
        }
        match segment.service {
            Some(id) if setup.service(id).is_none() => Err(CampaignError::ServiceNotFound),
            _ => Ok(()),
        }
    }

    async fn recipients_at(
        &self,
        setup: &CompanySetup,
        segment: &Segment,
        now: Instant,
    ) -> Result<u64, CampaignError> {
        let channels = self.usable_channels(setup);
        let which = Recipients {
            segment,
            channels: &channels,
            now,
        };
        let campaigns = &self.deps.store.campaigns;
        Ok(campaigns.count_recipients(setup.company.id, &which).await?)
    }
}
