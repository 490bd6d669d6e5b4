//! Writers: they book, move and cancel, and note in the log what they ask for before they ask, and what
//! they hear after they have heard it.

use std::sync::Arc;

use booking_domain::time::Day;
use booking_test_support::dice::Dice;
use serde_json::{Value, json};

use super::Stage;
use super::log::Quarters;
use super::teams::{DAYS, Service, Team};
use crate::days::at;

/// An appointment that the writer has made.
#[derive(Clone, Debug)]
struct Mine {
    id: String,
    service: usize,
    day: usize,
    /// Its number in the log of its day.
    number: usize,
}

struct Writer {
    stage: Arc<Stage>,
    team: usize,
    dice: Dice,
    name: String,
    mine: Vec<Mine>,
    tries: usize,
}

/// How many appointments a writer has at the same time.
const MOST: usize = 8;

/// Writes until the run is over, one operation for so many reads.
pub(super) async fn write_on(stage: Arc<Stage>, (team, n): (usize, usize), dice: Dice) {
    let name = format!("t{team}w{n}");
    let mut writer = Writer {
        stage,
        team,
        dice,
        name,
        mine: Vec::new(),
        tries: 0,
    };
    while writer.stage.my_turn().await {
        let full = writer.mine.len() as u64 * 100 / MOST as u64;
        if !writer.dice.percent(full) {
            writer.book().await;
        } else {
            let at = writer.dice.below(writer.mine.len() as u64) as usize;
            let mine = writer.mine.swap_remove(at);
            if writer.dice.percent(40) {
                writer.reschedule(mine).await;
            } else {
                writer.cancel(mine).await;
            }
        }
    }
}

impl Writer {
    fn team(&self) -> &Team {
        &self.stage.teams[self.team]
    }

    /// Some time of some day: the day, the quarters, and what the API calls it.
    fn somewhere(&mut self, service: usize) -> (usize, Quarters, String) {
        let stage = self.stage.clone();
        let team = &stage.teams[self.team];
        let service: &Service = &team.services[service];
        let day = self.dice.below(DAYS as u64) as usize;
        let starts: Vec<u8> = service.starts().collect();
        let start = *self.dice.pick(&starts);
        let takes = Quarters::from(start, service.length);
        (day, takes, local(team.days[day].day, start))
    }

    async fn book(&mut self) {
        let services = self.team().services.len() as u64;
        let service = self.dice.below(services) as usize;
        let (day, takes, start) = self.somewhere(service);
        self.tries += 1;
        let email = format!("{}n{}@mail.example", self.name, self.tries);
        let wish = json!({"service_id": self.team().services[service].id, "start": start,
                          "customer": {"name": "Erika Muster", "email": email}});
        let number = self.stage.noted(|now| self.team().log(day).ask(takes, now));
        match self.post("/api/v1/bookings", &wish).await {
            Some((201, body)) => {
                let id = self.granted((day, number), &body);
                self.stage.tally.bookings.add(1);
                self.mine.push(Mine {
                    id,
                    service,
                    day,
                    number,
                });
            }
            Some((409, _)) => self.gone((day, number), true),
            _ => self.unclear(),
        }
    }

    async fn reschedule(&mut self, mine: Mine) {
        let (day, takes, start) = self.somewhere(mine.service);
        let number = self.stage.noted(|now| {
            self.team().log(mine.day).give_up(mine.number, now);
            self.team().log(day).ask(takes, now)
        });
        let path = format!("/api/v1/bookings/{}/reschedule", mine.id);
        match self.post(&path, &json!({"start": start})).await {
            Some((200, body)) => {
                self.granted((day, number), &body);
                self.gone((mine.day, mine.number), false);
                self.stage.tally.moves.add(1);
                self.mine.push(Mine {
                    day,
                    number,
                    ..mine
                });
            }
            Some((409, _)) => {
                self.gone((day, number), true);
                let kept = |now| self.team().log(mine.day).kept(mine.number, now);
                self.stage.noted(kept);
                self.mine.push(mine);
            }
            _ => self.unclear(),
        }
    }

    async fn cancel(&mut self, mine: Mine) {
        let give_up = |now| self.team().log(mine.day).give_up(mine.number, now);
        self.stage.noted(give_up);
        let path = format!("/api/v1/bookings/{}/cancel", mine.id);
        match self.post(&path, &json!({})).await {
            Some((200, _)) => {
                self.gone((mine.day, mine.number), false);
                self.stage.tally.cancellations.add(1);
            }
            _ => self.unclear(),
        }
    }

    fn granted(&self, (day, number): (usize, usize), body: &Value) -> String {
        let Some(host) = body["staff_id"].as_i64() else {
            panic!("confirmed with nobody: {body}");
        };
        let granted = |now| self.team().log(day).granted(number, host, now);
        self.stage.noted(granted);
        body["id"].as_str().expect("id").to_owned()
    }

    fn gone(&self, (day, number): (usize, usize), refused: bool) {
        self.stage
            .noted(|now| self.team().log(day).gone(number, now));
        self.stage.tally.refused.add(u64::from(refused));
    }

    /// Nobody knows what came of it, so it stays as it is in the log.
    fn unclear(&self) {
        self.stage.tally.unclear.add(1);
    }

    async fn post(&mut self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let gateway = self.dice.below(self.stage.gateways.len() as u64) as usize;
        self.stage
            .post((gateway, self.team().key), path, body)
            .await
    }
}

/// A quarter of a day as the API writes it.
fn local(day: Day, quarter: u8) -> String {
    let hour = at(day, quarter / 4);
    hour.replacen(":00:", &format!(":{:02}:", quarter % 4 * 15), 1)
}
