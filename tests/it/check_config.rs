//! `check-config`: all good, and each thing wrong on its own, with a line that says how to mend it.

use booking_test_support::messages::{MailServer, Mood, SmsGateway};
use booking_test_support::postgres::TestDatabase;
use booking_test_support::process::{GatewayCommand, GatewayProcess};
use booking_test_support::redis::TestRedis;
use serde_json::json;

use crate::installation::{client, setup_file, start_simulator};
use crate::run::{Home, Ran, failure, gateway, output, run, says};

/// Everything that is checked, in order.
struct Whole {
    home: Home,
    database: TestDatabase,
    redis: TestRedis,
    simulator: GatewayProcess,
    mail: MailServer,
    sms: SmsGateway,
}

impl Whole {
    async fn start() -> anyhow::Result<Self> {
        let whole = Self {
            home: Home::new()?,
            database: TestDatabase::create().await?,
            redis: TestRedis::start().await?,
            simulator: start_simulator(&client()?).await?,
            mail: MailServer::start_with_login().await?,
            sms: SmsGateway::start().await?,
        };
        output(whole.command(&["migrate"])).await?;
        let setup = setup_file(&whole.simulator.url(""), 2).to_string();
        let file = whole.home.file("setup.json", &setup)?;
        output(whole.command(&["tenant", "import", &file])).await?;
        Ok(whole)
    }

    fn command(&self, args: &[&str]) -> GatewayCommand {
        self.home
            .command(args)
            .env("BOOKING__DATABASE_URL", self.database.url())
            .env("BOOKING__REDIS_URL", self.redis.url())
            .env("BOOKING__SMTP__URL", self.mail.url_with_login())
            .env("BOOKING__SMTP__FROM", "termine@praxis.example")
            .env("BOOKING__SMS__URL", self.sms.url())
            .env("BOOKING__SMS__TOKEN", "hush")
    }

    fn check(&self) -> GatewayCommand {
        self.command(&["check-config"])
    }

    /// With this changed, exactly one component is wrong; its line.
    async fn wrong(&self, name: &str, value: &str) -> anyhow::Result<String> {
        let ran = run(self.check().env(name, value)).await?;
        the_wrong_line(&ran, name)
    }
}

fn the_wrong_line(ran: &Ran, what: &str) -> anyhow::Result<String> {
    assert_eq!(ran.code, Some(1), "{what}: {ran:#?}");
    let mut wrong = ran.out.lines().filter(|line| line.starts_with("WRONG"));
    let (Some(line), None) = (wrong.next(), wrong.next()) else {
        anyhow::bail!("{what}: not exactly one line: {ran:#?}");
    };
    says(&ran.err, &["one thing is wrong"]);
    Ok(line.to_owned())
}

/// Turns red when a component is not looked at, or a finding does not change the exit code.
#[tokio::test]
async fn all_good_and_each_thing_wrong() -> anyhow::Result<()> {
    let mut whole = Whole::start().await?;
    let printed = output(whole.check()).await?;
    assert!(
        printed.lines().all(|line| line.starts_with("ok ")),
        "{printed}"
    );
    let parts = ["values", "database", "redis", "company 15", "company 20"];
    says(&printed, &parts);
    let parts = ["smtp", "mails come from termine@praxis.example", "sms"];
    says(&printed, &parts);

    let elsewhere = "postgres://nobody@127.0.0.1:1/booking";
    let other_key = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=";
    let not_there: &[&str] = &["database", "cannot connect", "check that the server runs"];
    for (name, value, needles) in [
        ("BOOKING__DATABASE_URL", elsewhere, not_there),
        (
            "BOOKING__DATABASE_URL",
            "mysql://x",
            &["must begin with postgres:// or sqlite://"],
        ),
        ("BOOKING__DATABASE_REPLICA_URL", elsewhere, not_there),
        (
            "BOOKING__REDIS_URL",
            "redis://127.0.0.1:1",
            &["redis", "right, and does it run"],
        ),
        (
            "BOOKING__REDIS_URL",
            "http://127.0.0.1:1",
            &["redis", "redis://"],
        ),
        (
            "BOOKING__ENCRYPTION_KEY",
            "abc",
            &["openssl rand -base64 32"],
        ),
        (
            "BOOKING__ENCRYPTION_KEY",
            other_key,
            &["is not the key it was sealed with"],
        ),
        (
            "BOOKING__SYNC__BACKOFF_SECONDS",
            "soon",
            &["values", "1,5,30,120,600"],
        ),
        (
            "BOOKING__LISTEN",
            "everywhere",
            &["listen", "127.0.0.1:8080"],
        ),
        (
            "BOOKING__SMTP__URL",
            "smtp://127.0.0.1:1",
            &["smtp", "look at"],
        ),
        (
            "BOOKING__SMTP__URL",
            "mail.example",
            &["smtps://user:password@mail.example"],
        ),
        (
            "BOOKING__SMTP__FROM",
            "nobody",
            &["termine@company.example"],
        ),
        (
            "BOOKING__SMS__URL",
            "http://127.0.0.1:1",
            &["sms", "look at"],
        ),
        (
            "BOOKING__SMS__URL",
            "http://sms.example",
            &["https", "unencrypted"],
        ),
        ("BOOKING__LOG_FORMAT", "xml", &["json, pretty or auto"]),
        ("BOOKING__LOG", "info,=", &["examples that work"]),
    ] {
        let line = whole.wrong(name, value).await?;
        says(&line, needles);
        assert!(
            value == elsewhere || line.contains(name),
            "{name} is named: {line}"
        );
    }

    whole.mail.be(Mood::Locked);
    whole.sms.be(Mood::Locked);
    let ran = run(whole.check()).await?;
    let smtp = ["WRONG    smtp", "does not let us in: it answers 535"];
    says(&ran.out, &smtp);
    says(&ran.out, &["WRONG    sms", "it answers 401"]);
    assert!(!ran.out.contains("hush") && !ran.out.contains("user:password@127"));
    assert!(whole.mail.mails().is_empty() && whole.sms.messages().is_empty());
    whole.mail.be(Mood::Takes);
    whole.sms.be(Mood::Takes);

    whole.simulator.kill9().await?;
    let ran = run(whole.check()).await?;
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    says(&ran.out, &["WRONG    company 15", "WRONG    company 20"]);
    says(&ran.out, &["is the address right, and does it run?"]);
    says(&ran.err, &["2 things are wrong"]);
    Ok(())
}

/// Turns red when Cal.com is reached but not asked with the company's key and event type.
#[tokio::test]
async fn a_company_that_calcom_refuses_is_named() -> anyhow::Result<()> {
    let simulator = start_simulator(&client()?).await?;
    let home = Home::new()?;
    let mut setup = setup_file(&simulator.url(""), 2);
    setup["companies"][0]["services"][0]["calcom_event_type_id"] = json!(99);
    home.import(&setup).await?;
    let ran = run(home.command(&["check-config"])).await?;
    let line = the_wrong_line(&ran, "event type")?;
    says(
        &line,
        &[
            "company 15",
            "refuses event type 99 of service 1",
            "calcom.api_key",
        ],
    );
    Ok(())
}

/// Turns red when the address for purges is not looked at, or printed: it may hold a secret.
#[tokio::test]
async fn the_address_for_purges_is_looked_at() -> anyhow::Result<()> {
    let home = Home::new()?;
    let check = |url: &str| {
        let check = home.command(&["check-config"]);
        check.env("BOOKING__EDGE__PURGE_URL", url)
    };
    let printed = output(check("http://127.0.0.1:1/purge?key=hush")).await?;
    says(&printed, &["ok       edge"]);
    let ran = run(check("edge.example/purge?key=hush")).await?;
    let line = the_wrong_line(&ran, "edge")?;
    says(
        &line,
        &["BOOKING__EDGE__PURGE_URL", "https://edge.example/purge"],
    );
    let all = [printed, ran.out, ran.err].concat();
    assert!(!all.contains("hush"), "{all}");
    Ok(())
}

/// Turns red when a database without schema counts as good.
#[tokio::test]
async fn a_database_without_schema_is_told_to_migrate() -> anyhow::Result<()> {
    let database = TestDatabase::create().await?;
    let ran = run(gateway(&["check-config"]).env("BOOKING__DATABASE_URL", database.url())).await?;
    let line = the_wrong_line(&ran, "schema")?;
    says(
        &line,
        &["database", "migrations are not applied", "migrate"],
    );
    let superuser = database.superuser_url();
    let migrate = gateway(&["migrate"]).env("BOOKING__DATABASE_URL", superuser);
    output(migrate).await?;
    let check = gateway(&["check-config"]).env("BOOKING__DATABASE_URL", superuser);
    says(
        &output(check).await?,
        &["note     database", "superuser", "only owns the database"],
    );
    Ok(())
}

/// Turns red when what is not needed is called wrong, or a missing database is not.
#[tokio::test]
async fn nothing_configured_and_everything_on_one_machine() -> anyhow::Result<()> {
    let ran = run(gateway(&["check-config"])).await?;
    let line = the_wrong_line(&ran, "no database")?;
    says(
        &line,
        &["BOOKING__DATABASE_URL is not set", "sqlite://", "demo"],
    );
    let home = Home::new()?;
    let printed = output(home.command(&["check-config"])).await?;
    says(
        &printed,
        &[
            "ok       database",
            "note     redis",
            "note     smtp",
            "note     sms",
            "note     companies",
            "tenant import",
        ],
    );
    let unknown = home.command(&["check-config"]).env("BOOKING__LISTN", "x");
    says(&failure(unknown).await?, &["listn", "Did you mean listen"]);
    Ok(())
}
