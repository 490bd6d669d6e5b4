//! Listening: one walk over the words collects what is said about the day and about the time.

use booking_domain::time::{Day, Instant, LocalTime, ZoneName};

use super::ahead::{ahead_at, moment};
use super::clock::{self, PartOfDay, TimeReading, clock_at, part_at, window_at};
use super::date::{self, DateProblem, DateReading, Recognised, bound_at, date_at};
use super::rewording::reworded;
use super::token::{Token, tokens};
use super::{Lang, is_placeholder};

/// Which question the text answers; decides what a bare number is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// "Which day?"
    Date,
    /// "What time?"
    Time,
}

/// What was understood. Either field may say something about both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    /// The day.
    pub date: DateReading,
    /// The time.
    pub time: TimeReading,
    /// The language of the words, where only one fits.
    pub lang: Option<Lang>,
}

/// Words that carry nothing.
const FILLERS: [(&str, Option<Lang>); 58] = [
    ("der", DE),
    ("die", DE),
    ("das", DE),
    ("den", DE),
    ("dem", DE),
    ("im", DE),
    ("in", None),
    ("zum", DE),
    ("zur", DE),
    ("ein", DE),
    ("einen", DE),
    ("bitte", DE),
    ("gern", DE),
    ("gerne", DE),
    ("so", None),
    ("ca", None),
    ("circa", None),
    ("etwa", DE),
    ("ungefaehr", DE),
    ("uhr", DE),
    ("spaeten", DE),
    ("spaeter", DE),
    ("spaet", DE),
    ("fruehen", DE),
    ("frueher", DE),
    ("oder", DE),
    ("und", DE),
    ("ab", DE),
    ("also", None),
    ("dann", DE),
    ("am", None),
    ("um", DE),
    ("gegen", DE),
    ("genau", DE),
    ("termin", DE),
    ("ueber", DE),
    ("es", DE),
    ("jahr", DE),
    ("jahres", DE),
    ("the", EN),
    ("on", EN),
    ("at", EN),
    ("of", EN),
    ("a", EN),
    ("or", EN),
    ("and", EN),
    ("please", EN),
    ("about", EN),
    ("around", EN),
    ("early", EN),
    ("late", EN),
    ("from", EN),
    ("sharp", EN),
    ("during", EN),
    ("time", EN),
    ("s", None),
    ("t", None),
    ("z", None),
];
const DE: Option<Lang> = Some(Lang::De);
const EN: Option<Lang> = Some(Lang::En);
/// After these a number is an hour.
const BEFORE_TIMES: [&str; 9] = [
    "um",
    "at",
    "gegen",
    "ca",
    "circa",
    "etwa",
    "ungefaehr",
    "about",
    "around",
];
/// Before a part of the day, these mean today.
const THIS: [&str; 4] = ["this", "diesen", "dieser", "diesem"];
/// Words that turn the meaning round; what follows them is not what is wished for.
const TURNERS: [&str; 21] = [
    "nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals", "ausser", "ohne", "not", "no",
    "never", "but", "except", "nach", "after", "vor", "before", "bis", "until", "statt",
];

/// What `text` says about day and time, for people in `zone` at `now`.
pub fn hear(text: &str, field: Field, zone: ZoneName, now: Instant) -> Heard {
    let today = zone.local(now).day;
    if is_placeholder(text) {
        return Heard {
            date: DateReading::Missing,
            time: TimeReading::Missing,
            lang: None,
        };
    }
    if let Ok(instant) = text.trim().parse::<Instant>() {
        let local = zone.local(instant);
        return Heard {
            date: if local.day < today {
                DateReading::Past(local.day)
            } else {
                DateReading::Exact(local.day)
            },
            time: TimeReading::Exact(local.time),
            lang: None,
        };
    }
    let mut walk = Walk::new(field);
    walk.over(&reworded(tokens(text)));
    let mut heard = Heard {
        date: date::resolve(&walk.dates, today),
        time: clock::resolve(&walk.times),
        lang: match (walk.german, walk.english) {
            (true, false) => DE,
            (false, true) => EN,
            _ => None,
        },
    };
    if let Some(minutes) = walk.ahead {
        walk.counted(&mut heard, moment(minutes, zone, now));
    }
    let nothing = walk.dates.is_empty() && walk.times.is_empty() && walk.ahead.is_none();
    // What was refused is not wished for, whichever field it stands in.
    if walk.turned {
        (heard.date, heard.time) = (DateReading::Missing, TimeReading::Missing);
    }
    match field {
        Field::Date if walk.turned || nothing => {
            heard.date = DateReading::Invalid(DateProblem::NotUnderstood);
        }
        Field::Time if walk.turned || nothing => heard.time = TimeReading::Invalid,
        _ => {}
    }
    heard
}

struct Walk {
    field: Field,
    dates: Vec<date::Piece>,
    times: Vec<clock::Piece>,
    /// Minutes from now.
    ahead: Option<u32>,
    german: bool,
    english: bool,
    turned: bool,
}

impl Walk {
    fn new(field: Field) -> Self {
        Self {
            field,
            dates: Vec::new(),
            times: Vec::new(),
            ahead: None,
            german: false,
            english: false,
            turned: false,
        }
    }

    fn over(&mut self, tokens: &[Token]) {
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).and_then(|at| tokens[at].word());
            let rest = &tokens[at..];
            at += self.step(rest, before, at == 0).max(1);
        }
    }

    /// Takes the piece at the beginning of `rest` and says how many tokens it was.
    fn step(&mut self, rest: &[Token], before: Option<&str>, at_start: bool) -> usize {
        let after_preposition = before.is_some_and(|word| BEFORE_TIMES.contains(&word));
        let place = date::Place {
            date_field: self.field == Field::Date,
            dated: !self.dates.is_empty(),
            at_start,
            after_am: before == Some("am"),
            after_or: before == Some("oder"),
        };
        if let Some(len) = self.tonight(rest).or_else(|| self.ahead(rest)) {
            return len;
        }
        if self.field == Field::Time || after_preposition {
            let expected = clock::Place { expected: true };
            self.time(rest, expected, place)
                .or_else(|| self.date(rest, place))
        } else {
            // A day that was named leaves room for an hour: "Dienstag 14".
            let expected = clock::Place { expected: false };
            self.date(rest, place)
                .or_else(|| self.time(rest, expected, place))
        }
        .or_else(|| self.bound(rest, place))
        .unwrap_or_else(|| self.other(&rest[0]))
    }

    fn saw(&mut self, lang: Option<Lang>) {
        self.german |= lang == DE;
        self.english |= lang == EN;
    }

    fn date(&mut self, rest: &[Token], place: date::Place) -> Option<usize> {
        let (piece, len, lang) = date_at(rest, place)?;
        self.dates.push(piece);
        self.saw(lang);
        Some(len)
    }

    fn time(&mut self, rest: &[Token], clock: clock::Place, place: date::Place) -> Option<usize> {
        // A date in digits is never a clock time, even where one is asked for.
        let dotted = clock.expected && is_full_date(rest);
        let found = if dotted { None } else { time_at(rest, clock) };
        let (piece, len, lang) = found.or_else(|| morning(rest, place))?;
        self.times.push(piece);
        self.saw(lang);
        Some(len)
    }

    fn bound(&mut self, rest: &[Token], place: date::Place) -> Option<usize> {
        let (piece, len, lang) = bound_at(rest, place)?;
        self.dates.push(piece);
        self.saw(lang);
        Some(len)
    }

    /// `tonight`, `this afternoon`: a day and a part of it.
    fn tonight(&mut self, rest: &[Token]) -> Option<usize> {
        let (part, len, lang) = if rest.first()?.is("tonight") {
            (clock::Piece::Part(PartOfDay::Evening), 1, EN)
        } else {
            let this = rest[0].word().filter(|word| THIS.contains(word))?;
            let (part, len, lang) = part_at(&rest[1..])?;
            (part, len + 1, lang.filter(|_| this == "this").or(DE))
        };
        self.dates.push(date::Piece::Relative(0));
        self.times.push(part);
        self.saw(lang);
        Some(len)
    }

    /// `in zwei Stunden`: counted from now, so it is both a day and a time.
    fn ahead(&mut self, rest: &[Token]) -> Option<usize> {
        let (minutes, len, lang) = ahead_at(rest)?;
        self.ahead = Some(minutes);
        self.saw(lang);
        Some(len)
    }

    /// Takes in where the hours that were counted lead to. What else was said has to agree.
    fn counted(&self, heard: &mut Heard, (day, time): (Day, LocalTime)) {
        match &heard.date {
            DateReading::Missing => heard.date = DateReading::Exact(day),
            DateReading::Exact(said) if *said == day => {}
            _ => heard.date = DateReading::Invalid(DateProblem::NotUnderstood),
        }
        if self.times.is_empty() {
            heard.time = TimeReading::Exact(time);
        }
    }

    fn other(&mut self, token: &Token) -> usize {
        if let Some(word) = token.word() {
            let filler = FILLERS.iter().find(|(filler, _)| *filler == word);
            self.saw(filler.and_then(|it| it.1));
            self.turned |= TURNERS.contains(&word);
        }
        1
    }
}

fn time_at(rest: &[Token], place: clock::Place) -> Option<Recognised<clock::Piece>> {
    window_at(rest, place)
        .or_else(|| clock_at(rest, place))
        .or_else(|| part_at(rest))
}

/// `morgen` as the morning.
fn morning(rest: &[Token], place: date::Place) -> Option<Recognised<clock::Piece>> {
    let is_morning = rest.first()?.is("morgen") && place.means_morning(rest);
    is_morning.then_some((clock::Piece::Part(PartOfDay::Morning), 1, DE))
}

/// `2025-10-13` or `13.10.2025`.
fn is_full_date(rest: &[Token]) -> bool {
    let digits = |at: usize| match rest.get(at) {
        Some(Token::Number { digits, .. }) => *digits,
        _ => 0,
    };
    let mark = |at: usize, mark: char| rest.get(at).is_some_and(|it| it.is_mark(mark));
    let iso = digits(0) == 4 && mark(1, '-') && digits(2) > 0 && mark(3, '-');
    let dotted = digits(0) > 0 && mark(1, '.') && digits(2) > 0 && mark(3, '.');
    iso || dotted
}
