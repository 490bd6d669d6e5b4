//! Running statements and reading their columns into the domain's types.

use std::fmt::Display;

use booking_domain::ids::CompanyId;
use booking_domain::ports::StoreError;
use booking_domain::time::{Instant, TimeRange};
use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, Params, Row};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::{corrupt, failed};

/// How many prepared statements a connection keeps: more than there are.
pub(crate) const KEPT_STATEMENTS: usize = 128;

/// Runs a statement and says how many rows it changed.
pub(crate) fn run(
    connection: &Connection,
    action: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<usize, StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params))
        .map_err(failed(action))
}

/// Every row of a query, in its order.
pub(crate) fn all<T>(
    connection: &Connection,
    action: &'static str,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed(action))?;
    let mut rows = statement.query(params).map_err(failed(action))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed(action))? {
        found.push(read(&Columns { row, action })?);
    }
    Ok(found)
}

/// The first row of a query.
pub(crate) fn first<T>(
    connection: &Connection,
    action: &'static str,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed(action))?;
    let mut rows = statement.query(params).map_err(failed(action))?;
    let row = rows.next().map_err(failed(action))?;
    row.map(|row| read(&Columns { row, action })).transpose()
}

/// The columns of a row, by name.
pub(crate) struct Columns<'row> {
    row: &'row Row<'row>,
    action: &'static str,
}

impl Columns<'_> {
    /// A column as SQLite has it.
    pub(crate) fn get<T: FromSql>(&self, name: &str) -> Result<T, StoreError> {
        self.row.get(name).map_err(failed(self.action))
    }

    /// A number that stands for an id.
    pub(crate) fn id<T>(&self, name: &str, wrap: fn(i64) -> T) -> Result<T, StoreError> {
        self.get(name).map(wrap)
    }

    /// A number that stands for an id, if there is one.
    pub(crate) fn id_if_any<T>(
        &self,
        name: &str,
        wrap: fn(i64) -> T,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.get::<Option<i64>>(name)?.map(wrap))
    }

    pub(crate) fn company(&self) -> Result<CompanyId, StoreError> {
        self.id("company_id", CompanyId::new)
    }

    pub(crate) fn uuid(&self, name: &str) -> Result<Uuid, StoreError> {
        self.get(name).map(Uuid::from_bytes)
    }

    pub(crate) fn instant(&self, name: &str) -> Result<Instant, StoreError> {
        Instant::from_unix_micros(self.get(name)?).map_err(|error| self.corrupt(name, error))
    }

    pub(crate) fn instant_if_any(&self, name: &str) -> Result<Option<Instant>, StoreError> {
        self.get::<Option<i64>>(name)?
            .map(|micros| {
                Instant::from_unix_micros(micros).map_err(|error| self.corrupt(name, error))
            })
            .transpose()
    }

    pub(crate) fn range(&self, start: &str, end: &str) -> Result<TimeRange, StoreError> {
        TimeRange::new(self.instant(start)?, self.instant(end)?)
            .map_err(|error| self.corrupt(start, error))
    }

    /// A text that `parse` understands.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        // Not the text itself: it may be personal.
        parse(&text).ok_or_else(|| self.corrupt(name, Unknown(text.len())))
    }

    /// A text that `parse` understands, if there is one.
    pub(crate) fn parsed_if_any<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.get::<Option<String>>(name)? {
            None => Ok(None),
            Some(_) => self.parsed(name, parse).map(Some),
        }
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        let text: String = self.get(name)?;
        serde_json::from_str(&text).map_err(|error| self.corrupt(name, error))
    }

    pub(crate) fn json_if_any<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        match self.get::<Option<String>>(name)? {
            None => Ok(None),
            Some(_) => self.json(name).map(Some),
        }
    }

    fn corrupt(
        &self,
        name: &str,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> StoreError {
        corrupt(format!("{} (column {name})", self.action), source)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a text of {0} bytes that means nothing here")]
struct Unknown(usize);

/// The JSON text of a value.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| corrupt("a value to be stored", error))
}

/// An optional moment, as stored.
pub(crate) fn micros(at: Option<Instant>) -> Option<i64> {
    at.map(Instant::unix_micros)
}

/// Something that is displayed, as a stored text.
pub(crate) fn text(value: impl Display) -> Value {
    Value::Text(value.to_string())
}
