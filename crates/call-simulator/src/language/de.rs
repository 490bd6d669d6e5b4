//! German words, as callers use them.

use super::{Wish, Words};

pub(super) const WORDS: Words = Words {
    code: "de",
    wishes: &[
        ("absag…", Wish::Cancel),
        ("abzusagen", Wish::Cancel),
        ("sag… ab", Wish::Cancel),
        ("stornier…", Wish::Cancel),
        ("verschieb…", Wish::Move),
        ("verleg…", Wish::Move),
        ("umbuchen", Wish::Move),
        ("wann ist mein…", Wish::Query),
        ("wann sind meine", Wish::Query),
        ("wann habe ich", Wish::Query),
        ("welche… termin… habe ich", Wish::Query),
        ("etwas ander…", Wish::Other),
        ("was ander…", Wish::Other),
        ("andere zeit…", Wish::Other),
        ("anderer termin", Wish::Other),
        ("sonst noch", Wish::Other),
        ("wiederhoeren", Wish::Farewell),
        ("tschuess", Wish::Farewell),
        ("das war alles", Wish::Farewell),
        ("termin…", Wish::Book),
        ("buch…", Wish::Book),
        ("frei", Wish::Book),
        ("brauch…", Wish::Book),
        ("moecht…", Wish::Book),
        ("haett…", Wish::Book),
        ("danke", Wish::Farewell),
    ],
    yes: "ja jawohl genau richtig gern gerne passt einverstanden okay ok",
    no: "nein nee nicht keine keiner keins keinen",
    places: [
        "erste ersten erster erstes",
        "zweite zweiten zweiter zweites",
        "dritte dritten dritter drittes",
        "letzte letzten letzter letztes",
    ],
    days: "montag… dienstag… mittwoch… donnerstag… freitag… samstag… sonnabend… sonntag… heute \
        morgen uebermorgen tag tage tagen woche wochen monat monats kw januar februar maerz \
        april mai juni juli august september oktober november dezember vierten fuenften \
        sechsten siebten achten neunten …zehnten elften zwoelften …zigsten",
    times: "uhr halb viertel dreiviertel morgens frueh vormittag vormittags mittag mittags \
        nachmittag nachmittags abend abends eins zwei zwo drei vier fuenf sechs sieben acht \
        neun zehn elf zwoelf …zehn zwanzig …undzwanzig dreissig …unddreissig fuenfundvierzig",
    time_begins: "um gegen halb viertel dreiviertel morgens frueh vormittags mittags nachmittags abends",
    between: "am um gegen ab nach vor zwischen bis in im den dem der naechste… uebernaechste… \
        kommende… diese… ersten zweiten dritten anfang mitte ende ein",
    one: "ein",
    half_days: "",
    and: "und",
    greetings: &["guten tag", "guten morgen", "guten abend", "hallo"],
    target: "auf",
    services: &[
        "fuer eine",
        "fuer einen",
        "fuer ein",
        "fuer die",
        "fuer den",
        "fuer das",
        "zur",
        "zu einer",
        "fuer",
    ],
    articles: &["eine", "einen"],
    no_services: "termin… ander… zeit frage moment mich uns meine meinen",
    openers: "also aeh ach da dann der die das dieser doch eher eigentlich einmal er erst es etwas \
        geh… ginge gibt gut hab… hat hier ich ist kann kann's koenn… lieber am meiner mir moeg… \
        muss na nehm… nur oder schon so vielleicht von waer… wann was wer wie wieder wir wo wuerd… \
        zu zum",
    names: &[
        "auf den namen",
        "mein name ist",
        "der name ist",
        "ich heisse",
        "hier spricht",
        "hier ist",
    ],
    stops: "bitte und buchen vereinbaren frei noch machen haben moeglich",
    caller: "Anrufer",
    agent: "Agent",
    not_understood: "Das habe ich nicht verstanden. Möchten Sie einen Termin buchen, verschieben oder absagen?",
    stays: "Gut, dann bleibt alles, wie es ist.",
    goodbye: "Auf Wiederhören.",
};
