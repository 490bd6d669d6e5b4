//! The end-to-end tests and the rules of the workspace: one test binary, one link step.

mod bad_input;
mod breaker;
mod cache_commands;
mod cache_operations;
mod check_config;
mod cli;
mod clients;
mod contention;
mod crowd;
mod days;
mod demo;
mod dependency_rules;
mod documentation;
mod edge;
mod entry_points;
mod installation;
mod kills;
mod metrics;
mod outage;
mod outage_under_load;
mod run;
mod setting_up;
mod sizes;
mod staleness;
mod stampede;
mod start_up;
