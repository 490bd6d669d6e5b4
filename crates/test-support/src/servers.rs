//! Where the private servers are: `tests/run` says it in the environment. A test started without
//! that script has the script start the server for its own process, which ends with the process.

use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, anyhow};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/run");

/// A private server: its address and the program that goes with it.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    /// `psql` for Postgres, `redis-server` for Redis.
    pub(crate) program: String,
}

/// The private Postgres server, for its superuser.
pub(crate) async fn postgres() -> anyhow::Result<Server> {
    static STARTED: OnceLock<Result<Started, String>> = OnceLock::new();
    let variables = ["BOOKING_TEST_POSTGRES_URL", "BOOKING_TEST_PSQL"];
    server("postgres", variables, "psql", &STARTED).await
}

/// The Redis server all tests share.
pub(crate) async fn redis() -> anyhow::Result<Server> {
    static STARTED: OnceLock<Result<Started, String>> = OnceLock::new();
    let variables = ["BOOKING_TEST_REDIS_URL", "BOOKING_TEST_REDIS_SERVER"];
    server("redis", variables, "redis-server", &STARTED).await
}

async fn server(
    name: &'static str,
    [url, program]: [&'static str; 2],
    usual_program: &str,
    started: &'static OnceLock<Result<Started, String>>,
) -> anyhow::Result<Server> {
    let settings = match env::var(url) {
        Ok(value) => HashMap::from([(url.to_owned(), value)]),
        Err(_) => tokio::task::spawn_blocking(move || started_once(name, started)).await??,
    };
    let address = settings
        .get(url)
        .with_context(|| format!("{SCRIPT} did not print {url}"))?;
    let from_settings = settings.get(program).cloned();
    let program = from_settings.or_else(|| env::var(program).ok());
    Ok(Server {
        url: address.clone(),
        program: program.unwrap_or_else(|| usual_program.to_owned()),
    })
}

fn started_once(
    name: &str,
    cell: &OnceLock<Result<Started, String>>,
) -> anyhow::Result<HashMap<String, String>> {
    cell.get_or_init(|| Started::by_script(name).map_err(|error| format!("{error:#}")))
        .as_ref()
        .map(|started| started.settings.clone())
        .map_err(|reason| anyhow!("no private {name} server for this test: {reason}"))
}

struct Started {
    settings: HashMap<String, String>,
    /// Holds the script's standard input open. However this process ends, that closes, and the
    /// script stops the server.
    _script: Child,
}

impl Started {
    fn by_script(server: &str) -> anyhow::Result<Self> {
        let mut errors = tempfile::tempfile().context("a file for messages")?;
        let mut script = Command::new("bash")
            .args([SCRIPT, "--servers", server])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors.try_clone()?)
            // A signal to the test runner's group must not reach it before it has cleaned up.
            .process_group(0)
            .spawn()
            .with_context(|| format!("bash {SCRIPT} starts"))?;
        let output = script
            .stdout
            .take()
            .context("the script's output is a pipe")?;
        match read_settings(BufReader::new(output))? {
            Some(settings) => Ok(Self {
                settings,
                _script: script,
            }),
            None => Err(anyhow!(text_of(&mut errors)?)),
        }
    }
}

/// Reads `export NAME=value` lines up to `ready`; nothing if the output ends before that.
fn read_settings(output: impl BufRead) -> anyhow::Result<Option<HashMap<String, String>>> {
    let mut settings = HashMap::new();
    for line in output.lines() {
        let line = line?;
        if line == "ready" {
            return Ok(Some(settings));
        }
        if let Some((name, value)) = line.strip_prefix("export ").and_then(|l| l.split_once('=')) {
            settings.insert(name.to_owned(), value.to_owned());
        }
    }
    Ok(None)
}

fn text_of(file: &mut File) -> anyhow::Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_complete_only_with_the_last_line() {
        let whole = "export A=postgres://u@h/d?x=1\nnoise\nready\n";
        let settings = read_settings(whole.as_bytes()).unwrap().unwrap();
        assert_eq!(settings["A"], "postgres://u@h/d?x=1");
        assert!(read_settings("export A=1\n".as_bytes()).unwrap().is_none());
    }

    #[test]
    fn a_failing_script_is_quoted() {
        let error = Started::by_script("oracle").err().unwrap();
        assert!(
            error.to_string().contains("no such server: oracle"),
            "{error}"
        );
    }
}
