//! The HTTP API in process: a real application on a store in memory and a calendar that does what
//! it is told. Nothing here opens a port but the tests of the accept loop.

mod availability;
mod bookings;
mod cache_operations;
mod caching;
mod calls;
mod campaigns;
mod circuit_breakers;
mod every_route;
mod health;
mod jobs;
mod middleware;
mod observed;
mod openapi;
mod reviews;
mod server;
mod support;
mod traces;
mod webhooks;
