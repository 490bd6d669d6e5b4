//! One transaction of one company.

use async_trait::async_trait;
use booking_domain::availability::Raised;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{StoreError, UnitOfWork, UnitOfWorkFactory};
use sqlx::{PgConnection, PgPool};

use crate::PgStore;
use crate::error::failed;
use crate::session::Session;
use crate::versions::{Bumps, raised};

/// Names the advisory locks that keep imports of a company's set-up and units of work apart.
const SETUP_LOCK: i32 = 0x626b_6773;

/// The lock on a company's set-up: shared for units of work, so that none commits under a group
/// that has just changed; exclusive for an import. Two companies may share a lock by chance.
pub(crate) fn setup_lock(company: CompanyId, shared: bool) -> String {
    let kind = if shared { "_shared" } else { "" };
    format!("SELECT pg_advisory_xact_lock{kind}({SETUP_LOCK}, hashint8({company}))")
}

/// Reads of one company that need no unit of work.
pub(crate) async fn begin_reading(
    pool: &PgPool,
    company: CompanyId,
) -> Result<Session, StoreError> {
    let batch = format!("BEGIN READ ONLY; SET LOCAL app.company = '{company}'");
    Session::begin(pool, &batch)
        .await
        .map_err(failed("begin reading"))
}

/// As [`begin_reading`], with all statements seeing the same moment.
pub(crate) async fn begin_snapshot(
    pool: &PgPool,
    company: CompanyId,
) -> Result<Session, StoreError> {
    let batch = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL app.company = '{company}'"
    );
    Session::begin(pool, &batch)
        .await
        .map_err(failed("begin reading"))
}

/// Everything of one transaction; its repositories are in the modules of their names.
pub(crate) struct PgUnitOfWork {
    session: Session,
    pub(crate) company: CompanyId,
    pub(crate) bumps: Bumps,
}

impl PgUnitOfWork {
    async fn begin(store: &PgStore, company: CompanyId) -> Result<Self, StoreError> {
        let batch = format!(
            "BEGIN; SET LOCAL app.company = '{company}'; {}",
            setup_lock(company, true)
        );
        Ok(Self {
            session: Session::begin(&store.companies, &batch)
                .await
                .map_err(failed("begin a unit of work"))?
                .tracked_by(&store.rollbacks),
            company,
            bumps: Bumps::default(),
        })
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        self.session.conn()
    }

    pub(crate) async fn run(&mut self, batch: &str) -> Result<(), sqlx::Error> {
        self.session.run(batch).await
    }
}

#[async_trait]
impl UnitOfWorkFactory for PgStore {
    async fn begin(&self, company: CompanyId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(PgUnitOfWork::begin(self, company).await?))
    }
}

#[async_trait]
impl UnitOfWork for PgUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<Raised, StoreError> {
        let bump = self.bumps.statement(self.company);
        let rows = self.session.commit(bump.as_deref()).await;
        rows.and_then(|rows| raised(&rows))
            .map_err(failed("commit a unit of work"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PgSettings;
    use booking_test_support::postgres::TestDatabase;

    /// Turns red when the company is set for the session: it would be the next one's, too.
    #[tokio::test]
    async fn the_company_ends_with_its_transaction() {
        let database = TestDatabase::create().await.unwrap();
        let settings = PgSettings {
            max_connections: 1,
            ..PgSettings::new(database.url())
        };
        let store = PgStore::connect(settings).await.unwrap();
        let company = CompanyId::new(15);
        for read_only in [false, true] {
            if read_only {
                begin_reading(&store.companies, company).await.unwrap();
            } else {
                store.begin(company).await.unwrap().commit().await.unwrap();
            }
            let left: Option<String> =
                sqlx::query_scalar("SELECT nullif(current_setting('app.company', true), '')")
                    .fetch_one(&store.companies)
                    .await
                    .unwrap();
            assert_eq!(left, None);
        }
    }
}
