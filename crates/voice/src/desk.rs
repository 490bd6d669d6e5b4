//! What the functions need of the application, as a trait: the application itself, and in tests a
//! desk that answers as it is told.

use std::sync::Arc;

use async_trait::async_trait;
use booking_application::availability::Availability;
use booking_application::{
    Actor, Alternatives, AlternativesQuestion, Application, AvailabilityError,
    AvailabilityQuestion, BookAppointment, BookError, Booked, CancelAppointment, CancelError,
    Greeting, Principal, RescheduleAppointment, RescheduleError, key_digest,
};
use booking_domain::calls::Call;
use booking_domain::contact::Phone;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{AppointmentFilter, AppointmentPage, AppointmentView, StoreError};
use booking_domain::tenant::{CallRules, Company, CompanySetup};
use booking_domain::time::Instant;

/// The application as the functions see it. Each method is one of its use cases.
#[async_trait]
pub(crate) trait Desk: Send + Sync {
    fn now(&self) -> Instant;
    async fn authenticate(&self, token: &str) -> Result<Option<Principal>, StoreError>;
    async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanySetup>>, StoreError>;
    async fn availability(
        &self,
        company: CompanyId,
        question: &AvailabilityQuestion,
    ) -> Result<Availability, AvailabilityError>;
    async fn alternatives(
        &self,
        company: CompanyId,
        question: &AlternativesQuestion,
    ) -> Result<Alternatives, AvailabilityError>;
    async fn book(&self, actor: Actor, command: BookAppointment) -> Result<Booked, BookError>;
    async fn reschedule(
        &self,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<AppointmentView, RescheduleError>;
    async fn cancel(
        &self,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<AppointmentView, CancelError>;
    async fn appointments(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError>;
    async fn companies(&self) -> Result<Vec<Company>, StoreError>;
    async fn note_call(
        &self,
        company: CompanyId,
        rules: &CallRules,
        told: Call,
    ) -> Result<(), StoreError>;
    async fn greet(&self, company: CompanyId, phone: &Phone) -> Result<Greeting, StoreError>;
    async fn expect_questions(&self, company: CompanyId);
}

#[async_trait]
impl Desk for Arc<Application> {
    fn now(&self) -> Instant {
        Application::now(self)
    }

    async fn authenticate(&self, token: &str) -> Result<Option<Principal>, StoreError> {
        Application::authenticate(self, &key_digest(token)).await
    }

    async fn company(&self, id: CompanyId) -> Result<Option<Arc<CompanySetup>>, StoreError> {
        Application::company(self, id).await
    }

    async fn availability(
        &self,
        company: CompanyId,
        question: &AvailabilityQuestion,
    ) -> Result<Availability, AvailabilityError> {
        self.availability_to_the_end(company, question.clone())
            .await
    }

    async fn alternatives(
        &self,
        company: CompanyId,
        question: &AlternativesQuestion,
    ) -> Result<Alternatives, AvailabilityError> {
        self.alternatives_to_the_end(company, question.clone())
            .await
    }

    async fn book(&self, actor: Actor, command: BookAppointment) -> Result<Booked, BookError> {
        self.book_appointment(actor, command).await
    }

    async fn reschedule(
        &self,
        actor: Actor,
        command: RescheduleAppointment,
    ) -> Result<AppointmentView, RescheduleError> {
        let changed = self.reschedule_appointment(actor, command).await?;
        Ok(changed.view)
    }

    async fn cancel(
        &self,
        actor: Actor,
        command: CancelAppointment,
    ) -> Result<AppointmentView, CancelError> {
        let changed = self.cancel_appointment(actor, command).await?;
        Ok(changed.view)
    }

    async fn appointments(
        &self,
        company: CompanyId,
        filter: &AppointmentFilter,
        limit: u32,
    ) -> Result<AppointmentPage, StoreError> {
        Application::appointments(self, company, filter, None, limit).await
    }

    async fn companies(&self) -> Result<Vec<Company>, StoreError> {
        Application::companies(self).await
    }

    async fn note_call(
        &self,
        company: CompanyId,
        rules: &CallRules,
        told: Call,
    ) -> Result<(), StoreError> {
        Application::note_call(self, company, rules, told).await
    }

    async fn greet(&self, company: CompanyId, phone: &Phone) -> Result<Greeting, StoreError> {
        Application::greet(self, company, phone).await
    }

    async fn expect_questions(&self, company: CompanyId) {
        Application::expect_questions(self, company).await;
    }
}
