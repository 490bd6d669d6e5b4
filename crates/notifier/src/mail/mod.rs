//! Messages by e-mail, over SMTP.

mod letter;
mod settings;
mod trouble;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use booking_domain::ports::{CarrierError, Channel, CustomerMessage, MessageCarrier};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error, PoolConfig};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::time::timeout;

pub use settings::{SmtpSettings, SmtpSettingsError};
pub use trouble::SmtpTrouble;

use settings::Security;

/// Connections are closed before servers do so, which most do after five minutes.
const IDLE_LIMIT: Duration = Duration::from_secs(60);
/// Connections at once; whoever finds all of them busy opens another for a while.
const POOL: u32 = 4;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// Hands messages to a mail server.
pub struct SmtpCarrier {
    builder: AsyncSmtpTransportBuilder,
    /// Connections that stand.
    transport: Mutex<Transport>,
    from: Address,
    limit: Duration,
}

impl SmtpCarrier {
    /// Prepares connections; makes none.
    ///
    /// # Errors
    /// When encrypted ones cannot be made for this host.
    pub fn new(settings: SmtpSettings) -> Result<Self, SmtpSettingsError> {
        // One crypto provider for everything; whoever comes first installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let parameters = || {
            TlsParameters::new(settings.host.clone())
                .map_err(|error| SmtpSettingsError::Tls(Box::new(error)))
        };
        let tls = match settings.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::Plain => Tls::None,
        };
        let mut builder = Transport::builder_dangerous(settings.host.as_str())
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.limit))
            .hello_name(ClientId::Domain(settings.from.domain().to_owned()))
            .pool_config(PoolConfig::new().max_size(POOL).idle_timeout(IDLE_LIMIT));
        if let Some((user, password)) = settings.credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self {
            transport: Mutex::new(builder.clone().build()),
            builder,
            from: settings.from,
            limit: settings.limit,
        })
    }

    /// The address that messages come from.
    pub fn sender(&self) -> &str {
        self.from.as_ref()
    }

    fn transport(&self) -> MutexGuard<'_, Transport> {
        self.transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn in_time<T>(
        &self,
        doing: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, CarrierError> {
        let mut renewal = Renewal(Some(self));
        let done = timeout(self.limit, doing).await;
        let done = done.map_err(|_| trouble::late(self.limit))?;
        renewal.0 = None;
        done.map_err(trouble::sorted)
    }
}

/// Has all connections made anew, when one is left in the middle of something: the pool would hand
/// it out again, and whoever comes next would take the late answer for its own.
struct Renewal<'a>(Option<&'a SmtpCarrier>);

impl Drop for Renewal<'_> {
    fn drop(&mut self) {
        if let Some(carrier) = self.0 {
            *carrier.transport() = carrier.builder.clone().build();
        }
    }
}

#[async_trait]
impl MessageCarrier for SmtpCarrier {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn carry(&self, message: &CustomerMessage) -> Result<Option<String>, CarrierError> {
        let Some(email) = &message.to.email else {
            let reason = "the customer has no e-mail address";
            return Err(CarrierError::Refused(reason.to_owned()));
        };
        let letter = letter::build(message, email, &self.from)?;
        let transport = self.transport().clone();
        self.in_time(transport.send(letter)).await?;
        // What the server calls it is somewhere in a sentence of its own.
        Ok(Some(letter::message_id(message, &self.from)))
    }

    async fn check(&self) -> Result<(), CarrierError> {
        let transport = self.transport().clone();
        if self.in_time(transport.test_connection()).await? {
            Ok(())
        } else {
            Err(trouble::silent())
        }
    }
}
