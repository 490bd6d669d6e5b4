//! The command line: what can be typed, with help and examples.

mod voice;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use voice::{CallArgs, CallLanguage, SimulateCommand, VoiceCommand, VoicePlatform};

const EXAMPLES: &str = "\
Examples:
  booking-gateway demo                      see it work, no server needed
  booking-gateway check-config              what is missing before `serve`
  booking-gateway migrate && booking-gateway serve
  booking-gateway cache keys --company 15 --branch 9 --event-type 2563193 \\
      --start 2025-10-13T08:00:00+02:00 --end 2025-10-13T09:00:00+02:00

Configuration comes from BOOKING__… variables over the file given with --config.
Exit codes: 0 done, 1 failed (the reason is on standard error), 2 wrong usage.";

/// Appointment booking between voice agents, staff and API users on one side and Cal.com on the
/// other.
#[derive(Parser)]
#[command(name = "booking-gateway", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Cli {
    /// Read configuration from this TOML file; the environment goes over it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Everything embedded: replay the incident that started it all, then stay up.
    Demo(DemoArgs),
    /// Answer requests and do the work behind them, as configured.
    Serve {
        /// What this process does.
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Bring the database to the current schema. Safe to run twice, or on several machines at once.
    Migrate,
    /// Read the configuration, try each component, say what is wrong and how to mend it.
    CheckConfig,
    /// Companies and what can be booked there.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Keys for the API.
    #[command(subcommand)]
    ApiKey(ApiKeyCommand),
    /// The availability caches.
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Domain events and who hears of them.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Work that waits, runs, or was given up.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Questions that wait for a person.
    #[command(subcommand)]
    Reviews(ReviewsCommand),
    /// A faithful Cal.com with fault controls, for trying things out.
    SimulateCalcom {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: SocketAddr,
        /// Names and ids are drawn from this: the same seed gives the same world.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Try the gateway without what stands in front of it.
    #[command(subcommand)]
    Simulate(SimulateCommand),
    /// Voice agents that call this gateway.
    #[command(subcommand)]
    Voice(VoiceCommand),
    /// Print the API description (OpenAPI 3.1) and exit.
    Openapi,
    /// Print completions for a shell and exit.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page and exit.
    Man,
}

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Where the gateway listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Keep the data here; without it they go when the demo ends.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// What to play.
    #[arg(long, value_enum, default_value_t = Scenario::Call852)]
    pub(crate) scenario: Scenario,
    /// End when the scenario has ended.
    #[arg(long)]
    pub(crate) exit_after_scenario: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// The call that was told "08:00 is free" when it was not.
    #[value(name = "call-852")]
    Call852,
    /// Nothing: just stay up.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Role {
    /// Both of the others.
    All,
    /// Requests only.
    Web,
    /// The work behind them only.
    Worker,
}

#[derive(Subcommand)]
pub(crate) enum TenantCommand {
    /// Create the companies of a set-up file, or bring them up to date.
    Import {
        /// The file (JSON).
        file: PathBuf,
    },
    /// Create an empty company.
    Create {
        /// Its id, unique in the installation.
        #[arg(long)]
        id: i64,
        /// What people call it.
        #[arg(long)]
        name: String,
        /// Its time zone.
        #[arg(long, default_value = "Europe/Berlin")]
        time_zone: String,
    },
    /// List the companies.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum ApiKeyCommand {
    /// Make a key. It is shown once.
    Create {
        /// For which company.
        #[arg(long)]
        company: i64,
        /// What it may do: read, book, admin (each includes the ones before).
        #[arg(long, value_delimiter = ',', default_value = "read,book")]
        scopes: Vec<String>,
        /// Refuse it after so many days.
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<u32>,
    },
    /// Take a key back. Every instance refuses it within seconds.
    Revoke {
        /// Whose.
        #[arg(long)]
        company: i64,
        /// Its first characters, as `list` shows them.
        prefix: String,
    },
    /// List a company's keys, without the secrets.
    List {
        /// Whose.
        #[arg(long)]
        company: i64,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum CacheCommand {
    /// Print the names of a window in both layers, rounded outward to UTC days and hours.
    Keys(CacheKeysArgs),
    /// Explain a name of either layer: what it means, what lies there, and whether it is believed.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(CacheInspectArgs),
    /// Forget what is free of an event type, in every process.
    #[command(after_help = CLEAR_EXAMPLES)]
    Clear {
        /// Cal.com's event type id.
        #[arg(long)]
        event_type: i64,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Fetch the next days of every service into the shared cache, within Cal.com's limit.
    #[command(after_help = WARM_EXAMPLES)]
    Warm {
        /// So many days, today included.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=62))]
        days: u32,
        /// Of this company only.
        #[arg(long)]
        company: Option<i64>,
    },
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  booking-gateway cache inspect calcom:slots:2563193:2025-10-13:2025-10-13
  booking-gateway cache inspect --json cal_slots_15_9_2563193_2025-10-13-06_2025-10-13-07";

const CLEAR_EXAMPLES: &str = "\
Examples:
  booking-gateway cache clear --event-type 2563193

Copies in the processes and entries of event types with a common host are outdated too.";

const WARM_EXAMPLES: &str = "\
Examples:
  booking-gateway cache warm                           30 days of every company
  booking-gateway cache warm --days 7 --company 15

Exit code 1 if a window could not be fetched.";

#[derive(Args)]
pub(crate) struct CacheInspectArgs {
    /// The name, with or without the prefix of the installation.
    pub(crate) key: String,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct CacheKeysArgs {
    /// The company's id.
    #[arg(long)]
    pub(crate) company: i64,
    /// The branch's id; 0 or absent: no branch.
    #[arg(long, default_value_t = 0)]
    pub(crate) branch: i64,
    /// Cal.com's event type id.
    #[arg(long)]
    pub(crate) event_type: i64,
    /// Begin, with offset.
    #[arg(long, value_name = "TIME")]
    pub(crate) start: booking_domain::time::Instant,
    /// End, with offset; not part of the window.
    #[arg(long, value_name = "TIME")]
    pub(crate) end: booking_domain::time::Instant,
    /// List every name that an appointment at that time touches.
    #[arg(long)]
    pub(crate) overlapping: bool,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum EventsCommand {
    /// Which listener hears of which event, and whether it is switched on.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum JobsCommand {
    /// What waits, runs, or was given up.
    List(JobsListArgs),
    /// Run a job now; one that was given up has all its tries before it again.
    Retry {
        /// Its id, as `list` shows it.
        id: String,
    },
    /// Throw a job away: what it would have done is not done.
    Discard {
        /// Its id, as `list` shows it.
        id: String,
    },
}

#[derive(Args)]
pub(crate) struct JobsListArgs {
    /// Of this queue only: calcom_sync, notifications, listeners, maintenance.
    #[arg(long)]
    pub(crate) queue: Option<String>,
    /// In this state only: waiting, running, dead.
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Of this company only.
    #[arg(long)]
    pub(crate) company: Option<i64>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum ReviewsCommand {
    /// The open questions of a company, oldest first.
    List {
        /// Whose.
        #[arg(long)]
        company: i64,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Answer a question. Counts once.
    Resolve {
        /// The id that `reviews list` shows.
        id: String,
        /// Whose.
        #[arg(long)]
        company: i64,
        /// What is to be done.
        #[arg(long, value_enum)]
        action: ReviewAnswer,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ReviewAnswer {
    /// Our side counts: Cal.com is made to follow.
    #[value(name = "keep_local")]
    KeepLocal,
    /// Cal.com's side counts: we follow.
    #[value(name = "keep_calcom")]
    KeepCalcom,
    /// Go on with what was given up.
    Retry,
    /// Nothing is to be done.
    Dismiss,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
