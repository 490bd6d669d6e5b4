//! The use cases over a real store, a real cache and a calendar that behaves as it is told.
//!
//! Every test names, under "Red when", one change of the source that must turn it red.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what is missing ends the test"
)]

mod ambiguity;
mod availability;
mod blocks;
mod booking;
mod calendar;
mod calls;
mod campaigns;
mod cancelling;
mod companies;
mod detection;
mod fresh;
mod given_up;
mod hanging;
mod heard_by_another;
mod hosts;
mod idempotency;
mod inline_news;
mod instances;
mod interposed;
mod keeping;
mod listeners;
mod matrix;
mod merged;
mod messages;
mod moved_early;
mod moved_meanwhile;
mod moving;
mod moving_at_calcom;
mod news;
mod news_order;
mod news_orders;
mod news_traps;
mod off_grid;
mod office;
mod opening_hours;
mod outlived;
mod pools;
mod purge_edge;
mod reminders;
mod repairs;
mod repeated_changes;
mod reviews;
mod script;
mod strays;
mod traces;
mod upkeep;
mod world;
