//! The words by which the agent knows what a caller wants, and its own few sentences. Words are
//! written as `fold` leaves them; `…` at the end stands for any ending.

mod de;
mod en;

/// A language of calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    /// German.
    De,
    /// English.
    En,
}

/// What a caller can want.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Wish {
    #[default]
    Book,
    Cancel,
    Move,
    Query,
    /// Other times than those that were offered.
    Other,
    /// Nothing more.
    Farewell,
}

/// The words of a language; lists of single words have blanks between them.
pub(crate) struct Words {
    pub code: &'static str,
    /// Words that stand in this order in what wishes this; the first rule that fits counts.
    pub wishes: &'static [(&'static str, Wish)],
    pub yes: &'static str,
    pub no: &'static str,
    /// By place: the first, the second, the third, the last.
    pub places: [&'static str; 4],
    /// They make a phrase one about a day.
    pub days: &'static str,
    /// They make a phrase one about a time.
    pub times: &'static str,
    /// Here the time begins in a phrase about both.
    pub time_begins: &'static str,
    /// They belong to a phrase about day and time, if one of the others does.
    pub between: &'static str,
    /// The hour that is also an article: an hour after a word with which a time begins.
    pub one: &'static str,
    /// After a number they belong to the time.
    pub half_days: &'static str,
    /// Within a phrase it goes on with another day or time.
    pub and: &'static str,
    /// Taken off the beginning: there are days and times among them.
    pub greetings: &'static [&'static str],
    /// What follows is where an appointment is to be moved.
    pub target: &'static str,
    /// What follows is what the appointment is for.
    pub services: &'static [&'static str],
    /// The same where nothing else is known, and unless what follows is one of these.
    pub articles: &'static [&'static str],
    pub no_services: &'static str,
    /// They begin a line that names no appointment first.
    pub openers: &'static str,
    /// What follows is the caller's name.
    pub names: &'static [&'static str],
    /// Here a service or a name ends.
    pub stops: &'static str,
    pub caller: &'static str,
    pub agent: &'static str,
    pub not_understood: &'static str,
    pub stays: &'static str,
    pub goodbye: &'static str,
}

impl Lang {
    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::De => &de::WORDS,
            Self::En => &en::WORDS,
        }
    }

    /// `de` or `en`.
    pub const fn code(self) -> &'static str {
        self.words().code
    }

    /// How the caller is called in what is printed.
    pub const fn caller(self) -> &'static str {
        self.words().caller
    }

    /// How the agent is called in what is printed.
    pub const fn agent(self) -> &'static str {
        self.words().agent
    }
}

/// Small letters, without umlauts: what words are compared as.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len() + 2);
    for letter in word.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            '’' => folded.push('\''),
            letter => folded.push(letter),
        }
    }
    folded
}

/// Whether the word of a table, with `…` for any beginning or ending, is this word.
pub(crate) fn is(pattern: &str, word: &str) -> bool {
    if let Some(beginning) = pattern.strip_suffix('…') {
        word.starts_with(beginning)
    } else if let Some(ending) = pattern.strip_prefix('…') {
        word.ends_with(ending)
    } else {
        pattern == word
    }
}

/// Whether any of these words, with blanks between, is this word.
pub(crate) fn among(words: &str, word: &str) -> bool {
    words.split(' ').any(|pattern| is(pattern, word))
}
