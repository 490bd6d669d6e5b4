//! Every source file says what it is for and stays short enough to read in one sitting.

use std::fs;
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 400;

/// Turns red when the first line of any file under `crates/*/src` is removed, or when a file grows
/// past 400 lines.
#[test]
fn every_source_file_opens_with_its_purpose_and_is_short() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut files = Vec::new();
    for folder in entries(&crates) {
        collect_sources(&folder.join("src"), &mut files);
    }
    assert!(
        files.len() > 20,
        "only {} files found under {}",
        files.len(),
        crates.display()
    );
    let offences: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let name = path
                .strip_prefix(&crates)
                .unwrap_or(path)
                .display()
                .to_string();
            offences(
                &name,
                &fs::read_to_string(path).expect("a source file is readable"),
            )
        })
        .collect();
    assert!(offences.is_empty(), "\n{}\n", offences.join("\n"));
}

fn offences(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//! ") {
        found.push(format!(
            "{name}: does not open with `//! ` and what it is for"
        ));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        found.push(format!(
            "{name}: {lines} lines, {MOST_LINES} at most: split it by topic"
        ));
    }
    found
}

fn collect_sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() {
            collect_sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Sorted, so that the list of offenders is the same everywhere; empty where there is no folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn a_file_without_header_or_too_long_is_an_offence() {
    assert_eq!(
        offences("a.rs", "//! Says it.\nfn f() {}\n"),
        Vec::<String>::new()
    );
    assert_eq!(offences("a.rs", "fn f() {}\n").len(), 1);
    assert_eq!(offences("a.rs", &"\n".repeat(MOST_LINES + 1)).len(), 2);
}
