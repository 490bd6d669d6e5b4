//! Reading appointments.

use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::ports::{
    AppointmentFilter, AppointmentPage, AppointmentView, HistoryEntry, HistoryKind, PageCursor,
    StoreError,
};
use booking_domain::time::Instant;

use crate::{Application, Failure};

impl Application {
    /// One appointment of this company.
    pub async fn appointment(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<Option<AppointmentView>, StoreError> {
        self.deps.store.queries.get(company, id).await
    }

    /// What happened to an appointment of this company, after the place where the page before ended,
    /// and whether there is more; `None` if there is no such appointment.
    pub async fn history(
        &self,
        company: CompanyId,
        id: AppointmentId,
        after: Option<(Instant, HistoryKind, i64)>,
        limit: usize,
    ) -> Result<Option<(Vec<HistoryEntry>, bool)>, StoreError> {
        if self.deps.store.queries.get(company, id).await?.is_none() {
            return Ok(None);
        }
        let mut entries = self.deps.store.history.history(company, id).await?;
        entries.retain(|entry| after.is_none_or(|after| entry.place() > after));
        let is_more = entries.len() > limit;
        entries.truncate(limit);
        Ok(Some((entries, is_more)))
    }

    /// A page of this company's appointments.
    pub async fn appointments(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError> {
        self.deps
            .store
            .queries
            .list(company, filter, after, limit)
            .await
    }

    /// Whether an appointment of this company has, or ever had, this name at Cal.com.
    pub async fn knows_booking(
        &self,
        company: CompanyId,
        uid: &BookingUid,
    ) -> Result<bool, StoreError> {
        let mut unit = self.deps.store.units.begin(company).await?;
        Ok(unit.find_by_uid(uid).await?.is_some())
    }

    /// An appointment that must be there, because this command wrote it.
    pub(crate) async fn appointment_or_inconsistent(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<AppointmentView, Failure> {
        let found = self.deps.store.queries.get(company, id).await?;
        found.ok_or_else(|| Failure::Inconsistent(format!("{id} was written and is not there")))
    }
}
