//! The company and what can be booked there: branches, staff, services, opening hours.
//!
//! A [`CompanySetup`] is one consistent picture of all that, read once and shared; it knows which
//! event types share a host ([availability groups](CompanySetup::group_of)).

mod groups;
mod hours;
mod rules;
mod setup;
mod setup_file;

pub use groups::availability_groups;
pub use hours::{HoursError, OpeningHours};
pub use rules::{CallRules, Confirmations, MessageRules, OwnTexts, Transcripts};
pub use setup::{Branch, CalcomAccount, Company, CompanySetup, RetellSettings, Service, Staff};
pub use setup_file::{ApiKeyEntry, CompanyEntry, ServiceEntry, SetupFile, SetupProblem};
