//! Opening hours: weekday names and local windows such as `["08:00","18:00"]`.

use serde::{Deserialize, Serialize};

/// A day of the week, written `mon` … `sun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<chrono::Weekday> for Weekday {
    fn from(day: chrono::Weekday) -> Self {
        match day {
            chrono::Weekday::Mon => Self::Mon,
            chrono::Weekday::Tue => Self::Tue,
            chrono::Weekday::Wed => Self::Wed,
            chrono::Weekday::Thu => Self::Thu,
            chrono::Weekday::Fri => Self::Fri,
            chrono::Weekday::Sat => Self::Sat,
            chrono::Weekday::Sun => Self::Sun,
        }
    }
}

/// Part of a day, in minutes after local midnight; the end is at most `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(String, String)", into = "(String, String)")]
pub struct Window {
    from: u32,
    to: u32,
}

impl Window {
    /// A window between two wall-clock times such as `"08:00"` and `"18:00"`.
    ///
    /// # Errors
    /// When a time is not `HH:MM` up to `24:00`, or the window is empty.
    pub fn new(from: &str, to: &str) -> Result<Self, String> {
        let window = Self {
            from: minutes(from)?,
            to: minutes(to)?,
        };
        if window.from >= window.to {
            return Err(format!("opening hours {from}–{to} end before they begin"));
        }
        Ok(window)
    }

    /// First minute after local midnight.
    pub(crate) fn first_minute(self) -> u32 {
        self.from
    }

    /// First minute after the window; 1440 is the next midnight.
    pub(crate) fn end_minute(self) -> u32 {
        self.to
    }
}

impl TryFrom<(String, String)> for Window {
    type Error = String;

    fn try_from((from, to): (String, String)) -> Result<Self, String> {
        Self::new(&from, &to)
    }
}

impl From<Window> for (String, String) {
    fn from(window: Window) -> Self {
        let text = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        (text(window.from), text(window.to))
    }
}

fn minutes(text: &str) -> Result<u32, String> {
    let wrong = || format!("{text:?} is not a time of day; write HH:MM, at most 24:00");
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let (hour, minute) = match (hour.parse::<u32>(), minute.parse::<u32>()) {
        (Ok(hour), Ok(minute)) => (hour, minute),
        _ => return Err(wrong()),
    };
    if minute > 59 || hour > 24 || (hour == 24 && minute > 0) {
        return Err(wrong());
    }
    Ok(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_and_written() {
        let window: Window = serde_json::from_str(r#"["08:00","24:00"]"#).unwrap();
        assert_eq!((window.first_minute(), window.end_minute()), (480, 1440));
        assert_eq!(
            serde_json::to_string(&window).unwrap(),
            r#"["08:00","24:00"]"#
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for (from, to) in [
            ("8", "9:00"),
            ("08:60", "10:00"),
            ("23:00", "24:01"),
            ("10:00", "9:00"),
        ] {
            assert!(Window::new(from, to).is_err(), "{from} {to}");
        }
    }
}
