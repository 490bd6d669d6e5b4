//! One client: it books, moves and cancels, always about its own bookings, and asks again until it is
//! told. Before each request and after each answer it writes its journal.

use std::sync::Arc;
use std::time::{Duration, Instant};

use booking_domain::time::{Instant as Moment, Span, TimeRange};
use booking_test_support::dice::Dice;
use booking_test_support::journal::{Ask, Heard, Journal, Times};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Answers, Crowd};
use crate::days::working_day;
use crate::installation::{Installation, KEY_15};

/// A client who is not told in this time gives up the test.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many bookings a client has at the same time.
const MOST: usize = 8;
/// Service and length in minutes: unequal, over the same people.
const SERVICES: [(i64, i64); 2] = [(1, 60), (2, 15)];

/// An appointment that the client has made.
struct Mine {
    id: String,
    name: String,
    minutes: i64,
}

pub(super) struct Client {
    name: String,
    crowd: Crowd,
    gateways: Vec<String>,
    http: reqwest::Client,
    journal: Arc<Journal>,
    answers: Arc<Answers>,
    dice: Dice,
    mine: Vec<Mine>,
    made: usize,
}

impl Client {
    pub(super) fn new(
        (n, crowd): (usize, Crowd),
        it: &Installation,
        journal: &Arc<Journal>,
        answers: &Arc<Answers>,
    ) -> Self {
        Self {
            name: format!("c{n}"),
            crowd,
            gateways: it.gateways.iter().map(|it| it.url("")).collect(),
            http: it.http.clone(),
            journal: journal.clone(),
            answers: answers.clone(),
            dice: Dice::new(crowd.seed.wrapping_mul(1_000) + n as u64),
            mine: Vec::new(),
            made: 0,
        }
    }

    /// Until it is told to stop.
    pub(super) async fn ask_on(mut self) -> anyhow::Result<()> {
        while !self.answers.is_over() {
            let full = self.mine.len() as u64 * 100 / MOST as u64;
            if !self.dice.percent(full) {
                self.book().await?;
            } else {
                let at = self.dice.below(self.mine.len() as u64) as usize;
                let mine = self.mine.swap_remove(at);
                if self.dice.percent(50) {
                    self.reschedule(mine).await?;
                } else {
                    self.cancel(mine).await?;
                }
            }
            sleep(Duration::from_millis(
                self.dice.below(self.crowd.pause_ms + 1),
            ))
            .await;
        }
        Ok(())
    }

    async fn book(&mut self) -> anyhow::Result<()> {
        let (service, minutes) = *self.dice.pick(&SERVICES);
        let (start, times) = self.somewhere(minutes);
        let name = format!("{}n{}", self.name, self.made);
        self.made += 1;
        let wish = json!({"service_id": service, "start": start, "metadata": {"wish": name},
                          "customer": {"name": "Erika Muster", "email": format!("{name}@mail.example")}});
        let request = (Method::POST, "/api/v1/bookings", wish);
        if let Some(id) = self.ask(&name, &Ask::Book(times), request).await? {
            self.mine.push(Mine { id, name, minutes });
        }
        Ok(())
    }

    async fn reschedule(&mut self, mine: Mine) -> anyhow::Result<()> {
        let (start, times) = self.somewhere(mine.minutes);
        let path = format!("/api/v1/bookings/{}/reschedule", mine.id);
        let request = (Method::POST, path.as_str(), json!({"start": start}));
        self.ask(&mine.name, &Ask::Move(times), request).await?;
        self.mine.push(mine);
        Ok(())
    }

    async fn cancel(&mut self, mine: Mine) -> anyhow::Result<()> {
        let path = format!("/api/v1/bookings/{}/cancel", mine.id);
        let request = (
            Method::POST,
            path.as_str(),
            json!({"reason": "changed plans"}),
        );
        self.ask(&mine.name, &Ask::Cancel, request).await.map(drop)
    }

    /// A time in the opening hours of some day, on a quarter: as the API and the journal call it.
    fn somewhere(&mut self, minutes: i64) -> (String, Times) {
        let day = working_day(2 + self.dice.below(self.crowd.days) as usize);
        // From 09:00 to 16:00 in UTC it is open in Berlin, in summer and in winter.
        let quarter = self.dice.below(6 * 4) as i64;
        let morning: Moment = format!("{day}T09:00:00Z").parse().expect("a day");
        let start = morning + Span::minutes(15 * quarter);
        let range = TimeRange::lasting(start, minutes as u32);
        let seconds = |at: Moment| at.unix_seconds();
        (
            start.to_string(),
            seconds(range.start())..seconds(range.end()),
        )
    }

    /// Asks until told: the appointment's id if it was done.
    async fn ask(
        &mut self,
        name: &str,
        ask: &Ask,
        request: (Method, &str, Value),
    ) -> anyhow::Result<Option<String>> {
        self.journal.asked(name, ask)?;
        let key = format!("{name}-{}", self.dice.below(u64::MAX));
        let began = Instant::now();
        loop {
            let gateway = self.dice.below(self.gateways.len() as u64) as usize;
            let asked = Instant::now();
            let answer = self.try_once(gateway, &key, &request).await;
            if let Some(heard) = self.understand(ask, (answer, asked.elapsed())) {
                self.journal.heard(name, &heard)?;
                return Ok(match heard {
                    Heard::Done(id) | Heard::Queued(id) => Some(id),
                    Heard::Refused => None,
                });
            }
            anyhow::ensure!(
                began.elapsed() < PATIENCE,
                "{name}: {ask:?} was not answered"
            );
            sleep(Duration::from_millis(50 + self.dice.below(100))).await;
        }
    }

    async fn try_once(
        &self,
        gateway: usize,
        key: &str,
        (method, path, body): &(Method, &str, Value),
    ) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.gateways[gateway]);
        let request = self.http.request(method.clone(), url).bearer_auth(KEY_15);
        let response = request
            .header("Idempotency-Key", key)
            .json(body)
            .send()
            .await
            .ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.ok()?))
    }

    /// `None`: ask again.
    fn understand(
        &self,
        ask: &Ask,
        (answer, took): (Option<(u16, Value)>, Duration),
    ) -> Option<Heard> {
        let what = match ask {
            Ask::Book(_) => "book",
            Ask::Move(_) => "move",
            Ask::Cancel => "cancel",
        };
        let Some((status, body)) = answer else {
            self.answers.count(&format!("{what} none"), took);
            return None;
        };
        let code = body["code"].as_str().unwrap_or_default();
        self.answers
            .count(format!("{what} {status} {code}").trim_end(), took);
        match (status, code) {
            // The booking itself is still under way: the move comes after it, and may be refused then.
            (202, _) if what == "move" && body["status"] == "pending" => {
                Some(Heard::Queued(body["id"].as_str()?.to_owned()))
            }
            (200..=202, _) => Some(Heard::Done(body["id"].as_str()?.to_owned())),
            (409, "slot_taken") => Some(Heard::Refused),
            (503, _) | (409, "booking_in_progress" | "request_in_progress") => None,
            _ => {
                let text = format!("{what} was answered {status} {body}");
                self.answers.was_unexpected(text);
                Some(Heard::Refused)
            }
        }
    }
}
