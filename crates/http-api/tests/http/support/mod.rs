//! The gateway under test, and a client for it.

mod calendar;
mod gateway;
mod reply;

pub(crate) use calendar::Mode;
pub(crate) use gateway::{ADMIN_KEY, Broken, Gateway, LINK_KEY, READ_KEY, SECRET, bearing, sign};
pub(crate) use reply::Reply;
