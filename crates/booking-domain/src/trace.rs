//! Which trace a piece of work belongs to: the W3C trace context, as far as it is carried along.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A `traceparent` of the W3C trace context: the trace, the span within it that caused what bears
/// it, and whether the trace is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceParent {
    trace: u128,
    span: u64,
    flags: u8,
}

/// The bit that says that the trace is recorded.
const SAMPLED: u8 = 1;

/// A text that is no `traceparent`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no trace parent as in `00-<32 hexadecimal digits>-<16>-01`")]
pub struct NoTraceParent;

impl TraceParent {
    /// The beginning of a trace of its own.
    pub fn begun(id: Uuid) -> Self {
        Self {
            trace: id.as_u128(),
            span: span(id),
            flags: SAMPLED,
        }
    }

    /// What this one causes: the same trace, a span of its own.
    pub fn child(self, id: Uuid) -> Self {
        Self {
            span: span(id),
            ..self
        }
    }

    /// The trace, in 32 hexadecimal digits.
    pub fn trace_id(self) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "{:032x}", self.trace))
    }
}

/// The random half of an id; its variant bits keep it from being 0.
fn span(id: Uuid) -> u64 {
    id.as_u64_pair().1
}

impl FromStr for TraceParent {
    type Err = NoTraceParent;

    /// Later versions may have more behind; whatever is not wholly understood is refused.
    fn from_str(text: &str) -> Result<Self, NoTraceParent> {
        let mut parts = text.split('-');
        let mut next = |digits| parts.next().and_then(|part| hex(part, digits));
        let read = (next(2), next(32), next(16), next(2));
        let (Some(version), Some(trace), Some(span), Some(flags)) = read else {
            return Err(NoTraceParent);
        };
        let is_first = version == 0;
        let is_allowed = version != 0xff && !(is_first && parts.next().is_some());
        if !is_allowed || trace == 0 || span == 0 {
            return Err(NoTraceParent);
        }
        Ok(Self {
            trace,
            // Both fit: that many digits were read.
            span: span as u64,
            flags: flags as u8 & SAMPLED,
        })
    }
}

/// So many lower case hexadecimal digits, no more and no fewer.
fn hex(part: &str, digits: usize) -> Option<u128> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_hex = part.len() == digits && part.bytes().all(is_plain);
    is_hex.then(|| u128::from_str_radix(part, 16).ok())?
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, span, flags } = self;
        write!(f, "00-{trace:032x}-{span:016x}-{flags:02x}")
    }
}

impl From<TraceParent> for String {
    fn from(parent: TraceParent) -> Self {
        parent.to_string()
    }
}

impl TryFrom<String> for TraceParent {
    type Error = NoTraceParent;

    fn try_from(text: String) -> Result<Self, NoTraceParent> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// Red when a child is of another trace, or has its parent's span.
    #[test]
    fn a_child_is_of_the_same_trace() {
        let parent: TraceParent = GIVEN.parse().expect("a parent");
        assert_eq!(parent.to_string(), GIVEN);
        let id = Uuid::from_u128(0x0199_cd00_0000_7000_8000_0000_0000_0001);
        let child = parent.child(id);
        assert_eq!(
            child.to_string(),
            "00-0af7651916cd43dd8448eb211c80319c-8000000000000001-01"
        );
        let own = TraceParent::begun(id);
        assert_eq!(own.to_string().parse(), Ok(own));
        assert_ne!(own.trace_id().to_string(), child.trace_id().to_string());
    }

    /// Red when what the standard calls invalid is taken over, or a later version is refused.
    #[test]
    fn only_sound_ones_are_taken_over() {
        let of = |text: &str| text.parse::<TraceParent>().is_ok();
        assert!(of(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        ));
        assert!(of(
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what"
        ));
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert!(!of(bad), "{bad}");
        }
    }
}
