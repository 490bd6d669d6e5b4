//! Who carries messages to customers.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The mail server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SmtpConfig {
    /// Secret, because it contains the password.
    url: Option<SecretString>,
    from: Option<String>,
}

/// The gateway for text messages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SmsConfig {
    /// Secret like the token: gateways may have their secret in the address.
    url: Option<SecretString>,
    token: Option<SecretString>,
}

impl SmtpConfig {
    /// Its address; an empty one is none.
    pub(crate) fn url(&self) -> Option<&str> {
        given(self.url.as_ref())
    }

    /// Whom mails come from.
    pub(crate) fn from(&self) -> Option<&str> {
        self.from.as_deref().filter(|from| !from.trim().is_empty())
    }
}

impl SmsConfig {
    /// Its address; an empty one is none.
    pub(crate) fn url(&self) -> Option<&str> {
        given(self.url.as_ref())
    }

    /// What it knows us by.
    pub(crate) fn token(&self) -> Option<&str> {
        given(self.token.as_ref())
    }
}

fn given(secret: Option<&SecretString>) -> Option<&str> {
    let text = secret?.expose_secret();
    (!text.trim().is_empty()).then_some(text)
}
