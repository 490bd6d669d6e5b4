//! API keys. Looked up across companies, changed for one company at a time.

use async_trait::async_trait;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{ApiKeyRecord, ApiKeyStore, Scope, StoreError};
use booking_domain::time::Instant;
use chrono::{DateTime, Utc};

use crate::PgStore;
use crate::error::failed;
use crate::rows::{from_db, to_db, word};

struct KeyRow {
    digest: String,
    prefix: String,
    company_id: i64,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl KeyRow {
    fn restore(self) -> Result<ApiKeyRecord, StoreError> {
        Ok(ApiKeyRecord {
            digest: self.digest,
            prefix: self.prefix,
            company: CompanyId::new(self.company_id),
            scopes: self
                .scopes
                .iter()
                .map(|scope| word("api_keys.scopes", scope, Scope::parse))
                .collect::<Result<_, _>>()?,
            created_at: from_db(self.created_at)?,
            expires_at: self.expires_at.map(from_db).transpose()?,
            revoked_at: self.revoked_at.map(from_db).transpose()?,
        })
    }
}

#[async_trait]
impl ApiKeyStore for PgStore {
    async fn find(&self, digest: &str) -> Result<Option<ApiKeyRecord>, StoreError> {
        sqlx::query_as!(
            KeyRow,
            "SELECT digest, prefix, company_id, scopes, created_at, expires_at, revoked_at
             FROM api_keys WHERE digest = $1",
            digest
        )
        .fetch_optional(&self.system)
        .await
        .map_err(failed("find an API key"))?
        .map(KeyRow::restore)
        .transpose()
    }

    /// The key and the version that tells every instance of it, in one statement.
    async fn create(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        let scopes: Vec<String> = key.scopes.iter().map(|it| it.as_str().to_owned()).collect();
        sqlx::query!(
            "WITH made AS (
                INSERT INTO api_keys
                    (digest, prefix, company_id, scopes, created_at, expires_at, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                RETURNING company_id
             )
             INSERT INTO availability_versions (company_id, group_id, day)
             SELECT company_id, 0, DATE '0001-01-01' FROM made
             ON CONFLICT (company_id, group_id, day) DO UPDATE
             SET ver = availability_versions.ver + 1, changed_xid = pg_current_xact_id()",
            key.digest,
            key.prefix,
            key.company.get(),
            &scopes,
            to_db(key.created_at),
            key.expires_at.map(to_db),
            key.revoked_at.map(to_db),
        )
        .execute(&self.system)
        .await
        .map(drop)
        .map_err(failed("create an API key"))
    }

    async fn revoke(
        &self,
        company: CompanyId,
        prefix: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        sqlx::query_scalar!(
            r#"
            WITH revoked AS (
                UPDATE api_keys SET revoked_at = $3
                WHERE company_id = $1 AND prefix = $2 AND revoked_at IS NULL
                RETURNING company_id
            ), told AS (
                INSERT INTO availability_versions (company_id, group_id, day)
                SELECT DISTINCT company_id, 0, DATE '0001-01-01' FROM revoked
                ON CONFLICT (company_id, group_id, day) DO UPDATE
                SET ver = availability_versions.ver + 1, changed_xid = pg_current_xact_id()
            )
            SELECT EXISTS (
                SELECT FROM api_keys WHERE company_id = $1 AND prefix = $2) AS "known!""#,
            company.get(),
            prefix,
            to_db(now),
        )
        .fetch_one(&self.system)
        .await
        .map_err(failed("revoke an API key"))
    }

    async fn list(&self, company: CompanyId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        sqlx::query_as!(
            KeyRow,
            "SELECT digest, prefix, company_id, scopes, created_at, expires_at, revoked_at
             FROM api_keys WHERE company_id = $1 ORDER BY created_at, digest",
            company.get()
        )
        .fetch_all(&self.system)
        .await
        .map_err(failed("list API keys"))?
        .into_iter()
        .map(KeyRow::restore)
        .collect()
    }
}
