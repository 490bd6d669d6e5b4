//! The example program does what `docs/cache-keys.md` shows.

use std::fs;
use std::path::Path;

#[path = "../examples/touched_keys.rs"]
#[expect(dead_code, reason = "its `main` is for the terminal")]
mod touched_keys;

const COMMAND: &str = "cargo run -p booking-domain --example touched_keys -- ";

/// Red when the documented command, or what it is shown to print, is no longer what the example
/// does.
#[test]
fn the_documentation_shows_what_it_prints() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cache-keys.md");
    let page = fs::read_to_string(page).expect("the page");
    let (_, rest) = page.split_once(COMMAND).expect("the command");
    let (words, rest) = rest.split_once('\n').expect("its line");
    let shown = rest.split("```").nth(2).expect("a block of what it prints");
    let shown = shown.strip_prefix("text\n").expect("of text");
    let words: Vec<_> = words.split_whitespace().collect();
    assert_eq!(touched_keys::report(&words).expect("understood"), shown);
}

/// Red when an error does not say what to type instead.
#[test]
fn a_wrong_word_is_named_with_what_to_type() {
    for words in [
        &["x", "2025-10-13T08:00:00+02:00", "60"][..],
        &["7"],
        &["7", "monday", "60"],
    ] {
        let error = touched_keys::report(words).expect_err("wrong").to_string();
        assert!(
            error.contains("usage: touched_keys EVENT_TYPE START MINUTES"),
            "{error}"
        );
    }
}
