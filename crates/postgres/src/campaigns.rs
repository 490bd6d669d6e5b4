//! Campaigns, and who gets them.

use async_trait::async_trait;
use booking_domain::ids::{CampaignId, CompanyId, CustomerId, ServiceId};
use booking_domain::messages::{CampaignText, Segment};
use booking_domain::ports::{
    Campaign, CampaignCounts, CampaignLog, CampaignView, Campaigns, Channel, FiledCampaign,
    NotificationStatus, Recipients, StoreError,
};
use booking_domain::time::Instant;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::PgStore;
use crate::error::{corrupt, failed};
use crate::rows::{from_db, to_db, word};
use crate::unit_of_work::{PgUnitOfWork, begin_reading};

#[async_trait]
impl CampaignLog for PgUnitOfWork {
    async fn file_campaign(&mut self, campaign: &Campaign) -> Result<FiledCampaign, StoreError> {
        const ACTION: &str = "file a campaign";
        let text = &campaign.text;
        let filed = sqlx::query!(
            "INSERT INTO campaigns (company_id, id, name, subject, body, locale, segment, key,
                                    created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
            self.company.get(),
            campaign.id.get(),
            text.name,
            text.subject,
            text.text,
            text.locale,
            Json(&campaign.segment) as _,
            campaign.key,
            campaign.created_by,
            to_db(campaign.created_at),
        )
        .execute(self.conn())
        .await
        .map_err(failed(ACTION))?;
        if filed.rows_affected() == 1 {
            return Ok(FiledCampaign::New);
        }
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id, name, subject, body, locale, segment AS "segment: Json<Segment>", key,
                      created_by, created_at, chosen_at
               FROM campaigns WHERE company_id = $1 AND (key = $2 OR name = $3)
               ORDER BY (key = $2) IS TRUE DESC LIMIT 1"#,
            self.company.get(),
            campaign.key,
            text.name,
        )
        .fetch_one(self.conn())
        .await
        .map_err(failed(ACTION))?;
        Ok(FiledCampaign::Known(Box::new(row.read()?.0)))
    }
}

struct Row {
    id: Uuid,
    name: String,
    subject: String,
    body: String,
    locale: Option<String>,
    segment: Json<Segment>,
    key: Option<String>,
    created_by: String,
    created_at: DateTime<Utc>,
    chosen_at: Option<DateTime<Utc>>,
}

impl Row {
    /// The campaign, and when everybody was on its list.
    fn read(self) -> Result<(Campaign, Option<Instant>), StoreError> {
        let campaign = Campaign {
            id: CampaignId::new(self.id),
            text: CampaignText {
                name: self.name,
                subject: self.subject,
                text: self.body,
                locale: self.locale,
            },
            segment: self.segment.0,
            key: self.key,
            created_by: self.created_by,
            created_at: from_db(self.created_at)?,
        };
        Ok((campaign, self.chosen_at.map(from_db).transpose()?))
    }
}

#[async_trait]
impl Campaigns for PgStore {
    async fn count_recipients(
        &self,
        company: CompanyId,
        which: &Recipients<'_>,
    ) -> Result<u64, StoreError> {
        let all = (CustomerId::new(0), u32::MAX);
        Ok(self.recipients(company, which, all).await?.len() as u64)
    }

    async fn recipients(
        &self,
        company: CompanyId,
        which: &Recipients<'_>,
        (after, limit): (CustomerId, u32),
    ) -> Result<Vec<(CustomerId, Channel)>, StoreError> {
        let segment = which.segment;
        let channels: Vec<_> = which.channels.iter().map(|it| it.as_str()).collect();
        let mut session = begin_reading(&self.companies, company).await?;
        // What lies before and ahead of each customer is looked up by itself.
        let rows = sqlx::query!(
            r#"
            SELECT c.id, h.channel AS "channel!"
            FROM customers c
            CROSS JOIN LATERAL (
                SELECT w.channel FROM unnest($8::text[]) WITH ORDINALITY AS w (channel, n)
                WHERE CASE w.channel WHEN 'email' THEN c.email ELSE c.phone END IS NOT NULL
                ORDER BY w.n LIMIT 1
            ) AS h
            CROSS JOIN LATERAL (
                SELECT max(a.ends_at) FILTER (WHERE stands AND meant AND a.ends_at <= $7) AS last,
                       coalesce(bool_or(stands AND meant), false) AS had,
                       coalesce(bool_or((stands OR a.state = 'pending') AND a.ends_at > $7), false)
                           AS ahead
                FROM (
                    SELECT a.ends_at, a.state,
                           a.state IN ('scheduled', 'confirmed', 'rescheduling', 'completed')
                               AS stands,
                           $3::bigint IS NULL OR a.service_id = $3 AS meant
                    FROM appointments a WHERE a.company_id = $1 AND a.customer_id = c.id
                ) AS a
            ) AS v
            WHERE c.company_id = $1 AND c.id > $2 AND c.name IS NOT NULL
              AND c.marketing_since IS NOT NULL AND c.opted_out_at IS NULL
              AND ($3::bigint IS NULL OR v.had)
              AND ($4::timestamptz IS NULL OR v.last < $4)
              AND ($5::timestamptz IS NULL OR v.last >= $5)
              AND NOT ($6 AND v.ahead)
            ORDER BY c.id LIMIT $9"#,
            company.get(),
            after.get(),
            segment.service.map(ServiceId::get),
            segment.last_visit_before.map(to_db),
            segment.last_visit_after.map(to_db),
            segment.without_future_appointment,
            to_db(which.now),
            &channels as &[&str],
            i64::from(limit),
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed("choose who gets a campaign"))?;
        drop(session);
        let found = rows.into_iter().map(|row| {
            let channel = word("customers", &row.channel, Channel::parse)?;
            Ok((CustomerId::new(row.id), channel))
        });
        found.collect()
    }

    async fn chosen(
        &self,
        company: CompanyId,
        id: CampaignId,
        now: Instant,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE campaigns SET chosen_at = $3
             WHERE company_id = $1 AND id = $2 AND chosen_at IS NULL",
            company.get(),
            id.get(),
            to_db(now),
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("note that a campaign's list is complete"))
    }

    async fn campaign(
        &self,
        company: CompanyId,
        id: CampaignId,
    ) -> Result<Option<CampaignView>, StoreError> {
        let mut session = begin_reading(&self.companies, company).await?;
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id, name, subject, body, locale, segment AS "segment: Json<Segment>", key,
                      created_by, created_at, chosen_at
               FROM campaigns WHERE company_id = $1 AND id = $2"#,
            company.get(),
            id.get(),
        )
        .fetch_optional(session.conn())
        .await
        .map_err(failed("read a campaign"))?;
        drop(session);
        let found: Vec<_> = row.into_iter().collect();
        Ok(self.with_counts(company, found).await?.pop())
    }

    async fn campaigns(
        &self,
        company: CompanyId,
        (before, limit): (Option<(Instant, CampaignId)>, u32),
    ) -> Result<Vec<CampaignView>, StoreError> {
        let (at, id) = before.unzip();
        let mut session = begin_reading(&self.companies, company).await?;
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id, name, subject, body, locale, segment AS "segment: Json<Segment>", key,
                      created_by, created_at, chosen_at
               FROM campaigns
               WHERE company_id = $1
                 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
               ORDER BY created_at DESC, id DESC LIMIT $4"#,
            company.get(),
            at.map(to_db),
            id.map(CampaignId::get),
            i64::from(limit),
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed("list campaigns"))?;
        drop(session);
        self.with_counts(company, rows).await
    }
}

impl PgStore {
    async fn with_counts(
        &self,
        company: CompanyId,
        rows: Vec<Row>,
    ) -> Result<Vec<CampaignView>, StoreError> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut session = begin_reading(&self.companies, company).await?;
        let counted = sqlx::query!(
            r#"SELECT campaign_id AS "campaign_id!", status, count(*) AS "n!"
               FROM notifications WHERE company_id = $1 AND campaign_id = ANY ($2)
               GROUP BY 1, 2"#,
            company.get(),
            &ids,
        )
        .fetch_all(session.conn())
        .await
        .map_err(failed("count the messages of campaigns"))?;
        drop(session);
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let mut counts = CampaignCounts::new();
            for count in counted.iter().filter(|it| it.campaign_id == row.id) {
                let status = word("notifications", &count.status, NotificationStatus::parse)?;
                let n = u64::try_from(count.n).map_err(|error| corrupt("a count", error))?;
                counts.insert(status, n);
            }
            let (campaign, chosen_at) = row.read()?;
            views.push(CampaignView {
                campaign,
                chosen_at,
                counts,
            });
        }
        Ok(views)
    }
}
