//! English words, as callers use them.

use super::{Wish, Words};

pub(super) const WORDS: Words = Words {
    code: "en",
    wishes: &[
        ("cancel…", Wish::Cancel),
        ("call off", Wish::Cancel),
        ("move", Wish::Move),
        ("moved", Wish::Move),
        ("reschedul…", Wish::Move),
        ("postpone", Wish::Move),
        ("when is my", Wish::Query),
        ("when are my", Wish::Query),
        ("when do i have", Wish::Query),
        ("something else", Wish::Other),
        ("anything else", Wish::Other),
        ("other time…", Wish::Other),
        ("another time", Wish::Other),
        ("bye", Wish::Farewell),
        ("goodbye", Wish::Farewell),
        ("that is all", Wish::Farewell),
        ("appointment…", Wish::Book),
        ("book…", Wish::Book),
        ("free", Wish::Book),
        ("available", Wish::Book),
        ("need", Wish::Book),
        ("want", Wish::Book),
        ("would like", Wish::Book),
        ("i'd like", Wish::Book),
        ("thank…", Wish::Farewell),
    ],
    yes: "yes yeah yep sure correct right fine great perfect okay ok",
    no: "no nope not don't none neither",
    places: ["first", "second", "third", "last"],
    days: "monday… tuesday… wednesday… thursday… friday… saturday… sunday… today tomorrow day \
        days week weeks month fortnight january february march april june july august \
        september october november december …teenth …tieth",
    times: "o'clock half quarter morning noon midday afternoon evening two three four five six \
        seven eight nine ten eleven twelve fifteen twenty thirty forty",
    time_begins: "at around about half quarter",
    between: "on at in the of a after before between past from around about next this coming early \
        late first second third may one",
    one: "one",
    half_days: "am pm a.m p.m",
    and: "and",
    greetings: &[
        "good morning",
        "good afternoon",
        "good evening",
        "hello",
        "hi",
    ],
    target: "to",
    services: &["for a", "for an", "for the", "for my", "for"],
    articles: &["a", "an"],
    no_services: "appointment… other different time question moment me us my",
    openers: "actually anything can could did do does have how i i'd i'll i'm is it it's let's make \
        maybe my now only or perhaps rather so something that that's the then there these this \
        those uh um we well what when who would",
    names: &[
        "under the name of",
        "under the name",
        "my name is",
        "the name is",
        "this is",
        "name of",
    ],
    stops: "please and is are free available to",
    caller: "Caller",
    agent: "Agent",
    not_understood: "I did not understand that. Would you like to book, move or cancel an appointment?",
    stays: "All right, then everything stays as it is.",
    goodbye: "Goodbye.",
};
