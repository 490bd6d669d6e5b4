//! Secrets at rest: a store of set-ups that seals Cal.com and Retell keys before they are written.
//!
//! XChaCha20-Poly1305 under `BOOKING__ENCRYPTION_KEY`, bound to company and field, so that a sealed
//! secret cannot be moved to another company. A company without an account of its own gets the
//! installation's default account.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{SetupStore, StoreError};
use booking_domain::tenant::{CalcomAccount, Company, CompanySetup, SetupFile};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, ConfigError};

/// Marks what this version sealed.
const MARK: &str = "sealed:1:";
const NONCE_BYTES: usize = 24;

/// The key that seals, where one is configured.
#[derive(Clone)]
pub(crate) struct SecretKey(Option<XChaCha20Poly1305>);

impl SecretKey {
    /// From 32 bytes in base64.
    pub(crate) fn from_config(key: Option<&SecretString>) -> Result<Self, ConfigError> {
        let Some(key) = key else {
            return Ok(Self(None));
        };
        let bytes = STANDARD.decode(key.expose_secret().trim()).ok();
        let cipher = bytes.and_then(|bytes| XChaCha20Poly1305::new_from_slice(&bytes).ok());
        let expected = "32 bytes in base64 (make one with: openssl rand -base64 32)";
        let cipher =
            cipher.ok_or_else(|| ConfigError::value("BOOKING__ENCRYPTION_KEY", "…", expected))?;
        Ok(Self(Some(cipher)))
    }

    fn seal(&self, text: &str, bound_to: &str) -> Result<String, StoreError> {
        let Some(cipher) = &self.0 else {
            return Err(StoreError::Conflict(
                "the set-up holds secrets of a company, and BOOKING__ENCRYPTION_KEY is not set: \
                 set it to 32 bytes in base64 (openssl rand -base64 32) and keep it"
                    .to_owned(),
            ));
        };
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: bound_to.as_bytes(),
        };
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Conflict("the secret could not be sealed".to_owned()))?;
        Ok(format!(
            "{MARK}{}",
            STANDARD.encode([&nonce[..], &sealed].concat())
        ))
    }

    fn open(&self, sealed: &str, bound_to: &str) -> Result<String, StoreError> {
        let unreadable = |problem: &str| StoreError::Corrupt {
            place: format!("a sealed secret ({bound_to})"),
            source: problem.into(),
        };
        let Some(encoded) = sealed.strip_prefix(MARK) else {
            return Err(unreadable("it was not sealed by this version"));
        };
        let cipher = self.0.as_ref().ok_or_else(|| {
            unreadable("BOOKING__ENCRYPTION_KEY is not set; set it to the key it was sealed with")
        })?;
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|error| unreadable(&error.to_string()))?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(|| unreadable("it is cut off"))?;
        let payload = Payload {
            msg: sealed,
            aad: bound_to.as_bytes(),
        };
        let opened = cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| unreadable("BOOKING__ENCRYPTION_KEY is not the key it was sealed with"))?;
        String::from_utf8(opened).map_err(|error| unreadable(&error.to_string()))
    }
}

/// What companies without an account of their own use.
#[derive(Clone, Default)]
pub(crate) struct DefaultAccount {
    calcom: Option<CalcomAccount>,
    retell_key: Option<String>,
}

impl DefaultAccount {
    /// The configured one, if any.
    pub(crate) fn of(config: &Config) -> Self {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        let calcom = config.calcom.api_key.as_ref().map(|api_key| CalcomAccount {
            base_url: config.calcom.base_url.clone(),
            api_key: text(api_key),
            webhook_secret: config
                .calcom
                .webhook_secret
                .as_ref()
                .map(text)
                .unwrap_or_default(),
            webhook_secret_previous: config.calcom.webhook_secret_previous.as_ref().map(text),
        });
        Self {
            calcom,
            retell_key: config.retell.api_key.as_ref().map(text),
        }
    }
}

/// The decorated store.
pub(crate) struct SealedSetup {
    inner: Arc<dyn SetupStore>,
    key: SecretKey,
    default: DefaultAccount,
}

impl SealedSetup {
    pub(crate) fn new(inner: Arc<dyn SetupStore>, key: SecretKey, default: DefaultAccount) -> Self {
        Self {
            inner,
            key,
            default,
        }
    }

    fn opened(&self, mut company: Company) -> Result<Company, StoreError> {
        let bound = |field: &str| format!("company {} {field}", company.id);
        if let Some(account) = &mut company.calcom {
            account.api_key = self.key.open(&account.api_key, &bound("calcom.api_key"))?;
            account.webhook_secret = self
                .key
                .open(&account.webhook_secret, &bound("calcom.webhook_secret"))?;
            if let Some(sealed) = &account.webhook_secret_previous {
                let place = bound("calcom.webhook_secret_previous");
                account.webhook_secret_previous = Some(self.key.open(sealed, &place)?);
            }
        }
        if let Some(sealed) = &company.retell.api_key {
            company.retell.api_key = Some(self.key.open(sealed, &bound("retell.api_key"))?);
        }
        company.calcom = company
            .calcom
            .take()
            .or_else(|| self.default.calcom.clone());
        if company.retell.api_key.is_none() {
            company.retell.api_key.clone_from(&self.default.retell_key);
        }
        Ok(company)
    }

    fn sealed(&self, file: &SetupFile) -> Result<SetupFile, StoreError> {
        let mut file = file.clone();
        for company in &mut file.companies {
            let bound = |field: &str| format!("company {} {field}", company.id);
            if let Some(account) = &mut company.calcom {
                account.api_key = self.key.seal(&account.api_key, &bound("calcom.api_key"))?;
                account.webhook_secret = self
                    .key
                    .seal(&account.webhook_secret, &bound("calcom.webhook_secret"))?;
                if let Some(secret) = &account.webhook_secret_previous {
                    let place = bound("calcom.webhook_secret_previous");
                    account.webhook_secret_previous = Some(self.key.seal(secret, &place)?);
                }
            }
            if let Some(key) = &company.retell.api_key {
                company.retell.api_key = Some(self.key.seal(key, &bound("retell.api_key"))?);
            }
        }
        Ok(file)
    }
}

#[async_trait]
impl SetupStore for SealedSetup {
    async fn load(&self, company: CompanyId) -> Result<Option<CompanySetup>, StoreError> {
        let Some(setup) = self.inner.load(company).await? else {
            return Ok(None);
        };
        Ok(Some(CompanySetup {
            company: self.opened(setup.company)?,
            ..setup
        }))
    }

    async fn companies(&self) -> Result<Vec<Company>, StoreError> {
        let companies = self.inner.companies().await?;
        companies
            .into_iter()
            .map(|company| self.opened(company))
            .collect()
    }

    async fn import(
        &self,
        file: &SetupFile,
        hash: &(dyn for<'a> Fn(&'a str) -> String + Sync),
    ) -> Result<(), StoreError> {
        self.inner.import(&self.sealed(file)?, hash).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretKey {
        let text = STANDARD.encode([byte; 32]);
        SecretKey::from_config(Some(&SecretString::from(text))).expect("32 bytes")
    }

    #[test]
    fn sealed_secrets_open_only_in_their_place_and_with_their_key() {
        let sealed = key(1)
            .seal("whsec_15", "company 15 calcom.webhook_secret")
            .expect("seals");
        assert!(!sealed.contains("whsec"));
        let open = |key: SecretKey, place| key.open(&sealed, place).ok();
        let place = "company 15 calcom.webhook_secret";
        assert_eq!(open(key(1), place).as_deref(), Some("whsec_15"));
        assert_eq!(open(key(2), place), None);
        assert_eq!(open(key(1), "company 20 calcom.webhook_secret"), None);
        assert_eq!(open(SecretKey(None), place), None);
    }

    #[test]
    fn a_key_of_another_length_is_refused_by_name() {
        let short = SecretString::from(STANDARD.encode([1; 16]));
        let error = SecretKey::from_config(Some(&short))
            .err()
            .expect("refused")
            .to_string();
        assert!(error.contains("BOOKING__ENCRYPTION_KEY"), "{error}");
    }
}
