//! What is free, and what lies near a wish.

pub(crate) mod alternatives;
pub(crate) mod get;
mod kept;
mod labels;
mod question;

pub(crate) use kept::KeptAnswers;
