//! `booking-gateway`: the composition root and the command line.
//!
//! [`cli`] says what can be typed, [`commands`] does it, [`wiring`] puts ports and adapters
//! together, [`config`] reads what the operator chose, [`demo`] tells the story of call #852.

mod cli;
mod commands;
mod config;
mod demo;
mod system;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // One crypto provider for everything that speaks TLS.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        return fail(&anyhow::anyhow!(
            "a crypto provider was installed before main"
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(run(cli));
            // What still runs has been told to stop; it does not hold up the exit.
            runtime.shutdown_timeout(std::time::Duration::from_secs(1));
            result
        }
        Err(error) => Err(anyhow::Error::new(error).context("the runtime could not be started")),
    };
    booking_telemetry::flush();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the last words of a command that failed"
)]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!(
        "booking-gateway: {}",
        booking_telemetry::error_chain(error.as_ref())
    );
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let file = cli.config.as_deref();
    match cli.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve { role } => commands::serve::run(file, role).await,
        Command::Migrate => commands::migrate::run(file).await,
        Command::CheckConfig => commands::check_config::run(file).await,
        Command::Tenant(command) => commands::tenant::run(file, command).await,
        Command::ApiKey(command) => commands::api_key::run(file, command).await,
        Command::Cache(command) => commands::cache(file, command).await,
        Command::Events(cli::EventsCommand::List { json }) => commands::events::run(file, json),
        Command::Jobs(command) => commands::jobs::run(file, command).await,
        Command::Reviews(command) => commands::reviews::run(file, command).await,
        Command::SimulateCalcom { listen, seed } => {
            commands::simulate_calcom::run(listen, seed).await
        }
        Command::Simulate(cli::SimulateCommand::Call(args)) => {
            commands::simulate_call::run(args).await
        }
        Command::Voice(cli::VoiceCommand::Schema { platform }) => {
            commands::print::voice_schema(platform);
            Ok(())
        }
        Command::Openapi => commands::print::openapi(),
        Command::Completions { shell } => commands::print::completions(shell),
        Command::Man => commands::print::man(),
    }
}
