//! Campaigns: what a company tells many of its customers who agreed to it.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::{Channel, NotificationStatus, StoreError};
use crate::ids::{CampaignId, CompanyId, CustomerId};
use crate::messages::{CampaignText, Segment};
use crate::time::Instant;

/// A campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// What it says.
    pub text: CampaignText,
    /// To whom.
    pub segment: Segment,
    /// The client's own name for the wish.
    pub key: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Instant,
}

/// How many messages of a campaign stand how.
pub type CampaignCounts = BTreeMap<NotificationStatus, u64>;

/// A campaign as people see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CampaignView {
    /// The campaign.
    pub campaign: Campaign,
    /// When everybody who gets it was on the list.
    pub chosen_at: Option<Instant>,
    /// How its messages stand.
    pub counts: CampaignCounts,
}

/// What came of filing a campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FiledCampaign {
    /// It is new.
    New,
    /// There is one of this key, or else of this name.
    Known(Box<Campaign>),
}

/// Campaigns inside a unit of work.
#[async_trait]
pub trait CampaignLog {
    /// Files a campaign of this unit's company, unless there is one of its key or name. Waits for
    /// a concurrent unit of work that is just filing it.
    async fn file_campaign(&mut self, campaign: &Campaign) -> Result<FiledCampaign, StoreError>;
}

/// Who gets a campaign: who agreed to campaigns, has not opted out, was not erased, belongs to the
/// segment, and has an address of one of the channels.
#[derive(Clone, Copy, Debug)]
pub struct Recipients<'a> {
    /// Which of them.
    pub segment: &'a Segment,
    /// By which channels, the preferred one first.
    pub channels: &'a [Channel],
    /// What is a visit, and what lies ahead.
    pub now: Instant,
}

/// Reading campaigns, and choosing who gets them.
#[async_trait]
pub trait Campaigns: Send + Sync {
    /// How many would get it.
    async fn count_recipients(
        &self,
        company: CompanyId,
        which: &Recipients<'_>,
    ) -> Result<u64, StoreError>;

    /// Up to `limit` who get it after this one, by id, each with the first channel that there is an
    /// address of.
    async fn recipients(
        &self,
        company: CompanyId,
        which: &Recipients<'_>,
        (after, limit): (CustomerId, u32),
    ) -> Result<Vec<(CustomerId, Channel)>, StoreError>;

    /// Notes that everybody who gets it is on the list.
    async fn chosen(
        &self,
        company: CompanyId,
        id: CampaignId,
        now: Instant,
    ) -> Result<(), StoreError>;

    /// A campaign of this company.
    async fn campaign(
        &self,
        company: CompanyId,
        id: CampaignId,
    ) -> Result<Option<CampaignView>, StoreError>;

    /// Up to `limit` campaigns, the newest first, older than this one.
    async fn campaigns(
        &self,
        company: CompanyId,
        (before, limit): (Option<(Instant, CampaignId)>, u32),
    ) -> Result<Vec<CampaignView>, StoreError>;
}
