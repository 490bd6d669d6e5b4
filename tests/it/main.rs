//! The end-to-end tests and the rules of the workspace: one test binary, one link step.

mod bad_input;
mod cache_commands;
mod cache_operations;
mod check_config;
mod cli;
mod contention;
mod days;
mod demo;
mod dependency_rules;
mod documentation;
mod edge;
mod entry_points;
mod installation;
mod metrics;
mod outage;
mod run;
mod setting_up;
mod sizes;
mod staleness;
mod stampede;
mod start_up;
