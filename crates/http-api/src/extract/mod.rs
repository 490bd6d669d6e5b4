//! What a handler takes out of a request; each refuses with a problem document.

mod auth;
mod body;
mod idempotency;
mod if_match;
mod json;
mod object;
mod path;
mod query;
mod times;

pub(crate) use auth::{Admin, Book, Caller, Read, bearer};
pub(crate) use body::{MAX_BYTES, RawBody};
pub(crate) use idempotency::idempotency;
pub(crate) use if_match::if_match;
pub(crate) use json::{JsonBody, OptionalJson};
pub(crate) use object::object;
pub(crate) use path::{
    AppointmentPath, CallPath, CampaignPath, CustomerPath, JobPath, ReviewPath, call_not_found,
    campaign_not_found, customer_not_found, not_found as appointment_not_found,
};
pub(crate) use query::{NoParams, Params};
pub(crate) use times::{Bound, instant};
