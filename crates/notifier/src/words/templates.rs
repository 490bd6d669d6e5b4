//! The templates, compiled in. A name that ends in `.html` is escaped, every other is not.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

/// Every template with its name.
macro_rules! named {
    ($($lang:literal: $($kind:literal)+;)+) => {
        &[$($(
            (concat!($lang, "/", $kind, ".subject.txt"),
             include_str!(concat!("../../templates/", $lang, "/", $kind, ".subject.txt"))),
            (concat!($lang, "/", $kind, ".mail.txt"),
             include_str!(concat!("../../templates/", $lang, "/", $kind, ".mail.txt"))),
            (concat!($lang, "/", $kind, ".mail.html"),
             include_str!(concat!("../../templates/", $lang, "/", $kind, ".mail.html"))),
            (concat!($lang, "/", $kind, ".sms.txt"),
             include_str!(concat!("../../templates/", $lang, "/", $kind, ".sms.txt"))),
        )+)+]
    };
}

const KINDS: &[(&str, &str)] = named! {
    "de": "booked" "rescheduled" "cancelled" "reminder" "campaign";
    "en": "booked" "rescheduled" "cancelled" "reminder" "campaign";
};

/// What several of them share.
const SHARED: &[(&str, &str)] = &[
    ("layout.html", include_str!("../../templates/layout.html")),
    (
        "de/facts.html",
        include_str!("../../templates/de/facts.html"),
    ),
    (
        "en/facts.html",
        include_str!("../../templates/en/facts.html"),
    ),
    ("de/facts.txt", include_str!("../../templates/de/facts.txt")),
    ("en/facts.txt", include_str!("../../templates/en/facts.txt")),
    ("de/end.html", include_str!("../../templates/de/end.html")),
    ("en/end.html", include_str!("../../templates/en/end.html")),
    ("de/end.txt", include_str!("../../templates/de/end.txt")),
    ("en/end.txt", include_str!("../../templates/en/end.txt")),
];

/// A letter needs some hundred steps.
const MOST_STEPS: u64 = 20_000;

pub(super) static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A line that holds a tag only leaves no empty line behind.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax.expect("the usual marks differ from each other"));
    environment.set_fuel(Some(MOST_STEPS));
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    for (name, source) in KINDS.iter().chain(SHARED) {
        environment
            .add_template(name, source)
            .expect("our own templates have no mistakes, as tests show");
    }
    environment
});
