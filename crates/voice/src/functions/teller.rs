//! The building blocks of sentences: days, times and lists, for the ear or for the eye.

use booking_domain::time::{Day, Instant, LocalTime, Weekday, ZoneName};

use super::texts::Values;
use crate::language::speak::{self, Case};
use crate::language::{Lang, PartOfDay};

/// For whom a sentence is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    /// For a speech engine: words.
    Spoken,
    /// For people who read: figures.
    Written,
}

/// How much a sentence tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Detail {
    /// With the date, or the weekday alone.
    pub dates: bool,
    /// How many options at most.
    pub options: usize,
}

impl Detail {
    pub(crate) const fn new(dates: bool, options: usize) -> Self {
        Self { dates, options }
    }
}

/// Makes sentences in one language, style and zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Teller {
    pub lang: Lang,
    pub style: Style,
    pub zone: ZoneName,
    pub today: Day,
    pub detail: Detail,
}

/// Longest name of a service in a sentence, in words.
const NAME_WORDS: usize = 6;

impl Teller {
    /// `am Montag, dem dreizehnten Oktober,` — with the comma that closes it inside a sentence.
    pub(crate) fn on_day(&self, day: Day) -> String {
        match (self.style, self.lang) {
            (Style::Written, Lang::De) => format!("am {}", self.written(day)),
            (Style::Written, Lang::En) => format!("on {}", self.written(day)),
            (Style::Spoken, _) if !self.detail.dates => speak::weekday(self.lang, day, Case::On),
            (Style::Spoken, Lang::De) => {
                format!("{},", speak::day(Lang::De, day, Case::On, self.today))
            }
            (Style::Spoken, Lang::En) => speak::day(Lang::En, day, Case::On, self.today),
        }
    }

    /// A day on its own, always with its date.
    pub(crate) fn day(&self, day: Day, case: Case) -> String {
        match self.style {
            Style::Spoken => speak::day(self.lang, day, case, self.today),
            Style::Written => self.written(day),
        }
    }

    fn written(&self, day: Day) -> String {
        let (year, month, number) = day.ymd();
        let year = (year != self.today.ymd().0).then_some(year);
        match self.lang {
            Lang::De => {
                let name = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"][day.weekday() as usize];
                let year = year.map(|it| it.to_string()).unwrap_or_default();
                format!("{name} {number:02}.{month:02}.{year}")
            }
            Lang::En => {
                let year = year.map(|it| format!(" {it}")).unwrap_or_default();
                format!(
                    "{} {number} {}{year}",
                    short(day.weekday()),
                    MONTHS[month as usize - 1]
                )
            }
        }
    }

    /// `acht Uhr dreißig`, `08:30`.
    pub(crate) fn time(&self, time: LocalTime) -> String {
        match self.style {
            Style::Spoken => speak::time(self.lang, time),
            Style::Written => time.to_string(),
        }
    }

    /// `um acht Uhr dreißig`, `at 08:30`.
    pub(crate) fn at(&self, start: Instant) -> String {
        let time = self.time(self.zone.local(start).time);
        match self.lang {
            Lang::De => format!("um {time}"),
            Lang::En => format!("at {time}"),
        }
    }

    /// The day of a moment, as [`Self::on_day`].
    pub(crate) fn on(&self, start: Instant) -> String {
        self.on_day(self.zone.local(start).day)
    }

    /// `am Montag, dem dreizehnten Oktober, um acht Uhr`.
    pub(crate) fn when(&self, start: Instant) -> String {
        format!("{} {}", self.on(start), self.at(start))
    }

    /// Several moments; a day that stays the same is told once.
    pub(crate) fn moments(&self, starts: &[Instant]) -> Vec<String> {
        let mut last = None;
        let mut told = Vec::new();
        for start in starts.iter().take(self.detail.options) {
            let day = self.zone.local(*start).day;
            told.push(if last == Some(day) {
                self.at(*start)
            } else {
                self.when(*start)
            });
            last = Some(day);
        }
        told
    }

    /// `…, … oder …`
    pub(crate) fn either(&self, starts: &[Instant]) -> String {
        speak::one_of(self.lang, &self.moments(starts))
    }

    /// `…, … und …`
    pub(crate) fn all(&self, starts: &[Instant]) -> String {
        speak::all_of(self.lang, &self.moments(starts))
    }

    /// The name of a service; long ones are cut for the ear.
    pub(crate) fn name(&self, name: &str) -> String {
        match self.style {
            Style::Written => name.split_whitespace().collect::<Vec<_>>().join(" "),
            Style::Spoken => {
                let said = speak::name(self.lang, name);
                let words: Vec<_> = said.split_whitespace().take(NAME_WORDS).collect();
                words.join(" ")
            }
        }
    }

    /// The comma after a date that stands apart; figures need none.
    pub(crate) fn comma(&self) -> &'static str {
        match self.style {
            Style::Spoken if self.lang == Lang::De => ",",
            _ => "",
        }
    }

    /// A start in every form a sentence may need: `on`, `at`, `when`, `time`, and `moment`, which
    /// begins without a preposition.
    pub(crate) fn start(&self, start: Instant) -> Values {
        let local = self.zone.local(start);
        let when = self.when(start);
        let moment = match (self.lang, self.style) {
            (Lang::De, Style::Spoken) if self.detail.dates => {
                let day = speak::day(self.lang, local.day, Case::Subject, self.today);
                format!("{day}, {}", self.at(start))
            }
            _ => bare(&when).to_owned(),
        };
        [
            ("on", self.on(start)),
            ("at", self.at(start)),
            ("when", when),
            ("time", self.time(local.time)),
            ("moment", moment),
        ]
        .into()
    }

    /// `Montag, den dreizehnten Oktober, oder Dienstag, den …`
    pub(crate) fn days(&self, days: &[Day]) -> String {
        let days = days.iter().take(self.detail.options);
        let days: Vec<_> = days.map(|day| self.day(*day, Case::Object)).collect();
        let or = match self.lang {
            Lang::De => format!("{} oder ", self.comma()),
            Lang::En => " or ".to_owned(),
        };
        days.join(&or)
    }

    /// `vormittags`, `in the morning`.
    pub(crate) const fn part(&self, part: PartOfDay) -> &'static str {
        match (self.lang, part) {
            (Lang::De, PartOfDay::Morning) => "vormittags",
            (Lang::De, PartOfDay::Noon) => "mittags",
            (Lang::De, PartOfDay::Afternoon) => "nachmittags",
            (Lang::De, PartOfDay::Evening) => "abends",
            (Lang::De, PartOfDay::Night) => "nachts",
            (Lang::En, PartOfDay::Morning) => "in the morning",
            (Lang::En, PartOfDay::Noon) => "around noon",
            (Lang::En, PartOfDay::Afternoon) => "in the afternoon",
            (Lang::En, PartOfDay::Evening) => "in the evening",
            (Lang::En, PartOfDay::Night) => "at night",
        }
    }

    /// `Beratung, Kurztermin oder Erstgespräch`.
    pub(crate) fn names(&self, names: &[String]) -> String {
        let told: Vec<_> = names.iter().take(3).map(|name| self.name(name)).collect();
        speak::one_of(self.lang, &told)
    }
}

/// Without the preposition, to begin a sentence with.
fn bare(when: &str) -> &str {
    ["on ", "at ", "am ", "um "]
        .iter()
        .find_map(|preposition| when.strip_prefix(preposition))
        .unwrap_or(when)
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn short(weekday: Weekday) -> &'static str {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday as usize]
}

/// How an option is told on its own: `Montag, acht Uhr dreißig`; with its date from a week on.
pub(crate) fn option(lang: Lang, zone: ZoneName, today: Day, start: Instant) -> String {
    let local = zone.local(start);
    let day = if local.day.days_since(today) > super::line::CLEAR_DAYS {
        speak::day(lang, local.day, Case::Subject, today)
    } else {
        speak::weekday(lang, local.day, Case::Subject)
    };
    format!("{day}, {}", speak::time(lang, local.time))
}
