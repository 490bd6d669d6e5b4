//! Campaigns, and who gets them.

use async_trait::async_trait;
use booking_domain::ids::{CampaignId, CompanyId, CustomerId, ServiceId};
use booking_domain::messages::CampaignText;
use booking_domain::ports::{
    Campaign, CampaignCounts, CampaignLog, CampaignView, Campaigns, Channel, FiledCampaign,
    NotificationStatus, Recipients, StoreError,
};
use booking_domain::time::Instant;
use rusqlite::{Connection, params};

use crate::SqliteStore;
use crate::statements::{Columns, all, first, json, micros, run};
use crate::unit_of_work::SqliteUnitOfWork;

const COLUMNS: &str =
    "id, name, subject, body, locale, segment, key, created_by, created_at, chosen_at";

#[async_trait]
impl CampaignLog for SqliteUnitOfWork {
    async fn file_campaign(&mut self, campaign: &Campaign) -> Result<FiledCampaign, StoreError> {
        const ACTION: &str = "file a campaign";
        let text = &campaign.text;
        let known = first(
            self.connection(),
            ACTION,
            &format!(
                "SELECT {COLUMNS} FROM campaigns WHERE company_id = ?1 AND (key = ?2 OR name = ?3)
                 ORDER BY (key = ?2) IS TRUE DESC LIMIT 1"
            ),
            params![self.company.get(), campaign.key, text.name],
            read,
        )?;
        if let Some((known, _)) = known {
            return Ok(FiledCampaign::Known(Box::new(known)));
        }
        run(
            self.connection(),
            ACTION,
            "INSERT INTO campaigns (company_id, id, name, subject, body, locale, segment, key,
                                    created_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                self.company.get(),
                campaign.id.get().as_bytes(),
                text.name,
                text.subject,
                text.text,
                text.locale,
                json(&campaign.segment)?,
                campaign.key,
                campaign.created_by,
                campaign.created_at.unix_micros()
            ],
        )?;
        Ok(FiledCampaign::New)
    }
}

/// The campaign, and when everybody was on its list.
fn read(row: &Columns<'_>) -> Result<(Campaign, Option<Instant>), StoreError> {
    let campaign = Campaign {
        id: CampaignId::new(row.uuid("id")?),
        text: CampaignText {
            name: row.get("name")?,
            subject: row.get("subject")?,
            text: row.get("body")?,
            locale: row.get("locale")?,
        },
        segment: row.json("segment")?,
        key: row.get("key")?,
        created_by: row.get("created_by")?,
        created_at: row.instant("created_at")?,
    };
    Ok((campaign, row.instant_if_any("chosen_at")?))
}

/// What lies before and ahead of each customer is looked up by itself.
const RECIPIENTS: &str = "
    SELECT c.id, CASE WHEN c.email IS NOT NULL AND ?8 THEN 'email' ELSE 'sms' END AS channel
    FROM customers c
    WHERE c.company_id = ?1 AND c.id > ?2 AND c.name IS NOT NULL
      AND c.marketing_since IS NOT NULL AND c.opted_out_at IS NULL
      AND ((c.email IS NOT NULL AND ?8) OR (c.phone IS NOT NULL AND ?9))
      AND (?3 IS NULL OR EXISTS (
          SELECT 1 FROM appointments a
          WHERE a.company_id = ?1 AND a.customer_id = c.id AND a.service_id = ?3
            AND a.state IN ('scheduled', 'confirmed', 'rescheduling', 'completed')))
      AND ((?4 IS NULL AND ?5 IS NULL) OR coalesce((
          SELECT (?4 IS NULL OR max(a.ends_at) < ?4) AND (?5 IS NULL OR max(a.ends_at) >= ?5)
          FROM appointments a
          WHERE a.company_id = ?1 AND a.customer_id = c.id AND a.ends_at <= ?7
            AND (?3 IS NULL OR a.service_id = ?3)
            AND a.state IN ('scheduled', 'confirmed', 'rescheduling', 'completed')), false))
      AND NOT (?6 AND EXISTS (
          SELECT 1 FROM appointments a
          WHERE a.company_id = ?1 AND a.customer_id = c.id AND a.ends_at > ?7
            AND a.state IN ('pending', 'scheduled', 'confirmed', 'rescheduling', 'completed')))
    ORDER BY c.id LIMIT ?10";

#[async_trait]
impl Campaigns for SqliteStore {
    async fn count_recipients(
        &self,
        company: CompanyId,
        which: &Recipients<'_>,
    ) -> Result<u64, StoreError> {
        let everybody = (CustomerId::new(0), u32::MAX);
        Ok(self.recipients(company, which, everybody).await?.len() as u64)
    }

    async fn recipients(
        &self,
        company: CompanyId,
        which: &Recipients<'_>,
        (after, limit): (CustomerId, u32),
    ) -> Result<Vec<(CustomerId, Channel)>, StoreError> {
        const ACTION: &str = "choose who gets a campaign";
        let segment = which.segment;
        self.readers.read(ACTION, |connection| {
            all(
                connection,
                ACTION,
                RECIPIENTS,
                params![
                    company.get(),
                    after.get(),
                    segment.service.map(ServiceId::get),
                    micros(segment.last_visit_before),
                    micros(segment.last_visit_after),
                    segment.without_future_appointment,
                    which.now.unix_micros(),
                    which.channels.contains(&Channel::Email),
                    which.channels.contains(&Channel::Sms),
                    limit
                ],
                |row| {
                    let channel = row.parsed("channel", Channel::parse)?;
                    Ok((row.id("id", CustomerId::new)?, channel))
                },
            )
        })
    }

    async fn chosen(
        &self,
        company: CompanyId,
        id: CampaignId,
        now: Instant,
    ) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        run(
            transaction.connection(),
            "note that a campaign's list is complete",
            "UPDATE campaigns SET chosen_at = ?3
             WHERE company_id = ?1 AND id = ?2 AND chosen_at IS NULL",
            params![company.get(), id.get().as_bytes(), now.unix_micros()],
        )?;
        transaction.commit().await.map(drop)
    }

    async fn campaign(
        &self,
        company: CompanyId,
        id: CampaignId,
    ) -> Result<Option<CampaignView>, StoreError> {
        const ACTION: &str = "read a campaign";
        self.readers.read(ACTION, |connection| {
            let found = first(
                connection,
                ACTION,
                &format!("SELECT {COLUMNS} FROM campaigns WHERE company_id = ?1 AND id = ?2"),
                params![company.get(), id.get().as_bytes()],
                read,
            )?;
            let found = found.map(|it| with_counts(connection, company, it));
            found.transpose()
        })
    }

    async fn campaigns(
        &self,
        company: CompanyId,
        (before, limit): (Option<(Instant, CampaignId)>, u32),
    ) -> Result<Vec<CampaignView>, StoreError> {
        const ACTION: &str = "list campaigns";
        let (at, id) = before.unzip();
        self.readers.read(ACTION, |connection| {
            let found = all(
                connection,
                ACTION,
                &format!(
                    "SELECT {COLUMNS} FROM campaigns
                     WHERE company_id = ?1 AND (?2 IS NULL OR (created_at, id) < (?2, ?3))
                     ORDER BY created_at DESC, id DESC LIMIT ?4"
                ),
                params![
                    company.get(),
                    micros(at),
                    id.map(|id| *id.get().as_bytes()),
                    limit
                ],
                read,
            )?;
            let found = found.into_iter();
            found
                .map(|it| with_counts(connection, company, it))
                .collect()
        })
    }
}

fn with_counts(
    connection: &Connection,
    company: CompanyId,
    (campaign, chosen_at): (Campaign, Option<Instant>),
) -> Result<CampaignView, StoreError> {
    let counted = all(
        connection,
        "count the messages of a campaign",
        "SELECT status, count(*) AS n FROM notifications
         WHERE company_id = ?1 AND campaign_id = ?2 GROUP BY status",
        params![company.get(), campaign.id.get().as_bytes()],
        |row| {
            let status = row.parsed("status", NotificationStatus::parse)?;
            Ok((status, row.get::<i64>("n")?.unsigned_abs()))
        },
    )?;
    Ok(CampaignView {
        campaign,
        chosen_at,
        counts: counted.into_iter().collect::<CampaignCounts>(),
    })
}
