//! `simulate-calcom`: the Cal.com simulator alone.

use std::net::SocketAddr;

use booking_calcom_simulator::{SimulatorOptions, World, start};

use super::{output, shutdown};

pub(crate) async fn run(listen: SocketAddr, seed: u64) -> anyhow::Result<()> {
    booking_telemetry::init(booking_telemetry::LogSettings::default())?;
    let options = SimulatorOptions {
        listen,
        seed,
        world: World::demo(),
        log: true,
    };
    let simulator = start(options).await?;
    output::line(format!("Cal.com simulator on {}", simulator.base_url()));
    output::line(format!("  book as a customer   {}/", simulator.base_url()));
    output::line(format!(
        "  fault controls       {}/_sim/faults",
        simulator.base_url()
    ));
    shutdown::asked().await;
    simulator.stop().await;
    Ok(())
}
