//! A message as a mail.
//!
//! ```text
//! multipart/mixed
//!   multipart/alternative
//!     text/plain
//!     text/html
//!     text/calendar; method=…      what mail clients show buttons for
//!   application/ics                the same as a file, for those who save it
//! ```
//!
//! Without an invitation it is the alternative alone.

use std::time::{Duration, SystemTime};

use booking_domain::contact::Email;
use booking_domain::ports::{CarrierError, CustomerMessage};
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use url::{Host, Url};

use crate::invite::{Invite, invite};
use crate::words::{letter, one_line, polite_name};

fn refused(what: &str) -> CarrierError {
    CarrierError::Refused(what.to_owned())
}

/// The same whenever the message is sent again: whoever gets it twice shows it once.
pub(super) fn message_id(message: &CustomerMessage, from: &Address) -> String {
    format!("<{}@{}>", message.id, from.domain())
}

pub(super) fn build(
    message: &CustomerMessage,
    email: &Email,
    from: &Address,
) -> Result<Message, CarrierError> {
    let words = letter(message)?;
    let name = polite_name(message.to.name.expose());
    let company = one_line(&message.company_name);
    let written = message.written_at.unix_seconds().max(0).unsigned_abs();
    let mut builder = Message::builder()
        .message_id(Some(message_id(message, from)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(written))
        .from(Mailbox::new(Some(company.clone()), from.clone()))
        .to(Mailbox::new(name, address(email)?))
        .subject(words.subject)
        .raw_header(plain_header("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = &message.reply_to {
        builder = builder.reply_to(Mailbox::new(Some(company), address(reply_to)?));
    }
    if let Some(url) = &message.unsubscribe_url {
        let url = Url::parse(url).map_err(|_| refused("the address to unsubscribe is none"))?;
        builder = builder
            .raw_header(plain_header("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(plain_header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click",
            ));
    }
    let mut alternative = MultiPart::alternative()
        .singlepart(SinglePart::plain(words.text))
        .singlepart(SinglePart::html(words.html));
    let body = match invite(message, from.as_ref()) {
        None => alternative,
        Some(invite) => {
            alternative = alternative.singlepart(calendar(&invite)?);
            let file = Attachment::new("invite.ics".to_owned());
            let file = file.body(invite.text, media("application/ics; charset=utf-8")?);
            MultiPart::mixed().multipart(alternative).singlepart(file)
        }
    };
    builder
        .multipart(body)
        .map_err(|_| refused("the mail cannot be put together"))
}

fn calendar(invite: &Invite) -> Result<SinglePart, CarrierError> {
    let method = invite.method.as_str();
    let media = media(&format!("text/calendar; method={method}; charset=utf-8"))?;
    Ok(SinglePart::builder()
        .content_type(media)
        .body(invite.text.clone()))
}

fn media(text: &str) -> Result<ContentType, CarrierError> {
    ContentType::parse(text).map_err(|_| refused("the mail cannot be put together"))
}

/// A header of printable ASCII, which [`Url`] and our own words are.
fn plain_header(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

/// The address with its domain in ASCII, as all mail servers want it.
fn address(email: &Email) -> Result<Address, CarrierError> {
    let no_address = || refused("the e-mail address is none that mail can be sent to");
    let (local, domain) = email.expose().split_once('@').ok_or_else(no_address)?;
    let domain = Host::parse(domain).map_err(|_| no_address())?.to_string();
    Address::new(local, domain).map_err(|_| no_address())
}
