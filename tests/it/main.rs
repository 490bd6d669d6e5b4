//! The end-to-end tests and the rules of the workspace: one test binary, one link step.

mod contention;
mod days;
mod dependency_rules;
mod entry_points;
mod installation;
mod sizes;
