//! The judge judged: histories of one day, and what may be said about its ten o'clock slot. And what
//! an answer is taken to say.

use std::time::Duration;

use serde_json::json;

use super::judge::{Answer, Capacity, JUST, Verdict, judge};
use super::log::{DayLog, FORGET_AFTER, Moment, Quarters};
use super::reader::{Question, Said};
use super::teams::teams;

const TEN: u8 = 40;
const HOUR: u8 = 4;
const ONE: Capacity<'_> = Capacity {
    hosts: &[1],
    lags: false,
};
const TWO: Capacity<'_> = Capacity {
    hosts: &[1, 2],
    lags: false,
};

fn ms(n: u64) -> Moment {
    Duration::from_millis(n)
}

fn ten() -> Quarters {
    Quarters::from(TEN, HOUR)
}

fn only(start: u8) -> Quarters {
    Quarters::from(start, 1)
}

/// A read about ten o'clock, and whether it was offered.
fn read(begin: u64, end: u64, offered: bool) -> Answer {
    Answer {
        begin: ms(begin),
        end: ms(end),
        length: HOUR,
        told: only(TEN),
        offered: if offered {
            only(TEN)
        } else {
            Quarters::default()
        },
    }
}

/// Nothing can be said, whatever the answer.
#[track_caller]
fn open(log: &DayLog, team: Capacity<'_>, (begin, end): (u64, u64)) {
    for offered in [true, false] {
        let verdict = judge(log, team, &read(begin, end, offered));
        assert_eq!(verdict, Verdict::default(), "offered: {offered}");
    }
}

/// One answer alone is right.
#[track_caller]
fn decided(log: &DayLog, team: Capacity<'_>, (begin, end): (u64, u64), free: bool) {
    let right = judge(log, team, &read(begin, end, free));
    assert_eq!(right.decided, only(TEN));
    let stale = (right.stale_free, right.stale_busy);
    assert_eq!(stale, Default::default());
    let wrong = judge(log, team, &read(begin, end, !free));
    let (none, ten) = (Quarters::default(), only(TEN));
    let expected = if free { (none, ten) } else { (ten, none) };
    assert_eq!((wrong.stale_free, wrong.stale_busy), expected);
}

/// Asked at 100, acknowledged at 200 with host 1.
fn booked() -> (DayLog, usize) {
    let mut log = DayLog::default();
    let n = log.ask(ten(), ms(100));
    log.granted(n, 1, ms(200));
    (log, n)
}

/// Red when a booking counts from its submission on, or not before the read has ended.
#[test]
fn sold_from_the_acknowledgement_on() {
    let (log, _) = booked();
    open(&log, ONE, (0, 90));
    open(&log, ONE, (0, 150));
    open(&log, ONE, (150, 250));
    decided(&log, ONE, (201, 202), false);
}

/// Red when a cancellation frees the slot, for the judge, as soon as it is asked for; or when the
/// slot counts as sold until it is acknowledged.
#[test]
fn open_while_it_is_cancelled_and_free_afterwards() {
    let (mut log, n) = booked();
    log.give_up(n, ms(300));
    decided(&log, ONE, (250, 290), false);
    open(&log, ONE, (250, 310));
    open(&log, ONE, (310, 320));
    log.gone(n, ms(400));
    open(&log, ONE, (390, 410));
    decided(&log, ONE, (401, 402), true);
}

/// Red when a later booking under way is overlooked.
#[test]
fn open_when_somebody_books_the_freed_slot() {
    let (mut log, n) = booked();
    log.give_up(n, ms(300));
    log.gone(n, ms(400));
    log.ask(Quarters::from(TEN + 3, HOUR), ms(500));
    decided(&log, ONE, (410, 490), true);
    open(&log, ONE, (410, 510));
}

/// Red when a refused move, or a refused booking, leaves anything behind.
#[test]
fn what_was_refused_leaves_things_as_they_were() {
    let (mut log, n) = booked();
    log.give_up(n, ms(300));
    let new = log.ask(Quarters::from(TEN + 8, HOUR), ms(300));
    log.kept(n, ms(400));
    log.gone(new, ms(400));
    open(&log, ONE, (350, 360));
    decided(&log, ONE, (401, 402), false);
    let elsewhere = Answer {
        told: only(TEN + 8),
        offered: Quarters::default(),
        ..read(401, 402, false)
    };
    assert_eq!(judge(&log, ONE, &elsewhere).stale_busy, only(TEN + 8));
}

/// Red when a booking whose outcome nobody knows counts as made, or as not made.
#[test]
fn open_for_ever_when_nobody_knows() {
    let mut log = DayLog::default();
    log.ask(ten(), ms(100));
    open(&log, ONE, (100_000, 100_001));
}

/// Red when bookings are counted instead of people.
#[test]
fn with_two_hosts_both_must_be_taken() {
    let mut log = DayLog::default();
    for quarter in [0, 2] {
        let n = log.ask(Quarters::from(TEN + quarter, 1), ms(100));
        log.granted(n, 1, ms(200));
    }
    // Two short ones, with the same person: the other one is free, and no change says so.
    open(&log, TWO, (300, 301));
    let n = log.ask(Quarters::from(TEN + 1, 1), ms(400));
    // With whom, nobody knows yet.
    open(&log, TWO, (500, 501));
    log.granted(n, 2, ms(600));
    decided(&log, TWO, (601, 602), false);
    log.give_up(n, ms(700));
    open(&log, TWO, (710, 711));
    log.gone(n, ms(800));
    decided(&log, TWO, (801, 802), true);
}

/// Red when a list that may lag is asked for freed slots, or no longer for sold ones.
#[test]
fn where_the_list_lags_only_sold_slots_are_asked_for() {
    let late = Capacity { lags: true, ..ONE };
    let (mut log, n) = booked();
    decided(&log, late, (201, 202), false);
    log.give_up(n, ms(300));
    log.gone(n, ms(400));
    open(&log, late, (401, 402));
}

/// Red when neighbours overlap, or when a slot nobody ever asked for counts.
#[test]
fn neighbours_are_not_touched() {
    let (log, _) = booked();
    for start in [TEN - HOUR, TEN + HOUR] {
        let answer = Answer {
            told: only(start),
            ..read(300, 301, false)
        };
        assert_eq!(judge(&log, ONE, &answer), Verdict::default());
    }
    let reaching = Answer {
        told: only(TEN - 1),
        offered: only(TEN - 1),
        ..read(300, 301, true)
    };
    assert_eq!(judge(&log, ONE, &reaching).stale_free, only(TEN - 1));
}

/// Red when every decided read is called a hard one.
#[test]
fn what_changed_just_now_is_told_apart() {
    let (log, _) = booked();
    let just = |begin| judge(&log, ONE, &read(begin, begin + 1, false)).just_decided;
    assert_eq!(just(201), only(TEN));
    assert_eq!(just(201 + JUST.as_millis() as u64), Quarters::default());
}

/// Red when what is still there is forgotten.
#[test]
fn only_what_has_long_been_gone_is_forgotten() {
    let (mut log, n) = booked();
    let ages = FORGET_AFTER.as_millis() as u64;
    let elsewhere = Quarters::from(0, 1);
    log.ask(elsewhere, ms(2 * ages));
    decided(&log, ONE, (2 * ages, 2 * ages + 1), false);
    log.give_up(n, ms(2 * ages + 2));
    log.gone(n, ms(2 * ages + 3));
    log.ask(elsewhere, ms(3 * ages + 3));
    decided(&log, ONE, (2 * ages + 4, 2 * ages + 5), true);
    log.ask(elsewhere, ms(3 * ages + 4));
    assert_eq!(log.claims().len(), 3);
}

/// Red when what an answer leaves unsaid is held against it: a slot as far away as the last
/// alternative, or another day.
#[test]
fn alternatives_tell_of_what_is_nearer_than_the_last() {
    let teams = teams();
    let (team, date) = (&teams[1], teams[1].days[0].day);
    let slot = |time: &str| format!("{date}T{time}:00+01:00");
    let body = json!({"requested": {"start": slot("10:00"), "available": false},
        "alternatives": [{"start": slot("10:30"), "distance_minutes": 30},
                         {"start": slot("08:30"), "distance_minutes": 90}]});
    let said = Said::read(&body, team);
    let told = |day| Question::Near(0, 10).told(day, &team.services[0], &said);
    let mut offered = Quarters::default();
    for start in [42, 34] {
        offered.add(start);
    }
    let mut expected = offered;
    for start in [36, 38, 40, 44] {
        expected.add(start);
    }
    assert_eq!((said.offered[0], told(0)), (offered, expected));
    assert_eq!(told(1), Quarters::default());
}
