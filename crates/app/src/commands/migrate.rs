//! `migrate`: the database to the current schema.

use std::path::Path;

use super::{output, prepare};
use crate::wiring::{DatabaseUrl, connect_postgres, database_url, open_sqlite};

pub(crate) async fn run(file: Option<&Path>) -> anyhow::Result<()> {
    let config = prepare(file)?;
    match database_url(&config)? {
        DatabaseUrl::Postgres(url) => connect_postgres(&config, url).await?.migrate().await?,
        DatabaseUrl::Sqlite(path) => {
            open_sqlite(Path::new(path))?;
        }
    }
    output::line("The database is at the current schema.");
    Ok(())
}
