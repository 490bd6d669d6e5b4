//! The HTTP API in process: a real application on a store in memory and a calendar that does what
//! it is told. Nothing here opens a port but the tests of the accept loop.

mod availability;
mod bookings;
mod cache_operations;
mod caching;
mod every_route;
mod health;
mod middleware;
mod observed;
mod openapi;
mod server;
mod support;
mod webhooks;
