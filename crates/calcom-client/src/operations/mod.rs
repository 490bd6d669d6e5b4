//! The six things that Cal.com is asked.

mod bookings;
mod create;
mod find;
mod slots;
