//! The causes of errors in JSON lines: the library writes only what an error itself says, and what
//! it came from stands in its sources.

use std::error::Error;
use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::error_chain::error_chain;

/// Writes JSON lines, and into those with an error what caused it, as `causes`.
pub(crate) struct WithCauses<F>(pub(crate) F);

impl<S, N, F> FormatEvent<S, N> for WithCauses<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut found = Causes(None);
        event.record(&mut found);
        let Some(causes) = found.0 else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        let Some(open) = line.trim_end().strip_suffix('}') else {
            return writer.write_str(&line);
        };
        let causes = serde_json::Value::from(causes);
        writeln!(writer, "{open},\"causes\":{causes}}}")
    }
}

struct Causes(Option<String>);

impl Visit for Causes {
    fn record_error(&mut self, _: &Field, error: &(dyn Error + 'static)) {
        self.0 = error.source().map(error_chain);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
