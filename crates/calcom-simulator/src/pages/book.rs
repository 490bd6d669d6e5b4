//! `/book/{event type}`: choose a day, choose a time, say who you are.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Map;

use super::calendar::{self, Calendar};
use super::html::{alert, escape, not_found, page};
use crate::api::{Operation, explain};
use crate::contact::{is_email, is_phone};
use crate::engine::Tell;
use crate::format::{parse_instant, utc_seconds};
use crate::sim::Sim;
use crate::store::create::{NewBooking, Policy};
use crate::store::{Attendee, Origin, Span};
use crate::world::{EventType, World};

/// What the address says; everything may be missing or nonsense.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    day: String,
    #[serde(default)]
    start: String,
    /// Uid of a booking that is being moved.
    #[serde(default, rename = "move")]
    moving: String,
}

/// The form.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Details {
    #[serde(default)]
    start: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
}

pub(super) async fn show(
    State(sim): State<Arc<Sim>>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let world = sim.world();
    let Some(event_type) = find(&world, &id) else {
        return unknown(&id);
    };
    let start = parse_instant(&wanted.start);
    match start {
        Some(start) if wanted.moving.is_empty() => {
            let details = Details {
                start: utc_seconds(start),
                ..Details::default()
            };
            page_for_details(event_type, start, &details, None)
        }
        Some(start) => page_for_move(event_type, start, &wanted.moving),
        None => page_for_choice(&sim, event_type, &wanted, None),
    }
}

pub(super) async fn submit(
    State(sim): State<Arc<Sim>>,
    Path(id): Path<String>,
    Form(details): Form<Details>,
) -> Response {
    let world = sim.world();
    let Some(event_type) = find(&world, &id) else {
        return unknown(&id);
    };
    let Some(start) = parse_instant(&details.start) else {
        let problem = Some("Please choose a time first.");
        return page_for_choice(&sim, event_type, &Wanted::default(), problem);
    };
    let attendee = match attendee(event_type, &details) {
        Ok(attendee) => attendee,
        Err(problem) => return page_for_details(event_type, start, &details, Some(problem)),
    };
    let new = NewBooking {
        event_type_id: event_type.id,
        start,
        length: None,
        attendee,
        guests: Vec::new(),
        metadata: Map::new(),
        responses: Map::new(),
        location: None,
        wanted_hosts: Vec::new(),
        origin: Origin::Page,
    };
    match sim.create(new, Policy::default(), Tell::Subscribers).await {
        Ok(created) => Redirect::to(&format!("/booking/{}", created.booking().uid)).into_response(),
        Err(refusal) => {
            let error = explain(refusal, Operation::Create);
            let day = start
                .with_timezone(&event_type.time_zone)
                .date_naive()
                .to_string();
            let wanted = Wanted {
                day,
                ..Wanted::default()
            };
            let text = format!(
                "That did not work: {}. Please choose another time.",
                error.message()
            );
            page_for_choice(&sim, event_type, &wanted, Some(&text))
        }
    }
}

pub(super) fn find<'a>(world: &'a World, id: &str) -> Option<&'a EventType> {
    world
        .event_type(id.parse().ok()?)
        .map(|(_, event_type)| event_type)
}

fn unknown(id: &str) -> Response {
    not_found(&format!("There is no event type {id} here."))
}

fn attendee(event_type: &EventType, details: &Details) -> Result<Attendee, &'static str> {
    let name = details.name.trim();
    let email = details.email.trim();
    let phone: String = details
        .phone
        .chars()
        .filter(|character| !matches!(character, ' ' | '-' | '/' | '(' | ')' | '.'))
        .collect();
    if name.is_empty() {
        return Err("Please enter your name.");
    }
    if !is_email(email) {
        return Err("Please enter an e-mail address such as name@mail.example.");
    }
    if !phone.is_empty() && !is_phone(&phone) {
        return Err(
            "Please enter the phone number with its country code, such as +49 170 1234567.",
        );
    }
    Ok(Attendee {
        name: name.to_owned(),
        email: email.to_owned(),
        phone: (!phone.is_empty()).then_some(phone),
        time_zone: event_type.time_zone,
        language: "en".to_owned(),
        absent: false,
        seat_uid: None,
    })
}

fn heading(event_type: &EventType) -> String {
    format!(
        "<h1>{}</h1>\n<p class=\"soft\">{} minutes · times in {}</p>",
        escape(&event_type.title),
        event_type.length_in_minutes,
        event_type.time_zone
    )
}

fn page_for_choice(
    sim: &Sim,
    event_type: &EventType,
    wanted: &Wanted,
    problem: Option<&str>,
) -> Response {
    let moving = (!wanted.moving.is_empty()).then_some(wanted.moving.as_str());
    let day = wanted.day.parse::<NaiveDate>().ok();
    let calendar = calendar::look(sim, event_type, day, moving);
    let hidden = moving.map_or_else(String::new, |uid| {
        format!(
            "<input type=\"hidden\" name=\"move\" value=\"{}\">",
            escape(uid)
        )
    });
    let body = format!(
        "{}{}\n<section class=\"card\" aria-labelledby=\"day\">\n<h2 id=\"day\">Choose a day</h2>\n\
         {}\n<form method=\"get\" class=\"row\">\n{hidden}<div class=\"field\">\
         <label for=\"date\">Another day</label>\
         <input id=\"date\" type=\"date\" name=\"day\" value=\"{}\" required></div>\
         <button>Show</button></form>\n</section>\n{}",
        heading(event_type),
        alert(problem),
        days(&calendar, moving),
        calendar.chosen.date,
        times(&calendar, event_type, &hidden),
    );
    let status = if problem.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::OK
    };
    page(status, &format!("Book {}", event_type.title), &body)
}

fn days(calendar: &Calendar, moving: Option<&str>) -> String {
    if calendar.days.is_empty() {
        return "<p>Nothing is free in the next four weeks.</p>".to_owned();
    }
    let suffix = moving.map_or_else(String::new, |uid| format!("&amp;move={}", escape(uid)));
    let items: Vec<String> = calendar
        .days
        .iter()
        .map(|day| {
            let current = if day.date == calendar.chosen.date {
                " aria-current=\"date\""
            } else {
                ""
            };
            format!(
                "<li><a href=\"?day={}{suffix}\"{current}>{}<br>{}<small>{} free</small></a></li>",
                day.date,
                calendar::weekday(day.date),
                calendar::short_day(day.date),
                day.slots.len()
            )
        })
        .collect();
    format!("<ul class=\"days\">{}</ul>", items.join("\n"))
}

fn times(calendar: &Calendar, event_type: &EventType, hidden: &str) -> String {
    let day = calendar::long_day(calendar.chosen.date);
    let buttons: Vec<String> = calendar
        .chosen
        .slots
        .iter()
        .map(|start| {
            let local = start.with_timezone(&event_type.time_zone);
            format!(
                "<li><button name=\"start\" value=\"{}\" aria-label=\"{}, {}\">{}</button></li>",
                utc_seconds(*start),
                local.format("%H:%M"),
                day,
                local.format("%H:%M")
            )
        })
        .collect();
    let list = if buttons.is_empty() {
        "<p>Nothing is free on this day.</p>".to_owned()
    } else {
        format!(
            "<form method=\"get\">{hidden}<ul class=\"slots\">{}</ul></form>",
            buttons.join("\n")
        )
    };
    format!(
        "<section class=\"card\" aria-labelledby=\"time\">\n\
         <h2 id=\"time\">Free times on {day}</h2>\n{list}\n</section>"
    )
}

fn when(event_type: &EventType, start: DateTime<Utc>) -> String {
    let span = Span::new(start, event_type.length_in_minutes);
    calendar::long_span(span, event_type.time_zone)
}

fn page_for_details(
    event_type: &EventType,
    start: DateTime<Utc>,
    details: &Details,
    problem: Option<&str>,
) -> Response {
    let body = format!(
        "{}{}\n<section class=\"card\" aria-labelledby=\"who\">\n\
         <h2 id=\"who\">{}</h2>\n<form method=\"post\" action=\"/book/{}\">\n\
         <input type=\"hidden\" name=\"start\" value=\"{}\">\n\
         <div class=\"field\"><label for=\"name\">Name</label>\
         <input id=\"name\" name=\"name\" autocomplete=\"name\" required value=\"{}\"></div>\n\
         <div class=\"field\"><label for=\"email\">E-mail</label>\
         <input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required \
         value=\"{}\"></div>\n\
         <div class=\"field\"><label for=\"phone\">Phone (optional)</label>\
         <input id=\"phone\" name=\"phone\" type=\"tel\" autocomplete=\"tel\" \
         aria-describedby=\"phone-help\" value=\"{}\">\
         <small id=\"phone-help\">With country code, such as +49 170 1234567.</small></div>\n\
         <div class=\"actions\"><button class=\"main\">Book</button>\
         <a class=\"button\" href=\"/book/{}?day={}\">Choose another time</a></div>\n\
         </form>\n</section>",
        heading(event_type),
        alert(problem),
        when(event_type, start),
        event_type.id,
        escape(&details.start),
        escape(&details.name),
        escape(&details.email),
        escape(&details.phone),
        event_type.id,
        start.with_timezone(&event_type.time_zone).date_naive(),
    );
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(status, &format!("Book {}", event_type.title), &body)
}

fn page_for_move(event_type: &EventType, start: DateTime<Utc>, uid: &str) -> Response {
    let uid = escape(uid);
    let body = format!(
        "{}\n<section class=\"card\" aria-labelledby=\"to\">\n<h2 id=\"to\">Move to {}?</h2>\n\
         <form method=\"post\" action=\"/booking/{uid}/move\">\n\
         <input type=\"hidden\" name=\"start\" value=\"{}\">\n\
         <div class=\"actions\"><button class=\"main\">Move</button>\
         <a class=\"button\" href=\"/booking/{uid}\">Keep the old time</a></div>\n\
         </form>\n</section>",
        heading(event_type),
        when(event_type, start),
        utc_seconds(start),
    );
    page(StatusCode::OK, &format!("Move {}", event_type.title), &body)
}
