//! What stands on the envelope and in the headers, and how the server is spoken to.

use std::time::Duration;

use booking_domain::contact::Email;
use booking_domain::ports::{CarrierError, MessageCarrier, MessageContent};
use booking_notifier::{SmtpCarrier, SmtpSettings};
use booking_test_support::messages::{MailServer, Mood, contents, facts, message};

use crate::opened::{delivered, post};

/// Red when a header is left out, or names somebody else.
#[tokio::test]
async fn headers_say_who_writes_to_whom_and_that_nobody_typed_it() {
    let message = message(MessageContent::Booked(facts()), "de");
    let mail = delivered(&message).await;
    assert_eq!(mail.mail.from, "termine@booking.example");
    assert_eq!(mail.mail.to, ["joerg@mail.example"]);
    let named = |name: &str, address: &str| (Some(name.to_owned()), address.to_owned());
    let company = "Praxis Sonnenschein";
    assert_eq!(
        mail.mailbox("From"),
        named(company, "termine@booking.example")
    );
    assert_eq!(
        mail.mailbox("Reply-To"),
        named(company, "empfang@praxis.example")
    );
    assert_eq!(
        mail.mailbox("To"),
        named("Jörg Müßig", "joerg@mail.example")
    );
    let header = |name| mail.header(name).unwrap();
    let id = format!("<{}@booking.example>", message.id);
    assert_eq!(header("Message-ID"), id);
    assert_eq!(header("Auto-Submitted"), "auto-generated");
    let date = mail.header("Date").unwrap();
    let written = booking_test_support::builders::now();
    assert!(date.contains(&written.utc_day().to_string()[..4]), "{date}");
    assert_eq!(mail.header("List-Unsubscribe"), None);
    assert!(mail.mail.data.is_ascii(), "every server can pass it on");
}

/// RFC 8058. Red when either header is left out, or the address is not in the mail to click at.
#[tokio::test]
async fn who_wants_no_more_can_say_so() {
    for content in contents() {
        let mut message = message(content, "en");
        let url = "https://booking.example/unsubscribe?token=a%20b&kind=reminder";
        message.unsubscribe_url = Some(url.to_owned());
        let mail = delivered(&message).await;
        let header = |name| mail.header(name).unwrap();
        assert_eq!(header("List-Unsubscribe"), format!("<{url}>"));
        assert_eq!(
            header("List-Unsubscribe-Post"),
            "List-Unsubscribe=One-Click"
        );
        assert!(mail.text.contains(url), "{}", mail.text);
        let escaped = url.replace('&', "&amp;");
        assert!(
            mail.html.replace("&#x2f;", "/").contains(&escaped),
            "{}",
            mail.html
        );
    }
}

/// Red when an address with other letters is sent as it is to a server that knows ASCII only.
#[tokio::test]
async fn domains_are_sent_in_ascii() {
    let mut message = message(MessageContent::Booked(facts()), "de");
    message.to.email = Email::parse("jörg@müller.example").ok();
    let (server, carrier) = post().await;
    let refused = carrier.carry(&message).await;
    assert!(
        refused.is_err(),
        "the server takes no other letters before the @"
    );
    message.to.email = Email::parse("joerg@müller.example").ok();
    carrier.carry(&message).await.unwrap();
    assert_eq!(server.mails()[0].to, ["joerg@xn--mller-kva.example"]);
}

/// Red when a password is said before the connection is encrypted: this server offers no
/// encryption.
#[tokio::test]
async fn no_password_without_encryption() {
    let server = MailServer::start_with_login().await.unwrap();
    for url in [
        format!("{}?tls=required", server.url_with_login()),
        server.url_with_login().replace("smtp:", "smtps:"),
    ] {
        let settings = SmtpSettings::parse(&url, None).unwrap();
        let carrier = SmtpCarrier::new(settings).unwrap();
        let message = message(MessageContent::Booked(facts()), "de");
        let carried = carrier.carry(&message).await;
        assert!(
            matches!(carried, Err(CarrierError::Unavailable(_))),
            "{carried:?}"
        );
        assert!(carrier.check().await.is_err());
    }
    assert_eq!((server.logins(), server.mails().len()), (0, 0));
}

/// Red when a connection is made for every mail, or one that the server has closed meanwhile costs
/// a message.
#[tokio::test]
async fn connections_are_kept_and_made_anew() {
    let server = MailServer::start_with_login().await.unwrap();
    let settings = SmtpSettings::parse(&server.url_with_login(), None).unwrap();
    let carrier = SmtpCarrier::new(settings).unwrap();
    let message = message(MessageContent::Booked(facts()), "de");
    for _ in 0..20 {
        carrier.carry(&message).await.unwrap();
    }
    // One is given back while the next mail is on its way already.
    assert!(server.logins() <= 10, "{}", server.logins());
    let before = server.logins();
    server.hang_up();
    carrier.carry(&message).await.unwrap();
    assert!(server.logins() > before);
    assert_eq!(server.mails().len(), 21);
}

/// Red when a connection that was given up in the middle is used again (`Renewal` without its
/// drop): the late answers would be taken for those to the next mail.
#[tokio::test]
async fn a_connection_that_was_given_up_is_not_used_again() {
    let server = MailServer::start_with_login().await.unwrap();
    let settings = SmtpSettings::parse(&server.url_with_login(), None).unwrap();
    let carrier = SmtpCarrier::new(settings.within(Duration::from_secs(1))).unwrap();
    let message = message(MessageContent::Booked(facts()), "de");
    server.be(Mood::Late);
    let late = carrier.carry(&message).await.unwrap_err();
    assert!(matches!(late, CarrierError::Unavailable(_)), "{late}");
    server.be(Mood::Takes);
    // Whoever wants to keep the connection does so now.
    tokio::task::yield_now().await;
    carrier.carry(&message).await.unwrap();
    assert_eq!((server.logins(), server.mails().len()), (2, 2));
}

/// Red when nobody being there counts as a refusal, or the password gets into the error.
#[tokio::test]
async fn nobody_there_may_pass() {
    let url = "smtp://user:pass-word@127.0.0.1:9";
    let carrier = SmtpCarrier::new(SmtpSettings::parse(url, None).unwrap()).unwrap();
    let error = carrier.check().await.unwrap_err();
    assert!(matches!(error, CarrierError::Unavailable(_)), "{error}");
    assert!(
        !format!("{error} {error:?}").contains("pass-word"),
        "{error:?}"
    );
}
