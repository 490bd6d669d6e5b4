//! What can be typed about voice agents.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum SimulateCommand {
    /// A telephone call from a script against a running gateway: what the caller hears, which
    /// functions the agent called, and how long each turn took.
    #[command(after_help = CALL_EXAMPLES)]
    Call(CallArgs),
}

const CALL_EXAMPLES: &str = "\
Examples, with `booking-gateway demo` running:
  booking-gateway simulate call --lang de \\
      \"Ich hätte gern eine Beratung / übermorgen um zehn / ja / Jörg Müßig\"
  booking-gateway simulate call --lang en --file docs/examples/calls/en-book.txt
  echo \"Wann ist mein Termin?\" | booking-gateway simulate call --lang de --file -

A script is what the caller says: a line, or a part between ` / `, for each time they speak. Empty
lines and lines that begin with # are left out. The agent is no language model: it goes by words such
as `Termin`, `absagen`, `verschieben`, `die zweite`, `auf den Namen …`.

Exit codes: 0 the last wish came to an outcome (booked, pending, rescheduled, cancelled, found), 1 it
did not, or the gateway cannot be reached, 2 wrong usage.";

#[derive(Args)]
pub(crate) struct CallArgs {
    /// What the caller speaks.
    #[arg(long, value_enum)]
    pub(crate) lang: CallLanguage,
    /// Where the gateway is.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: String,
    /// A key of scope `book`; by default that of company 15 of the demo.
    #[arg(long, value_name = "KEY", default_value = crate::demo::KEY)]
    pub(crate) api_key: String,
    /// The number that the line shows; `anonymous` for none.
    #[arg(long, default_value = "+491701234567", allow_hyphen_values = true)]
    pub(crate) from: String,
    /// What appointments are for where the caller does not say.
    #[arg(long)]
    pub(crate) service: Option<String>,
    /// Read the script from this file; `-` is standard input.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "script",
        required_unless_present = "script"
    )]
    pub(crate) file: Option<PathBuf>,
    /// As JSON, with every answer.
    #[arg(long)]
    pub(crate) json: bool,
    /// What the caller says.
    #[arg(value_name = "TEXT")]
    pub(crate) script: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallLanguage {
    /// German.
    De,
    /// English.
    En,
}

#[derive(Subcommand)]
pub(crate) enum VoiceCommand {
    /// Print the functions as a platform wants them described, ready to be pasted.
    Schema {
        /// For whom.
        #[arg(long, value_enum)]
        platform: VoicePlatform,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VoicePlatform {
    /// Custom functions of a Retell agent.
    Retell,
    /// Function tools of a Vapi assistant.
    Vapi,
    /// Tools of the Model Context Protocol.
    Mcp,
    /// Function tools of OpenAI's APIs and of what imitates them.
    Openai,
}
