//! The end-to-end tests and the rules of the workspace: one test binary, one link step.

mod dependency_rules;
mod sizes;
