//! Reading appointments.

use booking_domain::ids::{AppointmentId, BookingUid, CompanyId};
use booking_domain::ports::{
    AppointmentFilter, AppointmentPage, AppointmentView, PageCursor, StoreError,
};

use crate::{Application, Failure};

impl Application {
    /// One appointment of this company.
    pub async fn appointment(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<Option<AppointmentView>, StoreError> {
        self.deps.queries.get(company, id).await
    }

    /// A page of this company's appointments.
    pub async fn appointments(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        after: Option<PageCursor>,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError> {
        self.deps.queries.list(company, filter, after, limit).await
    }

    /// Whether an appointment of this company has, or ever had, this name at Cal.com.
    pub async fn knows_booking(
        &self,
        company: CompanyId,
        uid: &BookingUid,
    ) -> Result<bool, StoreError> {
        let mut unit = self.deps.units.begin(company).await?;
        Ok(unit.find_by_uid(uid).await?.is_some())
    }

    /// An appointment that must be there, because this command wrote it.
    pub(crate) async fn appointment_or_inconsistent(
        &self,
        company: CompanyId,
        id: AppointmentId,
    ) -> Result<AppointmentView, Failure> {
        let found = self.deps.queries.get(company, id).await?;
        found.ok_or_else(|| Failure::Inconsistent(format!("{id} was written and is not there")))
    }
}
