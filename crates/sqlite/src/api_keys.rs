//! API keys: looked up by digest, everything else by company.

use async_trait::async_trait;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{ApiKeyRecord, ApiKeyStore, Scope, StoreError};
use booking_domain::time::Instant;
use rusqlite::params;

use crate::SqliteStore;
use crate::statements::{Columns, all, first, micros, run};

#[async_trait]
impl ApiKeyStore for SqliteStore {
    async fn find(&self, digest: &str) -> Result<Option<ApiKeyRecord>, StoreError> {
        const ACTION: &str = "look up an API key";
        self.readers.read(ACTION, |connection| {
            // The one look-up without a company: the key says whose it is.
            let sql = "SELECT * FROM api_keys WHERE digest = ?1";
            first(connection, ACTION, sql, [digest], record)
        })
    }

    async fn create(&self, key: &ApiKeyRecord) -> Result<(), StoreError> {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let mut transaction = self.transaction().await?;
        run(
            transaction.connection(),
            "add an API key",
            "INSERT INTO api_keys
                (digest, company_id, prefix, scopes, created_at, expires_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                key.digest,
                key.company.get(),
                key.prefix,
                scopes.join(" "),
                key.created_at.unix_micros(),
                micros(key.expires_at),
                micros(key.revoked_at)
            ],
        )?;
        transaction.bumps.setup(key.company);
        transaction.commit().await.map(drop)
    }

    async fn revoke(
        &self,
        company: CompanyId,
        prefix: &str,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.transaction().await?;
        // The first time counts.
        let revoked = run(
            transaction.connection(),
            "take back an API key",
            "UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?3)
             WHERE company_id = ?1 AND prefix = ?2",
            params![company.get(), prefix, now.unix_micros()],
        )?;
        if revoked == 0 {
            return Ok(false);
        }
        transaction.bumps.setup(company);
        transaction.commit().await?;
        Ok(true)
    }

    async fn list(&self, company: CompanyId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        const ACTION: &str = "list API keys";
        self.readers.read(ACTION, |connection| {
            let sql = "SELECT * FROM api_keys WHERE company_id = ?1 ORDER BY created_at, digest";
            all(connection, ACTION, sql, [company.get()], record)
        })
    }
}

fn record(row: &Columns<'_>) -> Result<ApiKeyRecord, StoreError> {
    let scopes = |text: &str| {
        text.split(' ')
            .map(Scope::parse)
            .collect::<Option<Vec<_>>>()
    };
    Ok(ApiKeyRecord {
        digest: row.get("digest")?,
        prefix: row.get("prefix")?,
        company: row.company()?,
        scopes: row.parsed("scopes", scopes)?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant_if_any("expires_at")?,
        revoked_at: row.instant_if_any("revoked_at")?,
    })
}
