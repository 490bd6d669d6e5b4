//! Mail servers that speak TLS, from the first byte or on request, and whose certificate the machine
//! trusts or does not.

use std::time::Duration;

use anyhow::ensure;
use booking_test_support::messages::{Encryption, MailServer, TestAuthority};
use booking_test_support::wait::until;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::days::{at, working_day};
use crate::installation::{Installation, Options};
use crate::run::{output, run, says};

const LIMIT: Duration = Duration::from_secs(60);

async fn delivers(encryption: Encryption) -> anyhow::Result<()> {
    let home = TempDir::new()?;
    let (authority, stranger) = (TestAuthority::new()?, TestAuthority::new()?);
    let [trusted, foreign] = ["trusted.pem", "foreign.pem"].map(|it| home.path().join(it));
    authority.publish(&trusted)?;
    stranger.publish(&foreign)?;
    let server = MailServer::start_encrypted(encryption, &authority).await?;
    let settings = vec![
        ("BOOKING__SMTP__URL", server.url_encrypted(encryption)),
        ("BOOKING__SMTP__FROM", "termine@praxis.example".to_owned()),
        ("SSL_CERT_FILE", trusted.display().to_string()),
    ];
    let options = Options {
        settings,
        ..Options::default()
    };
    let it = Installation::start(options).await?;

    let printed = output(it.command(&["check-config"])).await?;
    says(&printed, &["mails come from termine@praxis.example"]);
    let before = server.logins();
    ensure!(before > 0, "the check logs in");
    let check = it.command(&["check-config"]);
    let ran = run(check.env("SSL_CERT_FILE", foreign.display().to_string())).await?;
    ensure!(ran.code == Some(1), "{ran:#?}");
    says(&ran.out, &["WRONG    smtp", "certificate"]);
    ensure!(server.logins() == before, "no password for a stranger");

    let wish = json!({"service_id": 1, "start": at(working_day(5), 9),
                      "customer": {"name": "Erika Muster", "email": "erika@mail.example"}});
    let (status, booked) = it.ask(Method::POST, "/api/v1/bookings", wish).await?;
    ensure!(status == 201, "{booked}");
    let mails = until(LIMIT, "the mail arrives", || async {
        let mails = server.mails();
        (!mails.is_empty()).then_some(mails)
    })
    .await?;
    ensure!(mails[0].to == ["erika@mail.example"], "{:?}", mails[0].to);
    Ok(())
}

/// Red when certificates are not checked, or checked against other roots than the machine's.
#[tokio::test]
async fn encrypted_from_the_first_byte() -> anyhow::Result<()> {
    delivers(Encryption::AtOnce).await
}

/// Red when the password is said before STARTTLS: the server knows no login before.
#[tokio::test]
async fn encrypted_on_request() -> anyhow::Result<()> {
    delivers(Encryption::OnRequest).await
}
