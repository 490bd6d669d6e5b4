//! What a client has asked for and what it was told, on disk before it goes on: nothing that was
//! acknowledged is forgotten, whatever dies.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use serde_json::{Value, json};

/// A time in seconds since 1970.
pub type Times = Range<i64>;

/// What a client wants of one booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Book(Times),
    Move(Times),
    Cancel,
}

/// What the gateway promised, or that it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is done, or will be; the id of the appointment.
    Done(String),
    /// It will be tried, and may be refused then; the id of the appointment.
    Queued(String),
    /// It is not, and will not be.
    Refused,
}

/// How a booking may stand when everything has come to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    At(Times),
    Gone,
}

/// All that is known of one booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The appointment's id, once it was heard.
    pub id: Option<String>,
    /// More than one only after a request that was queued or never answered.
    pub endings: Vec<Ending>,
}

/// An append-only file, one line of JSON for each entry.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Begins an empty one.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
        })
    }

    /// Before the request leaves. The name is the booking's, the same for all that is asked of it.
    ///
    /// # Errors
    /// When it is not on disk.
    pub fn asked(&self, name: &str, ask: &Ask) -> anyhow::Result<()> {
        let (what, times) = match ask {
            Ask::Book(times) => ("book", Some(times)),
            Ask::Move(times) => ("move", Some(times)),
            Ask::Cancel => ("cancel", None),
        };
        let times = times.map(|times| [times.start, times.end]);
        self.write(&json!({"name": name, "ask": what, "times": times}))
    }

    /// After the answer has come.
    ///
    /// # Errors
    /// When it is not on disk.
    pub fn heard(&self, name: &str, heard: &Heard) -> anyhow::Result<()> {
        let (what, id) = match heard {
            Heard::Done(id) => ("done", Some(id)),
            Heard::Queued(id) => ("queued", Some(id)),
            Heard::Refused => ("refused", None),
        };
        self.write(&json!({"name": name, "heard": what, "id": id}))
    }

    fn write(&self, entry: &Value) -> anyhow::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{entry}\n").as_bytes())?;
        Ok(file.sync_data()?)
    }

    /// Reads the file: what each booking must have come to, by name.
    ///
    /// # Errors
    /// When the file is not what this type writes.
    pub fn wishes(&self) -> anyhow::Result<BTreeMap<String, Wish>> {
        let mut wishes = BTreeMap::new();
        for line in std::fs::read_to_string(&self.path)?.lines() {
            let entry: Value = serde_json::from_str(line)?;
            let name = entry["name"].as_str().context("a name")?;
            let wish = wishes.entry(name.to_owned()).or_insert_with(|| Wish {
                id: None,
                endings: vec![Ending::Gone],
            });
            take_in(wish, &entry).with_context(|| line.to_owned())?;
        }
        Ok(wishes)
    }
}

/// Asked: it may end so too, and so it stays when it is queued. Done: it ends so. Refused: it ends as
/// before.
fn take_in(wish: &mut Wish, entry: &Value) -> anyhow::Result<()> {
    match (entry["ask"].as_str(), entry["heard"].as_str()) {
        (Some("cancel"), _) => wish.endings.push(Ending::Gone),
        (Some(_), _) => {
            let time = |at: usize| entry["times"][at].as_i64().context("a time");
            wish.endings.push(Ending::At(time(0)?..time(1)?));
        }
        (_, Some("done")) => {
            wish.endings = vec![wish.endings.pop().context("nothing was asked")?];
            wish.id = entry["id"].as_str().map(str::to_owned);
        }
        (_, Some("queued")) => wish.id = entry["id"].as_str().map(str::to_owned),
        (_, Some("refused")) => drop(wish.endings.pop()),
        _ => bail!("neither asked nor heard"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when a request without an answer counts as done, or a refusal as done.
    #[test]
    fn the_last_answer_counts_and_no_answer_leaves_both() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::create(&folder.path().join("journal")).unwrap();
        let done = Heard::Done("id".to_owned());
        let entries = [
            ("a", Ask::Book(1..2), Some(done.clone())),
            ("a", Ask::Move(3..4), Some(Heard::Refused)),
            ("b", Ask::Book(5..6), Some(Heard::Refused)),
            ("c", Ask::Book(7..8), Some(done.clone())),
            ("c", Ask::Cancel, Some(done.clone())),
            ("d", Ask::Book(7..8), Some(done)),
            ("d", Ask::Move(9..10), None),
            ("e", Ask::Book(1..2), Some(Heard::Done("e".to_owned()))),
            ("e", Ask::Move(3..4), Some(Heard::Queued("e".to_owned()))),
        ];
        for (name, ask, heard) in entries {
            journal.asked(name, &ask).unwrap();
            if let Some(heard) = heard {
                journal.heard(name, &heard).unwrap();
            }
        }
        let wishes = journal.wishes().unwrap();
        let endings = |name: &str| wishes[name].endings.clone();
        assert_eq!(endings("a"), [Ending::At(1..2)]);
        assert_eq!(endings("b"), [Ending::Gone]);
        assert_eq!(wishes["b"].id, None);
        assert_eq!(endings("c"), [Ending::Gone]);
        assert_eq!(endings("d"), [Ending::At(7..8), Ending::At(9..10)]);
        assert_eq!(endings("e"), [Ending::At(1..2), Ending::At(3..4)]);
        assert_eq!(wishes["d"].id.as_deref(), Some("id"));
    }
}
