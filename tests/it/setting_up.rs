//! Setting up from the command line: companies, keys, the schema.

use std::time::Duration;

use anyhow::Context;
use booking_test_support::postgres::TestDatabase;
use booking_test_support::wait::until;
use serde_json::{Value, json};

use crate::installation::{client, setup_file};
use crate::run::{Home, failure, gateway, json_of, output, says};

fn company_15() -> Value {
    setup_file("http://127.0.0.1:1", 2)
}

/// Turns red when the token itself is stored, when `list` prints it, or when log lines get among
/// what a script reads.
#[tokio::test]
async fn an_api_key_is_shown_once_and_stored_as_a_digest() -> anyhow::Result<()> {
    let home = Home::new()?;
    home.import(&company_15()).await?;
    let create = ["api-key", "create", "--company=15", "--scopes=read,book"];
    let printed = output(home.command(&create)).await?;
    let token = printed.strip_suffix('\n').context("a line")?;
    assert!(
        token.starts_with("bk_15_") && token.len() > 40 && !token.contains(char::is_whitespace),
        "only the key: {printed:?}"
    );
    let listed = output(home.command(&["api-key", "list", "--company=15"])).await?;
    assert!(!listed.contains(token), "{listed}");
    let mut files = Vec::new();
    for name in ["gateway.db", "gateway.db-wal"] {
        files.extend(std::fs::read(home.path(name)).unwrap_or_default());
    }
    let contains = |text: &str| files.windows(text.len()).any(|it| it == text.as_bytes());
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(token));
    assert!(contains(&digest), "the digest is stored");
    assert!(!contains(token), "the key is not stored");
    let secret = token.strip_prefix("bk_15_").context("a secret")?;
    assert!(!contains(&secret[secret.len() - 20..]), "no part of it is");
    Ok(())
}

/// Turns red when `revoke` matches another key, or `list` calls a revoked key valid.
#[tokio::test]
async fn api_keys_are_listed_and_revoked_by_prefix() -> anyhow::Result<()> {
    let home = Home::new()?;
    home.import(&company_15()).await?;
    let create = |days: &'static str| {
        let args = ["api-key", "create", "--company=15", "--scopes=book", days];
        home.command(&args)
    };
    let first = output(create("--expires-in-days=30")).await?;
    let second = output(create("--expires-in-days=60")).await?;
    let list = ["api-key", "list", "--company=15", "--json"];
    let rows = json_of(&output(home.command(&list)).await?)?;
    let row = |rows: &Value, token: &str| {
        let rows = rows.as_array().into_iter().flatten();
        let mut mine = rows.filter(|it| {
            it["prefix"]
                .as_str()
                .is_some_and(|it| token.starts_with(it))
        });
        mine.next().cloned().unwrap_or_default()
    };
    assert_eq!(row(&rows, &first)["valid"], true, "{rows}");
    assert_eq!(row(&rows, &first)["scopes"], json!(["book"]));
    assert!(row(&rows, &first)["expires_at"].is_string(), "{rows}");
    let prefix = row(&rows, &first)["prefix"]
        .as_str()
        .context("prefix")?
        .to_owned();
    let revoke = ["api-key", "revoke", "--company=15", &prefix];
    says(&output(home.command(&revoke)).await?, &[&prefix, "revoked"]);
    let rows = json_of(&output(home.command(&list)).await?)?;
    assert_eq!(row(&rows, &first)["valid"], false, "{rows}");
    assert!(row(&rows, &first)["revoked_at"].is_string(), "{rows}");
    assert_eq!(row(&rows, &second)["valid"], true, "{rows}");
    for args in [
        ["api-key", "revoke", "--company=15", "bk_15_nobody"],
        ["api-key", "revoke", "--company=20", &prefix],
    ] {
        says(
            &failure(home.command(&args)).await?,
            &["has no key that begins with"],
        );
    }
    Ok(())
}

/// Turns red when a key for nobody is made, or a scope is guessed.
#[tokio::test]
async fn an_api_key_needs_a_company_and_known_scopes() -> anyhow::Result<()> {
    let home = Home::new()?;
    home.import(&company_15()).await?;
    let create = ["api-key", "create", "--company=15", "--scopes=root"];
    let said = failure(home.command(&create)).await?;
    says(&said, &["'root' is no scope", "read, book, admin"]);
    for company in ["99", "-1"] {
        let option = format!("--company={company}");
        let said = failure(home.command(&["api-key", "create", &option])).await?;
        says(
            &said,
            &[&format!("there is no company {company}"), "tenant list"],
        );
    }
    let long = [
        "tenant",
        "create",
        "--id=1234567890123",
        "--name=Viele Ziffern",
    ];
    output(home.command(&long)).await?;
    let create = ["api-key", "create", "--company=1234567890123"];
    let (one, two) = (
        output(home.command(&create)).await?,
        output(home.command(&create)).await?,
    );
    let list = ["api-key", "list", "--company=1234567890123", "--json"];
    let rows = json_of(&output(home.command(&list)).await?)?;
    let (first, second) = (rows[0]["prefix"].as_str(), rows[1]["prefix"].as_str());
    assert_ne!(first, second, "prefixes tell {one} and {two} apart");
    Ok(())
}

/// Turns red when the directory of keys is not checked against the version mirror.
#[tokio::test]
async fn a_running_serve_refuses_a_revoked_key_within_seconds() -> anyhow::Result<()> {
    let database = TestDatabase::create().await?;
    let home = Home::new()?;
    let on_postgres = |args: &[&str]| {
        home.command(args)
            .env("BOOKING__DATABASE_URL", database.url())
    };
    output(on_postgres(&["migrate"])).await?;
    let file = home.file("setup.json", &company_15().to_string())?;
    output(on_postgres(&["tenant", "import", &file])).await?;
    let token = output(on_postgres(&["api-key", "create", "--company=15"])).await?;
    let mut serving = on_postgres(&["serve"]).start().await?;
    serving.wait_ready().await?;
    let http = client()?;
    let status = || async {
        let asked = http
            .get(serving.url("/api/v1/bookings"))
            .bearer_auth(token.trim());
        asked
            .send()
            .await
            .map(|it| it.status().as_u16())
            .unwrap_or(0)
    };
    assert_eq!(status().await, 200);
    let prefix: String = token.chars().take(14).collect();
    output(on_postgres(&["api-key", "revoke", "--company=15", &prefix])).await?;
    until(Duration::from_secs(5), "the key is refused", || async {
        status().await == 401
    })
    .await
}

/// Turns red when a second import doubles something, or takes away what the file does not name.
#[tokio::test]
async fn an_import_changes_nothing_the_second_time() -> anyhow::Result<()> {
    let home = Home::new()?;
    let first = home.import(&company_15()).await?;
    says(
        &first,
        &["Company 15 \"Praxis Sonnenschein\"", "Company 20"],
    );
    let key = output(home.command(&["api-key", "create", "--company=15"])).await?;
    let list = ["api-key", "list", "--company=15", "--json"];
    let keys = json_of(&output(home.command(&list)).await?)?;
    assert_eq!(home.import(&company_15()).await?, first);
    assert_eq!(json_of(&output(home.command(&list)).await?)?, keys, "{key}");
    let companies = output(home.command(&["tenant", "list", "--json"])).await?;
    let expected = json!([
        {"id": 15, "name": "Praxis Sonnenschein", "time_zone": "Europe/Berlin"},
        {"id": 20, "name": "Studio Mondschein", "time_zone": "Europe/Berlin"}
    ]);
    assert_eq!(json_of(&companies)?, expected);
    let create = [
        "tenant",
        "create",
        "--id=21",
        "--name=Neu",
        "--time-zone=Europe/Vienna",
    ];
    output(home.command(&create)).await?;
    says(
        &failure(home.command(&create)).await?,
        &["company 21 exists", "tenant import"],
    );
    let table = output(home.command(&["tenant", "list"])).await?;
    says(&table, &["21  Neu  (Europe/Vienna)"]);
    let zone = [
        "tenant",
        "create",
        "--id=22",
        "--name=X",
        "--time-zone=Vienna",
    ];
    says(
        &failure(home.command(&zone)).await?,
        &["'Vienna' is not a time zone"],
    );
    let nameless = ["tenant", "create", "--id=22", "--name= "];
    says(
        &failure(home.command(&nameless)).await?,
        &["company 22", "give it a name"],
    );
    Ok(())
}

/// Turns red when the first problem ends the reading, or the good half of a file is imported.
#[tokio::test]
async fn everything_wrong_with_a_set_up_file_is_said_at_once() -> anyhow::Result<()> {
    let home = Home::new()?;
    let mut broken = company_15();
    broken["companies"][0]["services"][0]["duration_minutes"] = json!(0);
    broken["companies"][0]["services"][1]["branch_id"] = json!(77);
    broken["companies"][1]["id"] = json!(15);
    broken["companies"][1]["api_keys"][0]["token"] = json!("short");
    let file = home.file("broken.json", &broken.to_string())?;
    let said = failure(home.command(&["tenant", "import", &file])).await?;
    says(
        &said,
        &[
            "nothing was imported",
            "duration_minutes",
            "branch_id",
            "appears twice",
            "begins with bk_",
        ],
    );
    let list = ["tenant", "list", "--json"];
    assert_eq!(json_of(&output(home.command(&list)).await?)?, json!([]));
    for (text, needle) in [
        ("{\"companies\":[", "EOF"),
        ("{\"companies\":[],\"colour\":1}", "unknown field `colour`"),
    ] {
        let file = home.file("broken.json", text)?;
        let said = failure(home.command(&["tenant", "import", &file])).await?;
        says(&said, &[needle, &file]);
    }
    let said = failure(home.command(&["tenant", "import", "nowhere.json"])).await?;
    says(&said, &["nowhere.json", "cannot be read"]);
    Ok(())
}

/// Turns red when secrets are stored in clear for want of a key.
#[tokio::test]
async fn an_import_of_secrets_needs_the_encryption_key() -> anyhow::Result<()> {
    let home = Home::new()?;
    let file = home.file("setup.json", &company_15().to_string())?;
    let import = ["tenant", "import", file.as_str()];
    let said = failure(home.keyless(&import)).await?;
    says(
        &said,
        &[
            "BOOKING__ENCRYPTION_KEY is not set",
            "openssl rand -base64 32",
        ],
    );
    let wrong = home.keyless(&import).env("BOOKING__ENCRYPTION_KEY", "abc");
    let said = failure(wrong).await?;
    says(&said, &["BOOKING__ENCRYPTION_KEY", "32 bytes in base64"]);
    let list = home.keyless(&["tenant", "list", "--json"]);
    assert_eq!(json_of(&output(list).await?)?, json!([]));
    output(home.command(&import)).await?;
    let bytes = std::fs::read(home.path("gateway.db"))?;
    for secret in [
        "whsec_15",
        "cal_test_15",
        "key_15",
        "bk_test_15_admin_000000000000",
    ] {
        let found = bytes
            .windows(secret.len())
            .any(|it| it == secret.as_bytes());
        assert!(!found, "{secret} is in the file");
    }
    Ok(())
}

/// Turns red when two instances migrate side by side without a lock.
#[tokio::test]
async fn migrate_runs_twice_and_twice_at_once() -> anyhow::Result<()> {
    let database = TestDatabase::create().await?;
    let migrate = || {
        let command = gateway(&["migrate"]).env("BOOKING__DATABASE_URL", database.url());
        output(command)
    };
    let (one, other, third) = tokio::join!(migrate(), migrate(), migrate());
    for printed in [one?, other?, third?, migrate().await?] {
        says(&printed, &["current schema"]);
    }
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'appointments'";
    assert_eq!(database.sql(tables).await?, "1");
    Ok(())
}
