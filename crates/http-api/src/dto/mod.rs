//! The JSON of requests and answers, as the contract names it.

mod appointment;
mod availability;
mod booking;
mod cache;
mod call;
mod campaign;
mod circuit_breaker;
mod consent;
mod customer;
mod health;
mod history;
mod job;
mod page;
mod problem;
mod review;
mod webhook;

pub(crate) use appointment::AppointmentSchema;
pub(crate) use availability::{AlternativesJson, AvailabilityJson, SlotJson};
pub(crate) use booking::{CancelBody, NewBooking, RescheduleBody};
pub(crate) use cache::{CacheHealthJson, InvalidateBody, RemovedJson, WarmBody, WishedJson};
pub(crate) use call::{CallJson, CallPageJson, read_call_cursor};
pub(crate) use campaign::{
    CampaignJson, CampaignPageJson, CampaignStartedJson, CampaignTrialJson, NewCampaign,
};
pub(crate) use circuit_breaker::CircuitBreakerJson;
pub(crate) use consent::{ConsentBody, ConsentJson};
pub(crate) use customer::{NewCustomer, read_phone};
pub(crate) use health::{ComponentJson, ComponentsJson, HealthJson, StatusJson};
pub(crate) use history::{HistoryJson, read_place};
pub(crate) use job::{JobSteeredJson, JobsJson};
pub(crate) use page::{PageJson, read_cursor};
pub(crate) use problem::{FieldError, ProblemDocument, ProblemKindJson};
pub(crate) use review::{ResolveBody, ReviewJson, ReviewPageJson};
pub(crate) use webhook::ReceivedJson;
