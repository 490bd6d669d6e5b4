//! Commands that print something and exit.

use booking_voice::Platform;
use clap::CommandFactory;

use super::output;
use crate::cli::{Cli, VoicePlatform};

/// The API description.
pub(crate) fn openapi() -> anyhow::Result<()> {
    output::json(&serde_json::to_value(booking_http_api::openapi())?);
    Ok(())
}

/// The functions of a voice agent.
pub(crate) fn voice_schema(platform: VoicePlatform) {
    let platform = match platform {
        VoicePlatform::Retell => Platform::Retell,
        VoicePlatform::Vapi => Platform::Vapi,
        VoicePlatform::Mcp => Platform::Mcp,
        VoicePlatform::Openai => Platform::Openai,
    };
    output::json(&booking_voice::schema(platform));
}

/// Completions for a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "booking-gateway", &mut text);
    output::line(String::from_utf8(text)?.trim_end());
    Ok(())
}

/// The manual page.
pub(crate) fn man() -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut text)?;
    output::line(String::from_utf8(text)?.trim_end());
    Ok(())
}
