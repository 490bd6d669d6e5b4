//! What an import changed in a company: its services find their groups anew, and the versions of all
//! days rise for every group that a changed service is in now or was in before.

use std::collections::BTreeSet;

use booking_domain::ids::{CompanyId, GroupId, ServiceId};
use booking_domain::ports::StoreError;
use booking_domain::tenant::availability_groups;
use sqlx::PgConnection;

use crate::error::failed;
use crate::setup::staff_of_services;
use crate::setup_import::IMPORT;
use crate::versions::SETUP_GROUP;

/// What an import changed in one company.
#[derive(Default)]
pub(crate) struct Touched {
    pub(crate) anything: bool,
    /// Whether Cal.com is asked as somebody else from now on.
    pub(crate) account: bool,
    pub(crate) services: BTreeSet<ServiceId>,
    groups: BTreeSet<GroupId>,
}

impl Touched {
    /// Puts all services of the company, named in the file or not, into their groups.
    pub(crate) async fn regroup(
        &mut self,
        conn: &mut PgConnection,
        company: CompanyId,
    ) -> Result<(), StoreError> {
        let mut staff = staff_of_services(conn, company).await?;
        let rows = sqlx::query!(
            "SELECT id, group_id FROM services WHERE company_id = $1",
            company.get()
        )
        .fetch_all(&mut *conn)
        .await
        .map_err(failed(IMPORT))?;
        let groups = availability_groups(rows.iter().map(|row| {
            let id = ServiceId::new(row.id);
            (id, staff.remove(&id).unwrap_or_default())
        }));
        let (mut ids, mut news) = (Vec::new(), Vec::new());
        for row in rows {
            let service = ServiceId::new(row.id);
            let group = groups[&service];
            if group.get() != row.group_id {
                self.groups.insert(GroupId::new(row.group_id));
                self.groups.insert(group);
                ids.push(row.id);
                news.push(group.get());
            } else if self.account || self.services.contains(&service) {
                // Other hosts, another length: what was free may not be.
                self.groups.insert(group);
            }
        }
        // A new service comes from nowhere.
        self.groups.remove(&GroupId::new(SETUP_GROUP));
        sqlx::query!(
            "UPDATE services s SET group_id = n.group_id
             FROM unnest($2::bigint[], $3::bigint[]) AS n (id, group_id)
             WHERE s.company_id = $1 AND s.id = n.id",
            company.get(),
            &ids,
            &news,
        )
        .execute(conn)
        .await
        .map(drop)
        .map_err(failed(IMPORT))
    }

    /// Tells every instance: the set-up version, and the all-days rows of the groups.
    pub(crate) async fn bump(
        &self,
        conn: &mut PgConnection,
        company: CompanyId,
    ) -> Result<(), StoreError> {
        let mut rows: Vec<i64> = self.groups.iter().map(|group| group.get()).collect();
        if self.anything {
            rows.push(SETUP_GROUP);
        }
        sqlx::query!(
            "INSERT INTO availability_versions (company_id, group_id, day)
             SELECT $1, group_id, DATE '0001-01-01' FROM unnest($2::bigint[]) AS g (group_id)
             ORDER BY group_id
             ON CONFLICT (company_id, group_id, day) DO UPDATE
             SET ver = availability_versions.ver + 1, changed_xid = pg_current_xact_id()",
            company.get(),
            &rows,
        )
        .execute(conn)
        .await
        .map(drop)
        .map_err(failed(IMPORT))
    }
}
