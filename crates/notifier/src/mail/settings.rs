//! Which mail server, and how it is spoken to, from one address:
//!
//! ```text
//! smtps://user:password@mail.example        TLS from the first byte, port 465
//! smtp://user:password@mail.example         STARTTLS or nothing, port 587
//! smtp://127.0.0.1:25                       this machine: unencrypted
//! smtp://relay.internal:25?tls=off          unencrypted, and then without a password
//! ```

use std::time::Duration;

use booking_domain::ports::BoxError;
use lettre::Address;
use percent_encoding::percent_decode_str;
use url::Url;

/// How a mail server is spoken to.
pub struct SmtpSettings {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<(String, String)>,
    pub(super) from: Address,
    pub(super) limit: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Security {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, and nothing is said without it.
    StartTls,
    Plain,
}

/// Why mails could never be sent as configured.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSettingsError {
    /// The address is none.
    #[error("an address like smtps://user:password@mail.example or smtp://mail.example:587")]
    Url,
    /// A password without encryption.
    #[error("without tls=off, or without a password: it would travel unencrypted")]
    PasswordInTheClear,
    /// Nobody knows whom mails are from.
    #[error("set to an e-mail address like termine@company.example, which mails come from")]
    FromMissing,
    /// The sender is no e-mail address.
    #[error("an e-mail address like termine@company.example")]
    From,
    /// No encryption for this host.
    #[error("the address of a host to which encrypted connections can be made")]
    Tls(#[source] BoxError),
}

impl SmtpSettings {
    /// For one message, from the connection to the answer.
    pub const LIMIT: Duration = Duration::from_secs(30);

    /// Reads the address of the server. Mails come from `from`, else from the user of that
    /// address when it is an e-mail address; on this machine, from `booking@localhost`.
    ///
    /// # Errors
    /// Says what it must be instead.
    pub fn parse(url: &str, from: Option<&str>) -> Result<Self, SmtpSettingsError> {
        let url = Url::parse(url).map_err(|_| SmtpSettingsError::Url)?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(SmtpSettingsError::Url)?;
        let host = host.trim_matches(['[', ']']).to_lowercase();
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpSettingsError::Url);
        }
        let local = is_this_machine(&host);
        let security = security(&url, local)?;
        let credentials = credentials(&url)?;
        if security == Security::Plain && credentials.is_some() && !local {
            return Err(SmtpSettingsError::PasswordInTheClear);
        }
        let port = url.port().unwrap_or(match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::Plain => 25,
        });
        let user = credentials.as_ref().map(|(user, _)| user.as_str());
        Ok(Self {
            from: sender(from, user, local)?,
            limit: Self::LIMIT,
            host,
            port,
            security,
            credentials,
        })
    }

    /// With another limit for one message.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

fn security(url: &Url, local: bool) -> Result<Security, SmtpSettingsError> {
    let mut wish = None;
    for (name, value) in url.query_pairs() {
        match (&*name, &*value) {
            ("tls", "off") => wish = Some(Security::Plain),
            ("tls", "required") => wish = Some(Security::StartTls),
            _ => return Err(SmtpSettingsError::Url),
        }
    }
    match (url.scheme(), wish) {
        ("smtps", None) => Ok(Security::Tls),
        ("smtp", Some(wish)) => Ok(wish),
        ("smtp", None) if local => Ok(Security::Plain),
        ("smtp", None) => Ok(Security::StartTls),
        _ => Err(SmtpSettingsError::Url),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, SmtpSettingsError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(|it| it.into_owned())
            .map_err(|_| SmtpSettingsError::Url)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?))),
        (_, None) => Err(SmtpSettingsError::Url),
    }
}

fn sender(
    from: Option<&str>,
    user: Option<&str>,
    local: bool,
) -> Result<Address, SmtpSettingsError> {
    if let Some(from) = from {
        return from.trim().parse().map_err(|_| SmtpSettingsError::From);
    }
    if let Some(address) = user.and_then(|user| user.parse().ok()) {
        return Ok(address);
    }
    if local {
        return Address::new("booking", "localhost").map_err(|_| SmtpSettingsError::From);
    }
    Err(SmtpSettingsError::FromMissing)
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str, from: Option<&str>) -> Result<SmtpSettings, String> {
        SmtpSettings::parse(url, from).map_err(|error| format!("{error:?}"))
    }

    /// Red when a server that is elsewhere is spoken to unencrypted without being told so.
    #[test]
    fn encryption_is_the_rule() {
        for (url, security, port) in [
            ("smtps://a%40b.example:p@mail.example", Security::Tls, 465),
            (
                "smtp://a%40b.example:p@mail.example",
                Security::StartTls,
                587,
            ),
            (
                "smtp://a%40b.example:p@mail.example:25",
                Security::StartTls,
                25,
            ),
            ("smtp://127.0.0.1:2525", Security::Plain, 2525),
            ("smtp://[::1]", Security::Plain, 25),
            ("smtp://LOCALHOST/?tls=required", Security::StartTls, 587),
            ("smtp://relay.internal?tls=off", Security::Plain, 25),
            ("smtp://127.0.0.1.example", Security::StartTls, 587),
        ] {
            let settings = parse(url, Some("termine@praxis.example")).expect(url);
            assert_eq!(
                (settings.security, settings.port),
                (security, port),
                "{url}"
            );
        }
    }

    /// Red when signs of a password are passed on as they stand in the address.
    #[test]
    fn user_and_password_are_decoded() {
        let url = "smtps://termine%40praxis.example:p%40ss%2Fw%C3%B6rt+1@mail.example";
        let settings = parse(url, None).expect("valid");
        let (user, password) = settings.credentials.expect("given");
        assert_eq!(
            (user.as_str(), password.as_str()),
            ("termine@praxis.example", "p@ss/wört+1")
        );
        assert_eq!(settings.from.to_string(), "termine@praxis.example");
        let local = parse("smtp://localhost:25", None).expect("valid");
        assert_eq!(local.from.to_string(), "booking@localhost");
    }

    /// Red when one of them is taken, or refused for another reason.
    #[test]
    fn what_could_never_work_is_refused() {
        for (url, from, error) in [
            ("mail.example", None, "Url"),
            ("https://mail.example", None, "Url"),
            ("smtp://", None, "Url"),
            ("smtp://user@mail.example", None, "Url"),
            ("smtp://mail.example/path", None, "Url"),
            ("smtp://mail.example?tls=maybe", None, "Url"),
            ("smtps://mail.example?tls=off", None, "Url"),
            (
                "smtp://u:p@mail.example?tls=off",
                Some("a@b.example"),
                "PasswordInTheClear",
            ),
            ("smtp://u:p@mail.example", None, "FromMissing"),
            ("smtp://mail.example", Some("nobody"), "From"),
            (
                "smtp://mail.example",
                Some("a@b.example\r\nBcc: c@d.example"),
                "From",
            ),
        ] {
            assert_eq!(parse(url, from).err().as_deref(), Some(error), "{url}");
        }
    }
}
