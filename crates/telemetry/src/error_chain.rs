//! One line for an error and everything that caused it.

use std::error::Error;

/// Joins the error's text with those of its sources: `saving: connecting: refused`.
///
/// A source whose text the line ends with already, because its parent quotes it, is left out.
pub fn error_chain(error: &dyn Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !chain.ends_with(&text) {
            chain.push_str(": ");
            chain.push_str(&text);
        }
        source = cause.source();
    }
    chain
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<Box<dyn Error>>,
    }

    fn layer(text: &'static str, source: impl Into<Box<dyn Error>>) -> Layer {
        Layer {
            text,
            source: Some(source.into()),
        }
    }

    #[test]
    fn joins_every_source() {
        let error = layer("saving", layer("connecting", io::Error::other("refused")));
        assert_eq!(error_chain(&error), "saving: connecting: refused");
    }

    #[test]
    fn does_not_repeat_what_a_layer_quotes() {
        let error = layer(
            "saving",
            layer("connecting: refused", io::Error::other("refused")),
        );
        assert_eq!(error_chain(&error), "saving: connecting: refused");
    }

    #[test]
    fn an_error_without_source_is_its_own_text() {
        assert_eq!(error_chain(&io::Error::other("refused")), "refused");
    }
}
