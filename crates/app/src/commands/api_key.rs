//! `api-key`: keys for the API.

use std::path::Path;

use anyhow::bail;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use booking_application::key_digest;
use booking_domain::ids::CompanyId;
use booking_domain::ports::{ApiKeyRecord, Scope};
use booking_domain::time::Span;
use serde_json::json;

use super::{output, prepare};
use crate::cli::ApiKeyCommand;
use crate::wiring::{OpenStore, clock, ids, open_store};

/// Characters of a key's secret that are kept in clear, for people to tell keys apart.
const KNOWN_CHARS: usize = 8;

pub(crate) async fn run(file: Option<&Path>, command: ApiKeyCommand) -> anyhow::Result<()> {
    let config = prepare(file)?;
    let store = open_store(&config).await?;
    let (ApiKeyCommand::Create { company, .. }
    | ApiKeyCommand::Revoke { company, .. }
    | ApiKeyCommand::List { company, .. }) = &command;
    let known = store.ports.setup.load(CompanyId::new(*company)).await?;
    if known.is_none() {
        bail!("there is no company {company}; `tenant list` shows those there are");
    }
    match command {
        ApiKeyCommand::Create {
            company,
            scopes,
            expires_in_days,
        } => create(&store, CompanyId::new(company), &scopes, expires_in_days).await,
        ApiKeyCommand::Revoke { company, prefix } => {
            if !store
                .ports
                .keys
                .revoke(CompanyId::new(company), &prefix, clock().now())
                .await?
            {
                bail!("company {company} has no key that begins with {prefix}");
            }
            output::line(format!("{prefix}… is revoked."));
            Ok(())
        }
        ApiKeyCommand::List { company, json } => list(&store, CompanyId::new(company), json).await,
    }
}

async fn create(
    store: &OpenStore,
    company: CompanyId,
    scopes: &[String],
    expires_in_days: Option<u32>,
) -> anyhow::Result<()> {
    let scopes = scopes
        .iter()
        .map(|text| {
            Scope::parse(text)
                .ok_or_else(|| anyhow::anyhow!("'{text}' is no scope: use read, book, admin"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let now = clock().now();
    let secret = URL_SAFE_NO_PAD.encode(ids().secret_bytes());
    let owner = format!("bk_{company}_");
    let prefix_chars = owner.len() + KNOWN_CHARS;
    let token = owner + &secret;
    let key = ApiKeyRecord {
        digest: key_digest(&token),
        prefix: token.chars().take(prefix_chars).collect(),
        company,
        scopes,
        created_at: now,
        expires_at: expires_in_days.map(|days| now + Span::days(i64::from(days))),
        revoked_at: None,
    };
    store.ports.keys.create(&key).await?;
    output::line(&token);
    tracing::info!(%company, prefix = key.prefix, "an API key was made; it is shown this once");
    Ok(())
}

async fn list(store: &OpenStore, company: CompanyId, as_json: bool) -> anyhow::Result<()> {
    let now = clock().now();
    let keys = store.ports.keys.list(company).await?;
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
            json!({
                "prefix": key.prefix, "scopes": scopes, "created_at": key.created_at,
                "expires_at": key.expires_at, "revoked_at": key.revoked_at,
                "valid": key.is_valid(now),
            })
        })
        .collect();
    if as_json {
        output::json(&json!(rows));
        return Ok(());
    }
    for key in keys {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let state = if key.is_valid(now) {
            "valid"
        } else {
            "refused"
        };
        output::line(format!(
            "{}…  {}  {state}  since {}",
            key.prefix,
            scopes.join(","),
            key.created_at
        ));
    }
    Ok(())
}
