//! What is free, and what lies near a wish.

pub(crate) mod alternatives;
pub(crate) mod get;
mod kept;
mod labels;
mod question;
mod short_road;

pub(crate) use kept::KeptAnswers;
pub(crate) use short_road::ShortRoad;
