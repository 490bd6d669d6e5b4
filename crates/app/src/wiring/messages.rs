//! Who carries messages to customers.

use std::sync::Arc;

use booking_domain::ports::MessageCarrier;
use booking_notifier::{
    SmsCarrier, SmsSettingsError, SmtpCarrier, SmtpSettings, SmtpSettingsError,
};

use crate::config::{Config, ConfigError};

pub(crate) type Carriers = Vec<Arc<dyn MessageCarrier>>;

/// Those that are configured.
pub(crate) fn carriers(config: &Config) -> anyhow::Result<Carriers> {
    let mut carriers = Carriers::new();
    if let Some(smtp) = smtp(config)? {
        carriers.push(Arc::new(smtp));
    }
    if let Some(sms) = sms(config)? {
        carriers.push(Arc::new(sms));
    }
    Ok(carriers)
}

/// The line to the mail server; connects when used.
pub(crate) fn smtp(config: &Config) -> anyhow::Result<Option<SmtpCarrier>> {
    let Some(url) = config.smtp.url() else {
        return Ok(None);
    };
    let carrier = SmtpSettings::parse(url, config.smtp.from()).and_then(SmtpCarrier::new);
    carrier.map(Some).map_err(|error| {
        let (key, value) = match &error {
            SmtpSettingsError::FromMissing => ("BOOKING__SMTP__FROM", ""),
            SmtpSettingsError::From => {
                let given = config.smtp.from().unwrap_or_default();
                ("BOOKING__SMTP__FROM", given)
            }
            // It may contain a password.
            SmtpSettingsError::Url
            | SmtpSettingsError::PasswordInTheClear
            | SmtpSettingsError::Tls(_) => ("BOOKING__SMTP__URL", "…"),
        };
        ConfigError::value(key, value, &error.to_string()).into()
    })
}

/// The line to the gateway for text messages; connects when used.
pub(crate) fn sms(config: &Config) -> anyhow::Result<Option<SmsCarrier>> {
    let Some(url) = config.sms.url() else {
        return Ok(None);
    };
    SmsCarrier::new(url, config.sms.token())
        .map(Some)
        .map_err(|error| {
            let key = match &error {
                SmsSettingsError::Address | SmsSettingsError::TokenInTheClear => {
                    "BOOKING__SMS__URL"
                }
                SmsSettingsError::Token => "BOOKING__SMS__TOKEN",
                SmsSettingsError::Client(_) => return error.into(),
            };
            ConfigError::value(key, "…", &error.to_string()).into()
        })
}
