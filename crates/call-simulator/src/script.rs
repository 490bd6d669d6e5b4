//! The caller's lines.

/// What the caller says, one line after the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Script(Vec<String>);

/// There is nothing to say.
#[derive(Debug, thiserror::Error)]
#[error("the script is empty: write what the caller says, a line for each time they speak")]
pub struct ScriptError;

impl Script {
    /// A line for each time the caller speaks; ` / ` between them does as well. Empty lines and those
    /// that begin with `#` are left out.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let spoken = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let lines = text
            .lines()
            .filter(|line| spoken(&line.trim()))
            .flat_map(|line| line.split(" / "))
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.map(str::to_owned).collect();
        if lines.is_empty() {
            return Err(ScriptError);
        }
        Ok(Self(lines))
    }

    /// The lines, in order.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_what_is_said_and_comments_are_not() {
        let script = Script::parse("# Jörg calls\n\n  Guten Tag. \nja / Jörg Müßig\n").unwrap();
        let lines: Vec<_> = script.lines().collect();
        assert_eq!(lines, ["Guten Tag.", "ja", "Jörg Müßig"]);
        assert!(Script::parse(" \n# nothing\n").is_err());
    }
}
