//! The agent: from the caller's lines and the gateway's answers to function calls. Pure, and the same
//! every time.

use serde_json::{Map, Value, json};

use crate::language::{Lang, Wish};
use crate::sentence::{Phrase, Place, Said, answer, read};

/// What the agent does.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Act {
    /// Calls a function.
    Ask {
        function: &'static str,
        args: Map<String, Value>,
    },
    /// Says something of its own.
    Say(String),
}

/// What the caller wants, as far as it is known.
#[derive(Clone, Debug, Default)]
struct Task {
    wish: Wish,
    day: Option<String>,
    time: Option<String>,
    new_day: Option<String>,
    new_time: Option<String>,
    /// The handle that was chosen.
    option: Option<String>,
    agreed: bool,
    /// The handles that were not.
    rejected: Vec<String>,
}

#[derive(Clone, Debug)]
struct Offer {
    handle: String,
    say: String,
}

/// One agent in one call.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    lang: Lang,
    service: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    task: Option<Task>,
    offers: Vec<Offer>,
    code: String,
    /// What was last said for the gateway.
    said: String,
    next_step: String,
    outcome: Option<String>,
}

/// A wish that ends in one of these was carried out or answered.
const OUTCOMES: [&str; 5] = ["booked", "pending", "rescheduled", "cancelled", "found"];

impl Agent {
    /// `service` is what appointments are for if the caller does not say.
    pub(crate) fn new(lang: Lang, service: Option<&str>) -> Self {
        Self {
            lang,
            service: service.map(str::to_owned),
            name: None,
            phone: None,
            email: None,
            task: None,
            offers: Vec::new(),
            code: String::new(),
            said: String::new(),
            next_step: String::new(),
            outcome: None,
        }
    }

    /// What came of the last wish; `None` while it is open, or came to nothing.
    pub(crate) fn outcome(&self) -> Option<&str> {
        self.outcome.as_deref()
    }

    /// What the gateway wants to be asked next.
    pub(crate) fn next_step(&self) -> &str {
        &self.next_step
    }

    /// Hears a line.
    pub(crate) fn hear(&mut self, line: &str) -> Act {
        let said = read(self.lang, line);
        if said.name.is_some() {
            self.name.clone_from(&said.name);
        }
        if let Some(act) = self.answered_question(line, &said) {
            return act;
        }
        let words = self.lang.words();
        let wish = match (said.wish, &self.task) {
            (Some(Wish::Farewell), _) if said.phrases.is_empty() => {
                return Act::Say(words.goodbye.to_owned());
            }
            (Some(Wish::Other), Some(task)) if task.wish == Wish::Book => return self.others(),
            (Some(Wish::Other | Wish::Farewell), _) => Wish::Book,
            // "Yes, the appointment": the word alone is no new wish.
            (Some(Wish::Book), Some(task)) => task.wish,
            (Some(wish), _) => wish,
            (None, Some(task)) => task.wish,
            (None, None) if self.next_step == "offer_booking" && said.yes => Wish::Book,
            (None, None) if said.phrases.is_empty() && said.service.is_none() => {
                return self.again();
            }
            (None, None) => Wish::Book,
        };
        // A caller who begins with it says what it is for; later it could be anything.
        let begins = self.task.is_none() && said.wish.is_none();
        let opening = said.opening.as_ref().filter(|_| begins);
        if self.task.as_ref().is_none_or(|task| task.wish != wish) {
            self.outcome = None;
            self.next_step.clear();
            self.task = Some(Task {
                wish,
                ..Task::default()
            });
        }
        if let Some(service) = said.service.as_ref().or(opening) {
            self.service = Some(service.clone());
        }
        let asked = self.next_step.starts_with("ask_");
        let task = self.task.get_or_insert_default();
        if !task.take(&said.phrases, asked)
            && asked
            && said.service.is_none()
            && said.wish.is_none()
        {
            return self.again();
        }
        self.ask()
    }

    /// Where the line answers what was asked, the next call.
    fn answered_question(&mut self, line: &str, said: &Said) -> Option<Act> {
        let text = || Some(answer(self.lang, line)).filter(|it| !it.is_empty());
        match self.next_step.as_str() {
            "ask_name" => self.name = said.name.clone().or_else(text),
            "ask_phone" => self.phone = text(),
            "ask_email" => self.email = text(),
            "ask_service" => self.service = said.service.clone().or_else(text),
            "ask_confirmation" | "ask_choice" => return self.chosen(said),
            _ => return None,
        }
        self.task.is_some().then(|| self.ask())
    }

    fn chosen(&mut self, said: &Said) -> Option<Act> {
        let task = self.task.as_mut()?;
        let at = match (said.place, self.next_step.as_str()) {
            (Some(Place::Number(at)), "ask_choice") => Some(at),
            (Some(Place::Last), "ask_choice") => self.offers.len().checked_sub(1),
            (None, _) if said.yes && !said.no && self.offers.len() == 1 => Some(0),
            _ => None,
        };
        if let Some(offer) = at.and_then(|at| self.offers.get(at)) {
            task.option = Some(offer.handle.clone());
            // Where it was asked which appointment is meant, the day is known from here on.
            let is_own = ["ambiguous_date", "not_found"].contains(&self.code.as_str());
            if is_own && task.wish != Wish::Book {
                (task.day, task.time) = (Some(offer.say.clone()), None);
            } else {
                task.agreed = true;
            }
            return Some(self.ask());
        }
        let other_wish = said
            .wish
            .is_some_and(|it| !matches!(it, Wish::Book | Wish::Other));
        if !said.no || other_wish || !said.phrases.is_empty() {
            return None;
        }
        if task.wish == Wish::Book {
            return Some(self.others());
        }
        self.task = None;
        self.next_step.clear();
        Some(Act::Say(self.lang.words().stays.to_owned()))
    }

    /// What the caller said is no answer: an open question is put again.
    fn again(&self) -> Act {
        let is_open = self.next_step.starts_with("ask_");
        Act::Say(match is_open {
            true => self.said.clone(),
            false => self.lang.words().not_understood.to_owned(),
        })
    }

    /// Asks for other times than the offered ones.
    fn others(&mut self) -> Act {
        let handles = std::mem::take(&mut self.offers)
            .into_iter()
            .map(|it| it.handle);
        if let Some(task) = &mut self.task {
            task.rejected.extend(handles);
            task.option = None;
        }
        let mut args = self.wished();
        if let Some(task) = &self.task {
            args.insert("rejected".into(), json!(task.rejected.join(",")));
        }
        Act::Ask {
            function: "get_alternatives",
            args,
        }
    }

    fn wished(&self) -> Map<String, Value> {
        let task = self.task.as_ref();
        let of = |read: fn(&Task) -> &Option<String>| task.and_then(|it| read(it).clone());
        told([
            ("service", self.service.clone()),
            ("date", of(|it| &it.day)),
            ("time", of(|it| &it.time)),
        ])
    }

    /// The call that the task needs now.
    fn ask(&self) -> Act {
        let Some(task) = &self.task else {
            return self.again();
        };
        let option = ("option", task.option.clone());
        let days = [("date", task.day.clone()), ("time", task.time.clone())];
        let (function, mut args) = match task.wish {
            Wish::Cancel => ("cancel_appointment", told(days)),
            Wish::Query => ("query_appointment", told(days)),
            Wish::Move => {
                let to = [
                    ("new_date", task.new_day.clone()),
                    ("new_time", task.new_time.clone()),
                ];
                let mut args = told(days);
                args.append(&mut told(to));
                // The question first: nothing is moved on a word.
                args.insert("confirm".into(), json!(task.agreed));
                ("reschedule_appointment", args)
            }
            Wish::Book | Wish::Other | Wish::Farewell if task.option.is_some() => {
                let who = [
                    ("name", self.name.clone()),
                    ("phone", self.phone.clone()),
                    ("email", self.email.clone()),
                ];
                ("book_appointment", told(who))
            }
            Wish::Book | Wish::Other | Wish::Farewell => ("check_availability", self.wished()),
        };
        args.append(&mut told([option]));
        if task.wish == Wish::Cancel {
            if task.agreed {
                args.insert("confirm".into(), json!(true));
            }
            args.append(&mut told([("name", self.name.clone())]));
        }
        args.insert("language".into(), json!(self.lang.code()));
        Act::Ask { function, args }
    }

    /// Reads an answer.
    pub(crate) fn answered(&mut self, answer: &Value) {
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        let offer = |number: u32| {
            let handle = answer[format!("option_{number}")].as_str()?.to_owned();
            let say = text(&format!("option_{number}_say"));
            Some(Offer { handle, say })
        };
        (self.code, self.next_step) = (text("code"), text("next_step"));
        self.said = text("say");
        // A question about something else leaves what was offered.
        let offers: Vec<_> = (1..=3).map_while(offer).collect();
        if !offers.is_empty() {
            self.offers = offers;
            self.lose_choice();
        }
        let settled = self.next_step == "done" || self.next_step.starts_with("offer_");
        if settled {
            let outcome = OUTCOMES.contains(&self.code.as_str());
            self.outcome = outcome.then(|| self.code.clone());
            (self.task, self.offers) = (None, Vec::new());
        }
    }

    /// New offers: what was chosen among the old ones was not to be had.
    fn lose_choice(&mut self) {
        if let Some(task) = &mut self.task {
            (task.option, task.agreed) = (None, false);
        }
    }
}

impl Task {
    /// Takes in what was said about days and times; whether anything was.
    fn take(&mut self, phrases: &[Phrase], asked: bool) -> bool {
        let (day, time) = (&mut self.day, &mut self.time);
        let (new_day, new_time) = (&mut self.new_day, &mut self.new_time);
        let is_move = self.wish == Wish::Move;
        for (at, phrase) in phrases.iter().enumerate() {
            let last_of_several = at > 0 && at + 1 == phrases.len();
            let is_new = is_move && (phrase.is_target || last_of_several || asked);
            let (day, time) = if is_new {
                (&mut *new_day, &mut *new_time)
            } else {
                (&mut *day, &mut *time)
            };
            // Another day is not at the time of the old one, unless that is said.
            if phrase.day.is_some() {
                (*day, *time) = (phrase.day.clone(), phrase.time.clone());
            } else {
                time.clone_from(&phrase.time);
            }
            (self.option, self.agreed) = (None, false);
        }
        !phrases.is_empty()
    }
}

fn told<const N: usize>(args: [(&str, Option<String>); N]) -> Map<String, Value> {
    let told = args
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), json!(text?))));
    told.collect()
}

#[cfg(test)]
mod tests;
