//! Campaigns: what is told to many.

use booking_application::{CampaignStarted, CampaignStatus, StartCampaign};
use booking_domain::ids::{AppointmentId, ServiceId};
use booking_domain::messages::{CampaignText, Segment};
use booking_domain::ports::{CampaignView, NotificationStatus, PageCursor};
use booking_domain::time::ZoneName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::page::write_cursor;
use crate::extract::{Bound, object};
use crate::problem::{FieldErrors, Problem};

/// A campaign to be started.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCampaign {
    /// Names it for you; a company has one campaign of a name.
    #[schema(max_length = 100, example = "herbst-2025")]
    pub(crate) name: String,
    /// In one line. Without placeholders: everybody reads the same.
    #[schema(max_length = 200)]
    pub(crate) subject: String,
    /// Plain text; blank lines part paragraphs. A mail greets by name before it and ends with the
    /// company's after it, so it needs neither.
    #[schema(max_length = 10000)]
    pub(crate) text: String,
    /// The language it is written in, `de` or `en`; absent: the company's.
    pub(crate) locale: Option<String>,
    /// Which of those who agreed; `{}`: all of them.
    #[serde(deserialize_with = "object")]
    pub(crate) segment: SegmentBody,
    /// Counts only who would get it.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// Which customers. All conditions that are given must hold.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CampaignSegment)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentBody {
    /// Who had, or will have, an appointment of this service; only those count as visits then.
    service_id: Option<i64>,
    /// Whose last visit was over before this: a date in the company's zone, or a time with an offset.
    #[schema(example = "2025-07-01")]
    last_visit_before: Option<String>,
    /// Whose last visit was over then or later.
    #[schema(example = "2025-01-01")]
    last_visit_after: Option<String>,
    /// Who has no appointment before them.
    #[serde(default)]
    without_future_appointment: bool,
}

impl NewCampaign {
    /// The campaign, or everything that is wrong with it.
    pub(crate) fn wish(
        self,
        zone: ZoneName,
        key: Option<String>,
    ) -> Result<StartCampaign, Problem> {
        let mut wrong = FieldErrors::default();
        let mut bound = |field: &str, text: Option<&str>| {
            let bound = wrong.check(field, Bound::parse(text?));
            bound.map(|bound| bound.start(zone))
        };
        let given = &self.segment;
        let segment = Segment {
            service: given.service_id.map(ServiceId::new),
            last_visit_before: bound(
                "segment.last_visit_before",
                given.last_visit_before.as_deref(),
            ),
            last_visit_after: bound(
                "segment.last_visit_after",
                given.last_visit_after.as_deref(),
            ),
            without_future_appointment: given.without_future_appointment,
        };
        if segment.is_void() {
            let empty = "does not lie after last_visit_after: nobody can be meant";
            wrong.add("segment.last_visit_before", empty);
        }
        let text = CampaignText {
            name: self.name.trim().to_owned(),
            subject: self.subject.trim().to_owned(),
            text: self.text,
            locale: self.locale,
        };
        for (field, problem) in text.problems() {
            wrong.add(field, problem);
        }
        wrong.into_result()?;
        Ok(StartCampaign { text, segment, key })
    }
}

/// What a trial would come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignTrial)]
pub(crate) struct CampaignTrialJson {
    /// How many would get it.
    pub(crate) recipients: u64,
}

/// A campaign under way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignStarted)]
pub(crate) struct CampaignStartedJson {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// `preparing`: it is chosen who gets it; `sending`: messages wait; `done`.
    #[schema(example = "preparing")]
    status: &'static str,
    /// How many get it.
    recipients: u64,
}

impl From<&CampaignStarted> for CampaignStartedJson {
    fn from(started: &CampaignStarted) -> Self {
        Self {
            id: started.id.to_string(),
            status: started.status.as_str(),
            recipients: started.recipients,
        }
    }
}

/// A campaign, and how its messages stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(crate) struct CampaignJson {
    /// Its id.
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// Its name.
    name: String,
    /// In one line.
    subject: String,
    /// What it says.
    text: String,
    /// The language it is written in; null: the company's.
    locale: Option<String>,
    /// To whom.
    segment: SegmentJson,
    /// `preparing`, `sending` or `done`.
    #[schema(example = "sending")]
    status: &'static str,
    /// How its messages stand.
    counts: CountsJson,
    /// Who started it.
    created_by: String,
    /// When.
    #[schema(format = DateTime)]
    created_at: String,
}

/// Which customers a campaign is for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChosenSegment)]
struct SegmentJson {
    service_id: Option<i64>,
    #[schema(format = DateTime)]
    last_visit_before: Option<String>,
    #[schema(format = DateTime)]
    last_visit_after: Option<String>,
    without_future_appointment: bool,
}

/// How many messages stand how.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignCounts)]
struct CountsJson {
    /// They wait.
    queued: u64,
    /// Whoever carries them has them.
    sent: u64,
    /// The customer opted out, or cannot be reached any more.
    not_sent: u64,
    /// They were given up: see the jobs that are dead.
    failed: u64,
}

impl From<&CampaignView> for CampaignJson {
    fn from(view: &CampaignView) -> Self {
        let (it, segment) = (&view.campaign, &view.campaign.segment);
        let count = |status| view.counts.get(&status).copied().unwrap_or_default();
        Self {
            id: it.id.to_string(),
            name: it.text.name.clone(),
            subject: it.text.subject.clone(),
            text: it.text.text.clone(),
            locale: it.text.locale.clone(),
            segment: SegmentJson {
                service_id: segment.service.map(ServiceId::get),
                last_visit_before: segment.last_visit_before.map(|at| at.to_string()),
                last_visit_after: segment.last_visit_after.map(|at| at.to_string()),
                without_future_appointment: segment.without_future_appointment,
            },
            status: CampaignStatus::of(view).as_str(),
            counts: CountsJson {
                queued: count(NotificationStatus::Queued),
                sent: count(NotificationStatus::Sent),
                not_sent: count(NotificationStatus::NotSent),
                failed: count(NotificationStatus::Failed),
            },
            created_by: it.created_by.clone(),
            created_at: it.created_at.to_string(),
        }
    }
}

/// A page of campaigns, the newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignPage)]
pub(crate) struct CampaignPageJson {
    /// The campaigns.
    data: Vec<CampaignJson>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

impl CampaignPageJson {
    /// Of one more than the page takes, if there are more.
    pub(crate) fn page(mut campaigns: Vec<CampaignView>, limit: u32) -> Self {
        let more = campaigns.len() > limit as usize;
        campaigns.truncate(limit as usize);
        let last = campaigns.last().filter(|_| more);
        Self {
            // A cursor is a moment and an id, whatever is listed.
            next_cursor: last.map(|last| {
                write_cursor(PageCursor {
                    starts_at: last.campaign.created_at,
                    id: AppointmentId::new(last.campaign.id.get()),
                })
            }),
            data: campaigns.iter().map(CampaignJson::from).collect(),
        }
    }
}
