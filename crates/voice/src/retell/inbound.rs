//! Retell's inbound-call webhook: the caller hears it ring while we say who is calling. Every key is
//! always there and every value a text, or Retell would take nothing of it.

use std::time::Duration;

use booking_application::Greeting;
use booking_domain::tenant::Company;
use booking_domain::time::Instant;
use serde_json::{Value, json};

use super::lifecycle::facts;
use crate::auth::Admitted;
use crate::language::Lang;
use crate::language::speak::{self, Case};
use crate::port::Caller;
use crate::port::caller::country_of;
use crate::refused::Refused;
use crate::state::VoiceState;

/// Longer than this nobody is looked up: the answer is due within 150 ms.
const PATIENCE: Duration = Duration::from_millis(120);

/// The answer; refused where the sender may not ask.
pub(crate) async fn answer(
    state: &VoiceState,
    admitted: &Admitted,
    body: &[u8],
) -> Result<Value, Refused> {
    let root: Value = serde_json::from_slice(body).unwrap_or_default();
    let call = root.as_object().and_then(facts);
    admitted.owns(call.as_ref())?;
    let company = &admitted.setup.company;
    let (desk, id) = (state.desk.clone(), company.id);
    // The caller is about to ask for free times.
    tokio::spawn(async move { desk.expect_questions(id).await });
    let caller = Caller::of(call.as_ref(), country_of(company.time_zone));
    let greeting = match caller.phone() {
        None => Greeting::default(),
        Some(phone) => match tokio::time::timeout(PATIENCE, state.desk.greet(id, phone)).await {
            Ok(Ok(greeting)) => greeting,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a caller could not be looked up");
                Greeting::default()
            }
            Err(_) => {
                tracing::warn!("a caller was not looked up in time");
                Greeting::default()
            }
        },
    };
    let variables = variables(company, &greeting, state.desk.now());
    Ok(json!({"call_inbound": {"dynamic_variables": variables}}))
}

/// Texts only.
fn variables(company: &Company, greeting: &Greeting, now: Instant) -> Value {
    let lang = Lang::parse(&company.locale).unwrap_or(Lang::De);
    let today = company.time_zone.local(now).day;
    let next = greeting.next.map(|start| {
        let local = company.time_zone.local(start);
        let day = speak::day(lang, local.day, Case::On, today);
        let comma = if lang == Lang::De { "," } else { "" };
        format!("{day}{comma} {}", speak::at_time(lang, local.time))
    });
    let name = greeting.name.as_ref().map(|it| first_name(it.expose()));
    json!({
        "caller_known": greeting.is_known.to_string(),
        "first_name": name.unwrap_or_default(),
        "next_appointment": next.unwrap_or_default(),
        "language": lang.code(),
        "disclosure": disclosure(company, lang),
        "company_name": company.name,
        "today": speak::day(lang, today, Case::Subject, today),
    })
}

/// What callers are told at the beginning: that they speak with a machine.
fn disclosure(company: &Company, lang: Lang) -> String {
    let own = company.calls.disclosure.get(lang.code());
    if let Some(own) = own.filter(|it| !it.trim().is_empty()) {
        return own.trim().to_owned();
    }
    let name = speak::name(lang, &company.name);
    match lang {
        Lang::De => format!(
            "Sie sprechen mit dem digitalen Assistenten von {name}, einem Computerprogramm."
        ),
        Lang::En => {
            format!("You are speaking with the digital assistant of {name}, a computer program.")
        }
    }
}

/// Titles, and what stands before a family name.
const TITLES: [&str; 10] = [
    "herr",
    "frau",
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "doktor",
];

/// `Erika` of `Erika Muster`, `Muster, Erika` and `Dr. Erika Muster`; nothing of `Frau Muster`.
fn first_name(name: &str) -> String {
    let name = match name.split_once(',') {
        Some((_, after)) if !after.trim().is_empty() => after,
        _ => name,
    };
    let is_title = |word: &&str| {
        let word = word.trim_end_matches('.').to_lowercase();
        TITLES.contains(&word.as_str())
    };
    let titles = name.split_whitespace().take_while(is_title).count();
    let mut words = name.split_whitespace().skip(titles);
    let first = words.next().unwrap_or_default();
    // After a title one word alone is a family name.
    if titles > 0 && words.next().is_none() {
        return String::new();
    }
    first.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_names_are_found_or_left_out() {
        for (name, first) in [
            ("Erika Muster", "Erika"),
            ("Erika", "Erika"),
            ("Muster, Erika", "Erika"),
            ("Dr. Erika Muster", "Erika"),
            ("Prof. Dr. Jörg Müßig", "Jörg"),
            ("Frau Muster", ""),
            ("Herr Dr. Müßig", ""),
            ("Dr.", ""),
            ("Anna-Lena von der Au", "Anna-Lena"),
            ("Muster,", "Muster,"),
        ] {
            assert_eq!(first_name(name), first, "{name}");
        }
    }
}
