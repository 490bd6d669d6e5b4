//! What the documentation says is so: commands exist, keys are known, files can be imported, links
//! lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::run::{Home, failure, gateway, output, run, says};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// README, CONTRIBUTING and everything under `docs`, by path from the root.
fn pages() -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut files = vec![PathBuf::from("README.md"), PathBuf::from("CONTRIBUTING.md")];
    for folder in ["docs", "docs/adr"] {
        for entry in fs::read_dir(root().join(folder))? {
            files.push(Path::new(folder).join(entry?.file_name()));
        }
    }
    files.retain(|file| file.extension().is_some_and(|it| it == "md"));
    files
        .into_iter()
        .map(|file| Ok((file.clone(), fs::read_to_string(root().join(file))?)))
        .collect()
}

fn page(name: &str) -> anyhow::Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| name.to_owned())
}

/// Spans of code in a line and whole lines of code blocks.
fn code(text: &str) -> Vec<String> {
    let (mut found, mut fenced) = (Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            let plain = line.split(" #").next().unwrap_or_default().trim();
            found.push(plain.trim_start_matches("$ ").to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// The words after the program's name, from `booking-gateway …` and `cargo run … -- …`.
fn commands() -> anyhow::Result<BTreeSet<Vec<String>>> {
    let mut found = BTreeSet::new();
    for (_, text) in pages()? {
        for span in code(&text) {
            let rest = match (
                span.strip_prefix("booking-gateway "),
                span.split_once(" -- "),
            ) {
                (Some(rest), _) => rest,
                // Examples are run by the tests of their crates.
                (None, Some((before, _))) if before.contains("--example") => continue,
                (None, Some((before, rest))) if before.starts_with("cargo run") => rest,
                _ => continue,
            };
            let words = rest.split_whitespace().map(|it| it.trim_end_matches(','));
            found.insert(words.map(str::to_owned).collect());
        }
    }
    Ok(found)
}

/// Turns red when a command or an option is renamed and the documentation is not.
#[tokio::test]
async fn every_command_in_the_documentation_is_understood() -> anyhow::Result<()> {
    let commands = commands()?;
    assert!(commands.len() >= 10, "{commands:#?}");
    for words in &commands {
        // What stands for something else ends the part that can be checked.
        let typed = words.iter().take_while(|it| !it.contains('…'));
        let typed: Vec<_> = typed.map(String::as_str).chain(["--help"]).collect();
        let ran = run(gateway(&typed)).await?;
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.err);
        let first = words[0].as_str();
        says(&ran.out, &["Usage: booking-gateway", first]);
    }
    Ok(())
}

/// Turns red when a subcommand of the table in the README does not exist.
#[tokio::test]
async fn mentioned_subcommands_exist() -> anyhow::Result<()> {
    let text = page("README.md")?;
    for command in [
        "cache keys",
        "cache inspect",
        "cache clear",
        "cache warm",
        "events list",
        "tenant import",
        "simulate-calcom",
        "migrate",
    ] {
        assert!(text.contains(command), "the README mentions {command}");
        let args: Vec<_> = command.split(' ').chain(["--help"]).collect();
        says(&output(gateway(&args)).await?, &[command]);
    }
    Ok(())
}

/// Turns red when the set-up file's format moves on and its example does not.
#[tokio::test]
async fn the_smallest_real_installation_works_as_described() -> anyhow::Result<()> {
    let home = Home::new()?;
    let example = root().join("docs/examples/company.json");
    let example = example.to_str().context("the path is text")?;
    let imported = output(home.command(&["tenant", "import", example])).await?;
    says(
        &imported,
        &["Company 15 \"Praxis Sonnenschein\": 1 services"],
    );
    let again = output(home.command(&["tenant", "import", example])).await?;
    assert_eq!(again, imported);
    let mut serving = home.command(&["serve"]).start().await?;
    serving.wait_ready().await
}

/// Turns red when a field of the set-up file is renamed without its line in the table.
#[test]
fn every_field_of_the_example_is_explained() -> anyhow::Result<()> {
    fn names(value: &serde_json::Value, found: &mut BTreeSet<String>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            found.insert(name.clone());
            // Its members are days, not fields.
            if name != "opening_hours" {
                names(value, found);
            }
        }
        for value in value.as_array().into_iter().flatten() {
            names(value, found);
        }
    }
    let mut fields = BTreeSet::new();
    names(
        &serde_json::from_str(&page("docs/examples/company.json")?)?,
        &mut fields,
    );
    let text = page("docs/set-up.md")?;
    for field in fields.difference(&["companies", "staff", "services"].map(str::to_owned).into()) {
        let found = text.contains(&format!("`{field}`")) || text.contains(&format!("\"{field}\""));
        assert!(found, "docs/set-up.md does not explain {field}");
    }
    Ok(())
}

/// The names in docs/configuration.md, `<NAME>` filled in.
fn documented_keys() -> anyhow::Result<BTreeSet<String>> {
    let text = page("docs/configuration.md")?;
    let spans = code(&text).into_iter();
    let names = spans.filter(|it| it.starts_with("BOOKING__") && it.len() > "BOOKING__".len());
    Ok(names
        .map(|it| it.replace("<NAME>", "INVALIDATE_CACHES"))
        .collect())
}

/// Turns red when the program stops to know a documented key.
#[tokio::test]
async fn every_documented_key_is_known() -> anyhow::Result<()> {
    let keys = documented_keys()?;
    assert!(keys.len() >= 30, "{keys:#?}");
    for key in &keys {
        // A wrong value is told as such: only an unknown key is told as unknown.
        let ran = run(gateway(&["events", "list"]).env(key, "1")).await?;
        assert!(
            !ran.err.contains("no configuration key"),
            "{key}: {}",
            ran.err
        );
    }
    Ok(())
}

/// Turns red when a key is added to the program and not to the documentation: its names are read
/// from the program's own source, and the program is asked about each.
#[tokio::test]
async fn every_key_of_the_program_is_documented() -> anyhow::Result<()> {
    let source = page("crates/app/src/config/keys.rs")?;
    let rows = source
        .lines()
        .filter(|line| line.contains("Use::Now)") || line.contains("Use::Later)"));
    let keys: Vec<_> = rows.filter_map(|row| row.split('"').nth(1)).collect();
    assert!(keys.len() >= 30, "{keys:?}");
    let documented = documented_keys()?;
    for key in keys {
        let name = format!("BOOKING__{}", key.replace('.', "__").to_uppercase());
        assert!(
            documented.contains(&name),
            "docs/configuration.md lacks {name}"
        );
    }
    let said = failure(gateway(&["events", "list"]).env("BOOKING__SURPRISE", "1")).await?;
    says(&said, &["surprise", "docs/configuration.md"]);
    Ok(())
}

/// Turns red when the example file of the configuration page names a key that is unknown.
#[tokio::test]
async fn the_example_configuration_file_is_read() -> anyhow::Result<()> {
    let text = page("docs/configuration.md")?;
    let toml = text
        .split("```toml\n")
        .nth(1)
        .and_then(|it| it.split("```").next());
    let home = Home::new()?;
    let file = home.file("gateway.toml", toml.context("an example")?)?;
    let listed = output(gateway(&["--config", &file, "events", "list"])).await?;
    says(&listed, &["invalidate_caches", "on"]);
    let wrong = home.file(
        "wrong.toml",
        &toml.unwrap_or_default().replace("ttl", "tll"),
    )?;
    let said = failure(gateway(&["--config", &wrong, "events", "list"])).await?;
    says(&said, &["cache.tll_seconds", "cache.ttl_seconds"]);
    Ok(())
}

/// Where a page's links lead, those to the outside left out.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets.filter(|it| !it.contains("://") && !it.starts_with("mailto:"))
}

/// The anchor of a heading, as the usual sites make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}

/// Turns red when a page is moved or a heading renamed while something points to it.
#[test]
fn links_between_pages_lead_somewhere() -> anyhow::Result<()> {
    let mut broken = Vec::new();
    for (file, text) in pages()? {
        for link in links(&text) {
            let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
            let folder = file.parent().unwrap_or(Path::new(""));
            let target = match path {
                "" => root().join(&file),
                path => root().join(folder).join(path),
            };
            let there = target.exists();
            let heads = match wanted {
                "" => true,
                wanted => fs::read_to_string(&target)
                    .unwrap_or_default()
                    .lines()
                    .any(|line| {
                        line.starts_with('#') && anchor(line.trim_start_matches('#')) == wanted
                    }),
            };
            if !there || !heads {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    Ok(())
}

/// Turns red when an error code is answered that docs/errors.md does not explain.
#[test]
fn every_error_code_is_explained() -> anyhow::Result<()> {
    let table = page("crates/http-api/src/problem/table.rs")?;
    let table = table
        .split("TABLE: &[Row]")
        .nth(1)
        .and_then(|it| it.split("];").next());
    let rows = table.context("the table")?.split("row(").skip(1);
    let codes: Vec<_> = rows.filter_map(|row| row.split('"').nth(1)).collect();
    assert!(codes.len() >= 30, "{codes:?}");
    let text = page("docs/errors.md")?;
    for code in codes {
        let heading = format!("### {code}");
        assert!(
            text.lines().any(|line| line == heading),
            "docs/errors.md lacks {code}"
        );
    }
    Ok(())
}
