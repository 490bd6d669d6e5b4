//! A whole installation: private Postgres database and Redis, the simulator as a process of its
//! own, and as many gateways as a test wants, all started from the real binary.

use std::time::Duration;

use anyhow::{Context, ensure};
use booking_test_support::postgres::TestDatabase;
use booking_test_support::postgres_server::TestPostgres;
use booking_test_support::process::{GatewayCommand, GatewayProcess};
use booking_test_support::proxy::TcpProxy;
use booking_test_support::redis::TestRedis;
use booking_test_support::wait::until;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The admin key of company 15.
pub(crate) const KEY_15: &str = "bk_test_15_admin_000000000000";
/// The admin key of company 20.
pub(crate) const KEY_20: &str = "bk_test_20_admin_000000000000";
/// What Retell signs company 15's calls with.
pub(crate) const RETELL_KEY_15: &str = "key_15";
/// What seals the companies' own keys.
pub(crate) const ENCRYPTION_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// What the operator of the test chooses.
pub(crate) struct Options {
    /// How many `serve` processes.
    pub(crate) gateways: usize,
    /// People who perform company 15's services.
    pub(crate) hosts: usize,
    /// More settings.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// Whether `serve` reaches Postgres through [`Installation::proxy`].
    pub(crate) proxied: bool,
    /// Whether `serve` reaches Redis through [`Installation::redis_proxy`].
    pub(crate) redis_proxied: bool,
    /// Whether `serve` reaches Cal.com through [`Installation::calcom_proxy`].
    pub(crate) calcom_proxied: bool,
    /// Whether Postgres is [`Installation::postgres`], to be killed.
    pub(crate) own_postgres: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            gateways: 1,
            hosts: 2,
            settings: Vec::new(),
            proxied: false,
            redis_proxied: false,
            calcom_proxied: false,
            own_postgres: false,
        }
    }
}

/// The running installation.
pub(crate) struct Installation {
    pub(crate) gateways: Vec<GatewayProcess>,
    pub(crate) simulator: GatewayProcess,
    pub(crate) redis: TestRedis,
    pub(crate) database: TestDatabase,
    /// The server under the database, if asked for.
    pub(crate) postgres: Option<TestPostgres>,
    pub(crate) http: Client,
    /// Between the gateways and Postgres, if asked for.
    pub(crate) proxy: Option<TcpProxy>,
    /// Between the gateways and Redis, if asked for.
    pub(crate) redis_proxy: Option<TcpProxy>,
    /// Between the gateways and the simulator, if asked for; the other way there is none.
    pub(crate) calcom_proxy: Option<TcpProxy>,
    settings: Vec<(&'static str, String)>,
}

/// A client that speaks plain HTTP to loopback addresses.
pub(crate) fn client() -> anyhow::Result<Client> {
    // Whoever comes first installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder().timeout(Duration::from_secs(30)).build()?)
}

impl Installation {
    pub(crate) async fn start(options: Options) -> anyhow::Result<Self> {
        let postgres = match options.own_postgres {
            true => Some(TestPostgres::start().await?),
            false => None,
        };
        let database = match &postgres {
            Some(server) => TestDatabase::on(server).await?,
            None => TestDatabase::create().await?,
        };
        let redis = TestRedis::start().await?;
        let http = client()?;
        let simulator = start_simulator(&http).await?;
        // Before the gateways hear of a limit: what its headers say counts for a minute.
        let no_limit = json!({"rate_limit_per_minute": 0});
        let request = http.put(simulator.url("/_sim/settings")).json(&no_limit);
        request.send().await?.error_for_status()?;
        let settings = settings(&database, &redis, &options);
        let command = |args: &[&str]| with_settings(args, &settings);
        must_succeed(command(&["migrate"])).await?;
        let file = tempfile::NamedTempFile::new()?;
        let calcom_proxy = match options.calcom_proxied {
            true => Some(TcpProxy::start(format!("127.0.0.1:{}", simulator.port())).await?),
            false => None,
        };
        let calcom = match &calcom_proxy {
            Some(line) => format!("http://{}", line.address()),
            None => simulator.url(""),
        };
        let setup = setup_file(&calcom, options.hosts);
        std::fs::write(file.path(), setup.to_string())?;
        let path = file.path().to_str().context("the path is text")?;
        must_succeed(command(&["tenant", "import", path])).await?;
        let (mut proxy, mut redis_proxy, mut through) = (None, None, Vec::new());
        if options.proxied {
            let (line, url) = proxy_to(&database).await?;
            proxy = Some(line);
            through.push(("BOOKING__DATABASE_URL", url));
        }
        if options.redis_proxied {
            let line = TcpProxy::start(format!("127.0.0.1:{}", redis.port())).await?;
            through.push(("BOOKING__REDIS_URL", format!("redis://{}", line.address())));
            redis_proxy = Some(line);
        }
        let mut gateways = Vec::new();
        for _ in 0..options.gateways {
            let serve = through
                .iter()
                .fold(command(&["serve"]), |it, (name, value)| {
                    it.env(*name, value)
                });
            let mut gateway = serve.start().await?;
            gateway.wait_ready().await?;
            gateways.push(gateway);
        }
        let installation = Self {
            gateways,
            simulator,
            redis,
            database,
            postgres,
            http,
            proxy,
            redis_proxy,
            calcom_proxy,
            settings,
        };
        installation.prepare_simulator(options.hosts).await?;
        Ok(installation)
    }

    /// Another command of the same installation.
    pub(crate) fn command(&self, args: &[&str]) -> GatewayCommand {
        with_settings(args, &self.settings)
    }

    /// Replaces the simulator's faults; `json!([])` mends everything.
    pub(crate) async fn faults(&self, rules: Value) -> anyhow::Result<()> {
        self.simulate(Method::PUT, "/_sim/faults", rules)
            .await
            .map(drop)
    }

    /// Webhooks to the first gateway, and so many hosts.
    async fn prepare_simulator(&self, hosts: usize) -> anyhow::Result<()> {
        let mut world = self
            .simulate(Method::GET, "/_sim/world", Value::Null)
            .await?;
        for account in world["accounts"].as_array_mut().context("accounts")? {
            for event_type in account["event_types"]
                .as_array_mut()
                .context("event types")?
            {
                if let Some(ids) = event_type["host_ids"].as_array_mut() {
                    ids.truncate(hosts);
                }
            }
        }
        self.simulate(Method::PUT, "/_sim/world", world).await?;
        for company in [15, 20] {
            let hook = json!({
                "account": format!("cal_test_{company}"),
                "url": self.gateways[0].url(&format!("/api/calcom/webhook/{company}")),
                "secret": format!("whsec_{company}")
            });
            self.simulate(Method::POST, "/_sim/webhooks", hook).await?;
        }
        Ok(())
    }

    /// A control request to the simulator.
    pub(crate) async fn simulate(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> anyhow::Result<Value> {
        let request = self.http.request(method, self.simulator.url(path));
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        ensure!(
            status.is_success(),
            "the simulator answered {status} to {path}: {text}"
        );
        Ok(serde_json::from_str(&text)?)
    }

    /// A request to a gateway as company 15: status and body.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> anyhow::Result<(u16, Value)> {
        self.ask_as(KEY_15, 0, (method, path), body).await
    }

    /// A request to gateway `at` with this key.
    pub(crate) async fn ask_as(
        &self,
        key: &str,
        at: usize,
        (method, path): (Method, &str),
        body: Value,
    ) -> anyhow::Result<(u16, Value)> {
        let request = self
            .http
            .request(method, self.gateways[at].url(path))
            .bearer_auth(key);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        ))
    }

    /// The keys in Redis that begin like this.
    pub(crate) async fn redis_keys(&self, beginning: &str) -> anyhow::Result<Vec<String>> {
        let client = redis::Client::open(self.redis.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let pattern = format!("{beginning}*");
        let mut keys: Vec<String> = redis::cmd("KEYS")
            .arg(pattern)
            .query_async(&mut connection)
            .await?;
        keys.sort();
        Ok(keys)
    }

    /// Live bookings at Cal.com.
    pub(crate) async fn calcom_bookings(&self) -> anyhow::Result<Vec<Value>> {
        let state = self
            .simulate(Method::GET, "/_sim/state", Value::Null)
            .await?;
        let bookings = state["bookings"].as_array().context("bookings")?;
        let live = |it: &&Value| it["status"] == "accepted" || it["status"] == "pending";
        Ok(bookings.iter().filter(live).cloned().collect())
    }
}

fn settings(
    database: &TestDatabase,
    redis: &TestRedis,
    options: &Options,
) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("BOOKING__DATABASE_URL", database.url().to_string()),
        ("BOOKING__REDIS_URL", redis.url()),
        ("BOOKING__ENCRYPTION_KEY", ENCRYPTION_KEY.to_owned()),
        ("BOOKING__RATE_LIMIT__PER_SECOND", "0".to_owned()),
        // Tests are impatient: the simulator bears more than Cal.com, and is soon back.
        ("BOOKING__CALCOM__REQUESTS_PER_MINUTE", "60000".to_owned()),
        ("BOOKING__BREAKER__OPEN_SECONDS", "1".to_owned()),
        ("BOOKING__LOG_FORMAT", "json".to_owned()),
    ];
    settings.extend(options.settings.iter().cloned());
    settings
}

fn with_settings(args: &[&str], settings: &[(&'static str, String)]) -> GatewayCommand {
    let command = GatewayCommand::new(args.iter().copied());
    settings
        .iter()
        .fold(command, |command, (name, value)| command.env(*name, value))
}

/// A line to the database that can be cut, and the address at its near end.
async fn proxy_to(database: &TestDatabase) -> anyhow::Result<(TcpProxy, String)> {
    let (before, rest) = database.url().split_once('@').context("user@host")?;
    let (upstream, name) = rest.split_once('/').context("host/database")?;
    let proxy = TcpProxy::start(upstream).await?;
    let url = format!("{before}@{}/{name}", proxy.address());
    Ok((proxy, url))
}

/// The simulator as a process of its own, listening.
pub(crate) async fn start_simulator(http: &Client) -> anyhow::Result<GatewayProcess> {
    let command = GatewayCommand::new(["simulate-calcom", "--seed", "7"]);
    let listen = format!("127.0.0.1:{}", command.port());
    let simulator = command.arg("--listen").arg(listen).start().await?;
    let state = simulator.url("/_sim/state");
    until(Duration::from_secs(30), "the simulator listens", || async {
        http.get(&state).send().await.is_ok()
    })
    .await?;
    Ok(simulator)
}

async fn must_succeed(command: GatewayCommand) -> anyhow::Result<()> {
    let output = command.output().await?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the command failed: {errors}");
    Ok(())
}

/// Companies 15 and 20, their Cal.com at `calcom`.
pub(crate) fn setup_file(calcom: &str, hosts: usize) -> Value {
    let hours: serde_json::Map<_, _> = ["mon", "tue", "wed", "thu", "fri"]
        .map(|day| (day.to_owned(), json!([["08:00", "18:00"]])))
        .into_iter()
        .collect();
    let account = |company: i64| {
        json!({"base_url": calcom, "api_key": format!("cal_test_{company}"),
               "webhook_secret": format!("whsec_{company}")})
    };
    let staff: Vec<i64> = (1..=hosts as i64).collect();
    let service =
        |id: i64, branch: i64, name: &str, minutes: i64, event_type: i64, staff: &[i64]| {
            json!({"id": id, "branch_id": branch, "name": name, "duration_minutes": minutes,
               "calcom_event_type_id": event_type, "staff_ids": staff, "opening_hours": hours})
        };
    json!({"companies": [
        {"id": 15, "name": "Praxis Sonnenschein", "time_zone": "Europe/Berlin", "calcom": account(15),
         "retell": {"api_key": RETELL_KEY_15, "agent_ids": ["agent_15"], "numbers": ["+493012345678"]},
         "branches": [{"id": 9, "name": "Mitte"}],
         "staff": [{"id": 1, "name": "Anna Berg", "calcom_user_id": 501},
                   {"id": 2, "name": "Ben Vogt", "calcom_user_id": 502}],
         "services": [service(1, 9, "Beratung", 60, 2_563_193, &staff),
                      service(2, 9, "Kurztermin", 15, 2_563_194, &staff)],
         "api_keys": [{"token": KEY_15, "scopes": ["admin"]}]},
        {"id": 20, "name": "Studio Mondschein", "time_zone": "Europe/Berlin", "calcom": account(20),
         "branches": [{"id": 2, "name": "Nord"}],
         "staff": [{"id": 3, "name": "Clara Nacht", "calcom_user_id": 601}],
         "services": [service(3, 2, "Termin", 30, 2_563_299, &[3])],
         "api_keys": [{"token": KEY_20, "scopes": ["admin"]}]}
    ]})
}
