//! Who may depend on whom. The crate tree is the architecture; this test keeps it so.
//!
//! ```text
//!                  app
//!      ┌───────────┼───────────────┐
//! http-api voice web-ui worker   postgres sqlite redis-cache memory-cache calcom-client notifier
//!      └─► booking-application ─►  booking-domain  ◄─┘
//! ```

use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

const DOMAIN: &str = "booking-domain";
const APPLICATION: &str = "booking-application";

/// Which crates of this workspace each crate may use in production.
const EDGES: &[(&str, &[&str])] = &[
    (DOMAIN, &[]),
    (APPLICATION, &[DOMAIN]),
    // Driven: they see the domain, never each other, never the application.
    ("booking-postgres", &[DOMAIN]),
    ("booking-sqlite", &[DOMAIN]),
    ("booking-redis-cache", &[DOMAIN]),
    ("booking-memory-cache", &[DOMAIN]),
    ("booking-calcom-client", &[DOMAIN]),
    ("booking-notifier", &[DOMAIN]),
    // Driving: they see the application and the domain.
    ("booking-http-api", &[APPLICATION, DOMAIN]),
    ("booking-voice", &[APPLICATION, DOMAIN]),
    ("booking-web-ui", &[APPLICATION, DOMAIN]),
    ("booking-worker", &[APPLICATION, DOMAIN]),
    // Beside the hexagon.
    ("booking-telemetry", &[]),
    ("booking-calcom-simulator", &[]),
    ("booking-call-simulator", &[]),
    // The composition root is the only crate that names adapters.
    (
        "booking-gateway",
        &[
            DOMAIN,
            APPLICATION,
            "booking-postgres",
            "booking-sqlite",
            "booking-redis-cache",
            "booking-memory-cache",
            "booking-calcom-client",
            "booking-notifier",
            "booking-http-api",
            "booking-voice",
            "booking-web-ui",
            "booking-worker",
            "booking-telemetry",
            "booking-calcom-simulator",
            "booking-call-simulator",
        ],
    ),
    // Tests only. No crate may have these two among its production dependencies.
    ("booking-test-support", &[DOMAIN, APPLICATION]),
    ("booking-e2e", &[]),
];

/// The only outside crates the domain may name. None of them does input or output, reads a clock or
/// brings a runtime.
const DOMAIN_ALLOWS: &[&str] = &[
    "serde",
    "serde_json",
    "thiserror",
    "uuid",
    "chrono",
    "chrono-tz",
    "async-trait",
    "proptest",
];

/// Outside crates that belong to a few crates of ours.
const OWNERS: &[(&str, &[&str])] = &[
    ("sqlx", &["booking-postgres"]),
    ("rusqlite", &["booking-sqlite"]),
    ("redis", &["booking-redis-cache"]),
    ("deadpool-redis", &["booking-redis-cache"]),
    ("lettre", &["booking-notifier"]),
    (
        "reqwest",
        &[
            "booking-calcom-client",
            "booking-notifier",
            "booking-calcom-simulator",
            "booking-call-simulator",
        ],
    ),
    (
        "axum",
        &[
            "booking-http-api",
            "booking-voice",
            "booking-web-ui",
            "booking-calcom-simulator",
            "booking-gateway",
        ],
    ),
];

/// Turns red when `tokio.workspace = true` is added to the dependencies of `booking-domain`.
#[test]
fn the_workspace_keeps_its_dependency_rules() {
    let found = violations(&Graph::of_this_workspace());
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// What the manifests of a workspace declare.
struct Graph {
    packages: Vec<Package>,
}

struct Package {
    name: String,
    dependencies: Vec<Dependency>,
    /// The text of its `Cargo.toml`.
    manifest: String,
}

struct Dependency {
    name: String,
    /// Needed to run, not only to test.
    production: bool,
    default_features: bool,
    features: Vec<String>,
}

impl Package {
    fn production(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|used| used.production)
    }
}

impl Graph {
    fn of_this_workspace() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let mut command = MetadataCommand::new();
        command
            .manifest_path(root)
            .no_deps()
            .other_options(["--locked".to_owned()]);
        let metadata = command
            .exec()
            .expect("cargo metadata describes this workspace");
        let packages = metadata.packages.into_iter().map(|package| Package {
            manifest: fs::read_to_string(&package.manifest_path).expect("a manifest is readable"),
            dependencies: package
                .dependencies
                .into_iter()
                .map(Dependency::from)
                .collect(),
            name: package.name.to_string(),
        });
        Self {
            packages: packages.collect(),
        }
    }
}

impl From<cargo_metadata::Dependency> for Dependency {
    fn from(declared: cargo_metadata::Dependency) -> Self {
        Self {
            production: declared.kind != DependencyKind::Development,
            name: declared.name,
            default_features: declared.uses_default_features,
            features: declared.features,
        }
    }
}

/// Every broken rule, a sentence each.
fn violations(graph: &Graph) -> Vec<String> {
    let ours: Vec<&str> = graph
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut found = Vec::new();
    for package in &graph.packages {
        found.extend(forbidden_edges(package, &ours));
        found.extend(borrowed_crates(package));
        found.extend(careless_manifest(package));
        if package.name == DOMAIN {
            found.extend(impure_domain(package, &ours));
        }
    }
    found
}

fn forbidden_edges(package: &Package, ours: &[&str]) -> Vec<String> {
    let name = &package.name;
    let Some((_, allowed)) = EDGES.iter().find(|(row, _)| row == name) else {
        return vec![format!(
            "{name} has no row in the table of allowed edges: decide its place"
        )];
    };
    package
        .production()
        .map(|dependency| dependency.name.as_str())
        .filter(|used| ours.contains(used) && !allowed.contains(used))
        .map(|used| format!("{name} must not depend on {used}"))
        .collect()
}

fn borrowed_crates(package: &Package) -> Vec<String> {
    package
        .production()
        .filter_map(|dependency| {
            OWNERS
                .iter()
                .find(|(outside, _)| *outside == dependency.name)
        })
        .filter(|(_, owners)| !owners.contains(&package.name.as_str()))
        .map(|(outside, owners)| {
            format!(
                "{} must not use {outside}; only {} may",
                package.name,
                owners.join(", ")
            )
        })
        .collect()
}

fn impure_domain(domain: &Package, ours: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for dependency in &domain.dependencies {
        let name = dependency.name.as_str();
        // Test dependencies too: a test that needs an adapter is not a test of the domain.
        if ours.contains(&name) {
            found.push(format!(
                "booking-domain must not depend on {name}, not even in tests"
            ));
        } else if dependency.production && !DOMAIN_ALLOWS.contains(&name) {
            found.push(format!(
                "booking-domain must not depend on {name}: it is to stay pure"
            ));
        }
        let clock = dependency.default_features || dependency.features.iter().any(|f| f == "clock");
        if name == "chrono" && clock {
            found.push("booking-domain must use chrono without `clock`: time comes in".to_owned());
        }
    }
    found
}

/// Lints and versions come from the workspace. `cargo metadata` does not tell, the text does.
fn careless_manifest(package: &Package) -> Vec<String> {
    let name = &package.name;
    let mut found = Vec::new();
    let mut section = "";
    let mut linted = false;
    for line in package.manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        } else if section == "lints" {
            linted |= line == "workspace = true";
        } else if section.ends_with("dependencies")
            && !line.is_empty()
            && !line.starts_with('#')
            && !line.contains("workspace = true")
        {
            found.push(format!(
                "{name} must take its version from the workspace: {line}"
            ));
        }
    }
    if !linted {
        found.push(format!("{name} must have `[lints] workspace = true`"));
    }
    found
}

/// That the rules can fail: made-up workspaces, each with one fault.
mod the_rules_can_fail {
    use super::*;

    const TIDY: &str = "[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n";

    fn package(name: &str, dependencies: Vec<Dependency>) -> Package {
        Package {
            name: name.to_owned(),
            dependencies,
            manifest: TIDY.to_owned(),
        }
    }

    fn on(name: &str) -> Dependency {
        Dependency {
            name: name.to_owned(),
            production: true,
            default_features: false,
            features: vec!["std".to_owned()],
        }
    }

    fn in_tests_on(name: &str) -> Dependency {
        let production = false;
        Dependency {
            production,
            ..on(name)
        }
    }

    /// The violations of a small sound workspace to which one package was added.
    fn with(added: Package) -> Vec<String> {
        let mut packages = vec![
            package(
                "booking-domain",
                vec![on("serde"), on("chrono"), in_tests_on("proptest")],
            ),
            package("booking-application", vec![on("booking-domain")]),
            package("booking-postgres", vec![on("booking-domain"), on("sqlx")]),
            package("booking-test-support", vec![on("booking-domain")]),
        ];
        packages.retain(|package| package.name != added.name);
        packages.push(added);
        violations(&Graph { packages })
    }

    #[test]
    fn a_sound_workspace_has_no_violations() {
        let uses = vec![
            on("booking-domain"),
            on("rusqlite"),
            in_tests_on("booking-test-support"),
        ];
        assert_eq!(with(package("booking-sqlite", uses)), Vec::<String>::new());
    }

    #[test]
    fn domain_with_tokio() {
        let found = with(package("booking-domain", vec![on("serde"), on("tokio")]));
        assert_eq!(
            found,
            ["booking-domain must not depend on tokio: it is to stay pure"]
        );
    }

    #[test]
    fn domain_with_a_clock_or_an_adapter_in_tests() {
        let mut chrono = on("chrono");
        chrono.features.push("clock".to_owned());
        assert_eq!(with(package("booking-domain", vec![chrono])).len(), 1);
        let mut chrono = on("chrono");
        chrono.default_features = true;
        assert_eq!(with(package("booking-domain", vec![chrono])).len(), 1);
        let uses = vec![in_tests_on("booking-postgres")];
        assert_eq!(with(package("booking-domain", uses)).len(), 1);
    }

    #[test]
    fn an_adapter_that_sees_another_or_the_application() {
        let uses = vec![on("booking-postgres"), on("booking-application")];
        let found = with(package("booking-sqlite", uses));
        let must_not = "booking-sqlite must not depend on";
        let used = ["booking-postgres", "booking-application"];
        assert_eq!(found, used.map(|name| format!("{must_not} {name}")));
    }

    #[test]
    fn production_code_that_needs_test_support() {
        let uses = vec![on("booking-test-support")];
        assert_eq!(with(package("booking-voice", uses)).len(), 1);
    }

    #[test]
    fn an_outside_crate_in_the_wrong_place() {
        let found = with(package(
            "booking-application",
            vec![on("booking-domain"), on("sqlx")],
        ));
        assert_eq!(
            found,
            ["booking-application must not use sqlx; only booking-postgres may"]
        );
    }

    #[test]
    fn a_crate_nobody_placed() {
        assert!(with(package("booking-extra", vec![]))[0].contains("no row in the table"));
    }

    #[test]
    fn a_manifest_with_its_own_version_or_without_lints() {
        let mut careless = package("booking-worker", vec![]);
        careless.manifest = "[dev-dependencies]\nserde = \"1\"\n".to_owned();
        let found = with(careless);
        assert!(
            found[0].ends_with("from the workspace: serde = \"1\""),
            "{found:?}"
        );
        assert!(
            found[1].ends_with("must have `[lints] workspace = true`"),
            "{found:?}"
        );
    }
}
