//! Log lines on standard error: for people on a terminal, JSON for machines elsewhere.

use std::env;
use std::io::{self, IsTerminal};
use std::str::FromStr;
use std::sync::OnceLock;

use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, fmt};

use crate::causes::WithCauses;
use crate::lines::Lines;

/// What the configuration says about logging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Which events are written, as in `info,booking_postgres=debug` (setting `BOOKING__LOG`).
    pub filter: String,
    /// How a line looks (setting `BOOKING__LOG_FORMAT`).
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Auto,
        }
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people; coloured on a terminal unless `NO_COLOR` is set.
    Pretty,
    /// `Pretty` on a terminal, `Json` elsewhere.
    #[default]
    Auto,
}

/// A value of `BOOKING__LOG_FORMAT` that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a log format (setting BOOKING__LOG_FORMAT): use json, pretty or auto")]
pub struct UnknownLogFormat(pub String);

impl FromStr for LogFormat {
    type Err = UnknownLogFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            "auto" | "" => Ok(Self::Auto),
            _ => Err(UnknownLogFormat(text.to_owned())),
        }
    }
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(
        "the log filter {filter:?} cannot be read (setting BOOKING__LOG); \
         examples that work: info, or info,booking_postgres=debug"
    )]
    Filter { filter: String, source: ParseError },
    #[error("the thread that writes log lines could not be started")]
    Thread(#[source] io::Error),
    #[error("logging was set up before in this process")]
    AlreadySet(#[source] TryInitError),
}

/// Sends the process's log lines to standard error from now on. To be called once; [`flush`] is to
/// be called before the process ends.
///
/// # Errors
/// When the filter cannot be read, or something in this process set up logging before.
pub fn init(settings: LogSettings) -> Result<(), TelemetryError> {
    let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let style = Style::choose(settings.format, io::stderr().is_terminal(), no_color);
    let lines = Lines::new(io::stderr()).map_err(TelemetryError::Thread)?;
    subscriber(&settings.filter, style, lines.clone())?
        .try_init()
        .map_err(TelemetryError::AlreadySet)?;
    LINES.get_or_init(|| lines);
    Ok(())
}

static LINES: OnceLock<Lines> = OnceLock::new();

/// Writes the lines of the last milliseconds.
pub fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Json,
    Pretty { color: bool },
}

impl Style {
    fn choose(format: LogFormat, terminal: bool, no_color: bool) -> Self {
        match format {
            LogFormat::Json => Self::Json,
            LogFormat::Auto if !terminal => Self::Json,
            LogFormat::Auto | LogFormat::Pretty => Self::Pretty {
                color: terminal && !no_color,
            },
        }
    }
}

fn subscriber<W>(
    filter: &str,
    style: Style,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let env_filter = EnvFilter::try_new(filter).map_err(|source| TelemetryError::Filter {
        filter: filter.to_owned(),
        source,
    })?;
    let lines = fmt().with_env_filter(env_filter).with_writer(writer);
    Ok(match style {
        Style::Json => Box::new(
            lines
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .map_event_format(WithCauses)
                .finish(),
        ),
        Style::Pretty { color } => Box::new(lines.with_ansi(color).finish()),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What one event, inside a span, looks like in this style.
    fn line(filter: &str, style: Style) -> String {
        written(filter, style, || {
            let _span = tracing::info_span!("booking.appointment.book", saga.id = 7).entered();
            tracing::info!(attempt = 2, "slot held");
            tracing::debug!("not at this level");
        })
    }

    fn written(filter: &str, style: Style, said: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Buffer(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Buffer {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(filter, style, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, said);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_bad_filter_is_named_with_its_setting() {
        let error = subscriber("info,=nonsense=", Style::Json, io::sink)
            .err()
            .unwrap();
        let text = crate::error_chain(&error);
        assert!(
            text.contains("BOOKING__LOG") && text.contains("info,=nonsense="),
            "{text}"
        );
    }

    #[test]
    fn json_is_one_flat_object_a_line() {
        let text = line("info", Style::Json);
        let object: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(object["message"], "slot held");
        assert_eq!(object["attempt"], 2);
        assert_eq!(object["span"]["saga.id"], 7);
        assert_eq!(object["level"], "INFO");
        assert!(object["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    /// Red when a line says that something failed, and not why.
    #[test]
    fn the_causes_of_an_error_are_written_in_either_style() {
        #[derive(Debug, thiserror::Error)]
        #[error("nothing was forgotten")]
        struct Forgetting(#[source] io::Error);
        let said = || {
            let error = Forgetting(io::Error::other("the \"cache\" was\nlate"));
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, days = 3, "failed");
            let plain = io::Error::other("no cause");
            tracing::error!(error = &plain as &dyn std::error::Error, "failed");
        };
        let text = written("info", Style::Json, said);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0]["error"], "nothing was forgotten");
        assert_eq!(lines[0]["causes"], "the \"cache\" was\nlate");
        assert_eq!(lines[0]["days"], 3);
        assert_eq!(lines[1]["causes"], serde_json::Value::Null);
        let text = written("info", Style::Pretty { color: false }, said);
        assert!(text.contains("late"), "{text}");
    }

    #[test]
    fn pretty_is_coloured_only_when_told() {
        let plain = line("info", Style::Pretty { color: false });
        assert!(
            plain.contains("slot held") && !plain.contains('\u{1b}'),
            "{plain}"
        );
        assert!(line("info", Style::Pretty { color: true }).contains('\u{1b}'));
        assert_eq!(line("warn", Style::Json), "");
    }

    #[test]
    fn auto_looks_at_the_terminal_and_at_no_color() {
        let (color, plain) = (
            Style::Pretty { color: true },
            Style::Pretty { color: false },
        );
        let table = [
            (LogFormat::Auto, true, false, color),
            (LogFormat::Auto, true, true, plain),
            (LogFormat::Auto, false, false, Style::Json),
            (LogFormat::Pretty, false, false, plain),
            (LogFormat::Pretty, true, false, color),
            (LogFormat::Json, true, false, Style::Json),
        ];
        for (format, terminal, no_color, expected) in table {
            let chosen = Style::choose(format, terminal, no_color);
            assert_eq!(
                chosen, expected,
                "{format:?} terminal={terminal} NO_COLOR={no_color}"
            );
        }
    }

    #[test]
    fn formats_are_read_from_text() {
        assert_eq!("JSON".parse(), Ok(LogFormat::Json));
        assert_eq!("".parse(), Ok(LogFormat::Auto));
        let error = "xml".parse::<LogFormat>().unwrap_err();
        assert!(error.to_string().contains("BOOKING__LOG_FORMAT"));
    }

    #[test]
    fn a_second_set_up_is_refused() {
        init(LogSettings::default()).unwrap();
        let error = init(LogSettings::default()).unwrap_err();
        assert!(matches!(error, TelemetryError::AlreadySet(_)), "{error}");
    }
}
