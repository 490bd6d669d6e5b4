//! A mail server that keeps what it gets. The protocol is the `mailin` crate's.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use mailin::response::{AUTH_OK, AUTHENTICATION_REQUIRED, INVALID_CREDENTIALS, OK, START_DATA};
use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::{Mood, TestAuthority};

/// A mail as it came over the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReceivedMail {
    /// From whom, as said to the server.
    pub from: String,
    /// To whom, as said to the server.
    pub to: Vec<String>,
    /// Headers and body.
    pub data: Vec<u8>,
}

impl ReceivedMail {
    /// Headers and body, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
}

/// When a connection becomes an encrypted one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encryption {
    /// From the first byte.
    AtOnce,
    /// When the other side says STARTTLS.
    OnRequest,
}

type Tls = Option<(Encryption, TlsAcceptor)>;
type Mails = Arc<Mutex<Vec<ReceivedMail>>>;

/// Listens on a free port of this machine, until it is dropped.
#[derive(Debug)]
pub struct MailServer {
    port: u16,
    mails: Mails,
    logins: Arc<Mutex<u32>>,
    mood: Arc<watch::Sender<Mood>>,
    connections: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl MailServer {
    /// Asks nobody who they are.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(SessionBuilder::new("mail.test"), None).await
    }

    /// Wants a user and a password, any ones.
    ///
    /// # Errors
    /// When no port can be listened on.
    pub async fn start_with_login() -> anyhow::Result<Self> {
        let mut builder = SessionBuilder::new("mail.test");
        builder
            .enable_auth(AuthMechanism::Plain)
            .insecure_enable_plaintext_auth();
        Self::start_with(builder, None).await
    }

    /// Shows a certificate for `localhost`, and wants a user and a password once all is encrypted.
    ///
    /// # Errors
    /// When no port can be listened on, or there is no certificate.
    pub async fn start_encrypted(
        encryption: Encryption,
        authority: &TestAuthority,
    ) -> anyhow::Result<Self> {
        let mut builder = SessionBuilder::new("mail.test");
        builder.enable_auth(AuthMechanism::Plain);
        match encryption {
            Encryption::AtOnce => builder.insecure_enable_plaintext_auth(),
            Encryption::OnRequest => builder.enable_start_tls(),
        };
        let acceptor = TlsAcceptor::from(authority.server_config()?);
        Self::start_with(builder, Some((encryption, acceptor))).await
    }

    async fn start_with(sessions: SessionBuilder, tls: Tls) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (mails, logins) = (Mails::default(), Arc::default());
        let mood = Arc::new(watch::Sender::new(Mood::Takes));
        let desk = Desk {
            mails: Arc::clone(&mails),
            logins: Arc::clone(&logins),
            mood: mood.subscribe(),
            mail: None,
        };
        let connections = watch::Sender::new(());
        let standing = connections.subscribe();
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = sessions.build(IpAddr::V4(Ipv4Addr::LOCALHOST), desk.clone());
                let (mood, mut hung_up) = (desk.mood.clone(), standing.clone());
                hung_up.mark_unchanged();
                let tls = tls.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = serve(stream, (session, mood), tls) => {}
                        _ = hung_up.changed() => {}
                    }
                });
            }
        });
        Ok(Self {
            port,
            mails,
            logins,
            mood,
            connections,
            accepting,
        })
    }

    /// What goes into `BOOKING__SMTP__URL` for one that asks nobody.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// For one that wants a login.
    pub fn url_with_login(&self) -> String {
        format!("smtp://user:password@127.0.0.1:{}", self.port)
    }

    /// For one that is encrypted.
    pub fn url_encrypted(&self, encryption: Encryption) -> String {
        let (scheme, query) = match encryption {
            Encryption::AtOnce => ("smtps", ""),
            Encryption::OnRequest => ("smtp", "?tls=required"),
        };
        format!("{scheme}://user:password@localhost:{}{query}", self.port)
    }

    /// The port it listens on.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What was taken so far.
    pub fn mails(&self) -> Vec<ReceivedMail> {
        self.mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How often somebody gave a user and a password.
    pub fn logins(&self) -> u32 {
        *self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every connection that stands, as servers do when nothing was said for a while.
    pub fn hang_up(&self) {
        self.connections.send_replace(());
    }

    /// From now on, on connections that stand too.
    pub fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Who answers on one connection.
#[derive(Clone)]
struct Desk {
    mails: Mails,
    logins: Arc<Mutex<u32>>,
    mood: watch::Receiver<Mood>,
    /// The one that is being read.
    mail: Option<ReceivedMail>,
}

impl Desk {
    fn mood(&self) -> Mood {
        *self.mood.borrow()
    }
}

impl Handler for Desk {
    fn mail(&mut self, _ip: IpAddr, _domain: &str, _from: &str) -> Response {
        match self.mood() {
            Mood::Locked => AUTHENTICATION_REQUIRED,
            _ => OK,
        }
    }

    fn rcpt(&mut self, to: &str) -> Response {
        match self.mood() {
            Mood::Busy => Response::custom(450, format!("4.2.0 <{to}> is greylisted")),
            Mood::Refuses => Response::custom(550, format!("5.1.1 <{to}> is unknown here")),
            _ => OK,
        }
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.mail = Some(ReceivedMail {
            from: from.to_owned(),
            to: to.to_vec(),
            data: Vec::new(),
        });
        START_DATA
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        if let Some(mail) = &mut self.mail {
            mail.data.extend_from_slice(line);
        }
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let takes = matches!(self.mood(), Mood::Takes | Mood::Late);
        let kept = self.mail.take().filter(|_| takes);
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        mails.extend(kept);
        OK
    }

    fn auth_plain(&mut self, _for: &str, _user: &str, _password: &str) -> Response {
        *self.logins.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        match self.mood() {
            Mood::Locked => INVALID_CREDENTIALS,
            _ => AUTH_OK,
        }
    }
}

async fn serve(
    stream: TcpStream,
    (session, mood): (Session<Desk>, watch::Receiver<Mood>),
    tls: Tls,
) -> io::Result<()> {
    let greeting = session.greeting().buffer()?;
    match tls {
        None => greet(stream, &greeting, (session, mood)).await.map(drop),
        Some((Encryption::AtOnce, acceptor)) => {
            let stream = acceptor.accept(stream).await?;
            greet(stream, &greeting, (session, mood)).await.map(drop)
        }
        Some((Encryption::OnRequest, acceptor)) => {
            let upgraded = greet(stream, &greeting, (session, mood.clone())).await?;
            let Some((stream, mut session)) = upgraded else {
                return Ok(());
            };
            let stream = acceptor.accept(stream).await?;
            session.tls_active();
            converse(BufReader::new(stream), session, mood)
                .await
                .map(drop)
        }
    }
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    greeting: &[u8],
    (session, mood): (Session<Desk>, watch::Receiver<Mood>),
) -> io::Result<Option<(S, Session<Desk>)>> {
    stream.write_all(greeting).await?;
    converse(BufReader::new(stream), session, mood).await
}

/// Until one side ends it, or wants to go on encrypted.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    mut session: Session<Desk>,
    mut mood: watch::Receiver<Mood>,
) -> io::Result<Option<(S, Session<Desk>)>> {
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await? > 0 {
        let end = line == b".\r\n";
        let answer = session.process(&line);
        let now = *mood.borrow();
        match now {
            Mood::Silent => {
                // Whoever waits for the answer never gets it, also not when the mood is better.
                let _ = mood.wait_for(|mood| *mood != Mood::Silent).await;
                return Ok(None);
            }
            Mood::Late if end => {
                let _ = mood.wait_for(|mood| *mood != Mood::Late).await;
            }
            Mood::Cuts if end => return Ok(None),
            _ => {}
        }
        if answer.action != Action::NoReply {
            stream.write_all(&answer.buffer()?).await?;
        }
        match answer.action {
            Action::Close => break,
            Action::UpgradeTls => return Ok(Some((stream.into_inner(), session))),
            Action::Reply | Action::NoReply => {}
        }
        line.clear();
    }
    Ok(None)
}
