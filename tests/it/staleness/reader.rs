//! Readers: they ask for days, parts of days, all days at once and alternatives, at either instance,
//! and have every answer judged at once.

use std::sync::Arc;

use booking_test_support::dice::Dice;
use serde_json::Value;

use super::Stage;
use super::judge::{Answer, judge};
use super::log::{Claim, DayLog, Moment, Quarters};
use super::teams::{DAYS, Service, Team};
use crate::days::at;

/// What may be asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    /// From one day to another, both included.
    Days(usize, usize),
    /// The opening hours from this one on, without naming the day.
    From(usize, u8),
    /// What lies near this hour.
    Near(usize, u8),
}

/// Wishes are few, so that their windows are in the cache.
const WISHES: [u8; 2] = [9, 10];
/// So many alternatives that they take four hours.
const QUARTERS_NAMED: u8 = 16;

impl Question {
    fn random(dice: &mut Dice) -> Self {
        let day = dice.below(DAYS as u64) as usize;
        match dice.below(100) {
            0..40 => Self::Near(day, *dice.pick(&WISHES)),
            40..85 => Self::Days(day, day),
            85..95 => Self::From(day, *dice.pick(&WISHES)),
            _ => Self::Days(0, DAYS - 1),
        }
    }

    fn path(self, team: &Team, service: &Service) -> String {
        let id = service.id;
        let day = |n: usize| team.days[n].day;
        let instant = |n: usize, hour: u8| at(day(n), hour).replace('+', "%2B");
        match self {
            Self::Days(first, last) => {
                let (first, last) = (day(first), day(last));
                format!("/api/v1/availability?service_id={id}&start={first}&end={last}")
            }
            Self::From(n, hour) => {
                let (from, to) = (instant(n, hour), instant(n, 18));
                format!("/api/v1/availability?service_id={id}&start={from}&end={to}")
            }
            Self::Near(n, hour) => {
                let (start, limit) = (instant(n, hour), QUARTERS_NAMED / service.length);
                format!(
                    "/api/v1/availability/alternatives?service_id={id}&start={start}&limit={limit}"
                )
            }
        }
    }

    /// The slots of one day about which this answer says something.
    pub(super) fn told(self, day: usize, service: &Service, said: &Said) -> Quarters {
        let mut told = Quarters::default();
        let within = |start: &u8| match self {
            Self::Days(first, last) => (first..=last).contains(&day),
            Self::From(n, hour) => n == day && *start >= 4 * hour,
            Self::Near(n, hour) => {
                n == day && (*start == 4 * hour || start.abs_diff(4 * hour) < said.reach)
            }
        };
        service
            .starts()
            .filter(within)
            .for_each(|start| told.add(start));
        Quarters(told.0 | said.offered[day].0)
    }
}

/// What an answer said.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) offered: [Quarters; DAYS],
    /// Alternatives: what is nearer than that, in quarters, would be named if it were free.
    reach: u8,
}

/// Nearer than that, an alternative lies in the window that is searched first.
const NEAR: u8 = 10 * 4;

impl Said {
    pub(super) fn read(body: &Value, team: &Team) -> Self {
        let mut said = Self {
            offered: [Quarters::default(); DAYS],
            reach: NEAR,
        };
        let is_list = body["slots"].is_array();
        let slots = &body[if is_list { "slots" } else { "alternatives" }];
        let slots = slots.as_array().map(Vec::as_slice).unwrap_or_default();
        for slot in slots {
            said.offer(&slot["start"], team);
        }
        if body["requested"]["available"] == true {
            said.offer(&body["requested"]["start"], team);
        }
        if !is_list {
            let far = slots.last().and_then(|it| it["distance_minutes"].as_u64());
            said.reach = u8::try_from(far.unwrap_or_default() / 15).map_or(NEAR, |it| it.min(NEAR));
        }
        said
    }

    /// Notes `2025-10-13T08:15:00+02:00`.
    fn offer(&mut self, start: &Value, team: &Team) {
        let text = start.as_str().unwrap_or_default();
        let number = |from: usize| {
            text.get(from..from + 2)
                .and_then(|it| it.parse::<u8>().ok())
        };
        let (Some(hour), Some(minute)) = (number(11), number(14)) else {
            panic!("a time was expected, not {start}");
        };
        if let Some(day) = text.get(..10).and_then(|date| team.day(date)) {
            self.offered[day].add(4 * hour + minute / 15);
        }
    }
}

/// Asks until the run is over.
pub(super) async fn read_on(stage: Arc<Stage>, mut dice: Dice) {
    while !stage.is_over() {
        let team = dice.pick(&stage.teams);
        // Long answers are dear: the short appointments are asked for less often.
        let service = &team.services[usize::from(team.services.len() > 1 && dice.percent(25))];
        let question = Question::random(&mut dice);
        let gateway = dice.below(stage.gateways.len() as u64) as usize;
        let begin = stage.now();
        let answered = stage
            .get(gateway, team, &question.path(team, service))
            .await;
        let end = stage.now();
        let tally = &stage.tally;
        match answered {
            Some((200, body)) => {
                tally.reads.add(1);
                count(&stage, question, &body);
                judge_all(&stage, (team, service, question), (begin, end), &body);
            }
            _ => tally.no_answer.add(1),
        }
        stage.after_a_read();
    }
}

fn count(stage: &Stage, question: Question, body: &Value) {
    let tally = &stage.tally;
    let kind = match (question, body["source"].as_str()) {
        (Question::Near(..), _) => &tally.alternatives,
        (_, Some("cache")) => &tally.hits,
        _ => &tally.fetched,
    };
    kind.add(1);
}

fn judge_all(
    stage: &Stage,
    (team, service, question): (&Team, &Service, Question),
    (begin, end): (Moment, Moment),
    body: &Value,
) {
    let said = Said::read(body, team);
    let (mut decided, mut just) = (false, false);
    for day in 0..DAYS {
        let answer = Answer {
            begin,
            end,
            length: service.length,
            told: question.told(day, service, &said),
            offered: said.offered[day],
        };
        if answer.told == Quarters::default() {
            continue;
        }
        let log = team.log(day);
        let verdict = judge(&log, team.capacity(), &answer);
        decided |= verdict.decided != Quarters::default();
        just |= verdict.just_decided != Quarters::default();
        if verdict.is_stale() {
            let tally = &stage.tally;
            tally
                .stale_free
                .add(u64::from(verdict.stale_free != Quarters::default()));
            tally
                .stale_busy
                .add(u64::from(verdict.stale_busy != Quarters::default()));
            let claims = claims_on(
                &log,
                Quarters(verdict.stale_free.0 | verdict.stale_busy.0),
                service,
            );
            let what = format!("{question:?} of {}, service {}", team.account, service.id);
            tally.tell(format!("{what}: {body}\n{answer:?}\n{verdict:?}\n{claims}"));
        }
    }
    stage.tally.decidable.add(u64::from(decided));
    stage.tally.just_decided.add(u64::from(just));
}

/// What the log has of slots that begin then, a line each.
fn claims_on(log: &DayLog, starts: Quarters, service: &Service) -> String {
    let slots = (0..96).filter(|start| starts.has(*start));
    let slots: Vec<_> = slots
        .map(|start| Quarters::from(start, service.length))
        .collect();
    let touching = |claim: &&Claim| slots.iter().any(|slot| slot.overlaps(claim.takes));
    let claims = log.claims().iter().filter(touching);
    claims.map(|claim| format!("  {claim:?}\n")).collect()
}
