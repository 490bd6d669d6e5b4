//! `tenant`: companies and what can be booked there.

use std::path::Path;

use anyhow::{Context, bail};
use booking_application::key_digest;
use booking_domain::ids::CompanyId;
use booking_domain::tenant::{CompanyEntry, SetupFile};
use booking_voice::check_own_texts;
use serde_json::json;

use super::{output, prepare};
use crate::cli::TenantCommand;
use crate::wiring::{OpenStore, open_store, with_sealed_setup};

pub(crate) async fn run(file: Option<&Path>, command: TenantCommand) -> anyhow::Result<()> {
    let config = prepare(file)?;
    let store = with_sealed_setup(open_store(&config).await?, &config)?;
    match command {
        TenantCommand::Import { file } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("the set-up file {} cannot be read", file.display()))?;
            let setup = parse(&text)
                .with_context(|| format!("the set-up file {} is not right", file.display()))?;
            import(&store, &setup).await
        }
        TenantCommand::Create {
            id,
            name,
            time_zone,
        } => {
            let entry = CompanyEntry {
                id: id.to_string().parse::<CompanyId>()?,
                name,
                time_zone: time_zone.parse()?,
                locale: "de".to_owned(),
                calcom: None,
                retell: Default::default(),
                texts: Default::default(),
                calls: Default::default(),
                messages: Default::default(),
                branches: vec![],
                staff: vec![],
                services: vec![],
                api_keys: vec![],
            };
            if store.ports.setup.load(entry.id).await?.is_some() {
                bail!("company {id} exists; change it with `tenant import`");
            }
            let companies = vec![entry];
            import(&store, &without_problems(SetupFile { companies })?).await
        }
        TenantCommand::List { json } => list(&store, json).await,
    }
}

/// Reads a set-up file, with everything that is wrong with it at once.
pub(crate) fn parse(text: &str) -> anyhow::Result<SetupFile> {
    without_problems(serde_json::from_str(text)?)
}

fn without_problems(file: SetupFile) -> anyhow::Result<SetupFile> {
    let problems = file.problems().into_iter().map(|it| it.to_string());
    let lines: Vec<_> = problems
        .chain(unspeakable(&file))
        .map(|problem| format!("\n  {problem}"))
        .collect();
    if !lines.is_empty() {
        bail!("nothing was imported:{}", lines.concat());
    }
    Ok(file)
}

/// What companies' own sentences would sound like, where that is wrong.
fn unspeakable(file: &SetupFile) -> Vec<String> {
    let of_company = |company: &CompanyEntry| {
        let problems = check_own_texts(&company.texts, company.time_zone);
        let id = company.id;
        let told = problems.into_iter();
        told.map(move |problem| format!("company {id}, {problem}"))
    };
    file.companies.iter().flat_map(of_company).collect()
}

/// Brings the companies of the file into the store.
pub(crate) async fn import(store: &OpenStore, file: &SetupFile) -> anyhow::Result<()> {
    store
        .ports
        .setup
        .import(file, &|token| key_digest(token))
        .await?;
    for company in &file.companies {
        let (id, name, services) = (company.id, &company.name, company.services.len());
        output::line(format!("Company {id} \"{name}\": {services} services"));
    }
    Ok(())
}

async fn list(store: &OpenStore, as_json: bool) -> anyhow::Result<()> {
    let companies = store.ports.setup.companies().await?;
    if as_json {
        let rows: Vec<_> = companies
            .iter()
            .map(|it| json!({"id": it.id, "name": it.name, "time_zone": it.time_zone}))
            .collect();
        output::json(&json!(rows));
    } else {
        for company in companies {
            output::line(format!(
                "{:>6}  {}  ({})",
                company.id, company.name, company.time_zone
            ));
        }
    }
    Ok(())
}
