//! What happens in a day, and when. Assumed, not measured:
//!
//! * Of a hundred questions 60 come from voice calls, 25 from people on a booking page, 15 from the
//!   staff's own page. They follow a clinic's day: most in the morning, a second rise after lunch, a
//!   little in the evening, nothing at night.
//! * A call asks three to five questions within two minutes, about one service and days that lie close
//!   to each other: half of them what is free near a certain time, half for a whole day. Two thirds of
//!   all calls are about the company's first service.
//! * A booking page shows a week, once or twice: this week, or the next (four of ten).
//! * The staff's page shows this week.
//! * Each company books 60 appointments, moves 10 and cancels 15, however many questions are asked:
//!   it has no more time to sell.

use booking_domain::time::{Day, Instant, Span};
use booking_test_support::dice::Dice;

use crate::practices::{Service, at};

/// How much is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traffic {
    /// The first so many of the companies.
    pub(crate) companies: usize,
    /// Questions to all of them together.
    pub(crate) reads: usize,
}

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// Somebody asks for a day.
    AskDay(Service, Day),
    /// Somebody asks for a week.
    AskWeek(Service, Day),
    /// Somebody asks what is free near this time.
    AskNear(Service, Instant),
    /// Somebody books on this day.
    Book(Service, Day),
    /// Somebody moves an appointment of the company to this day.
    Move(Service, Day),
    /// Somebody calls one off.
    Cancel(Service),
}

/// How much of the day falls into each hour, in percent.
const HOURS: [u64; 24] = [
    0, 0, 0, 0, 0, 0, 1, 4, 12, 13, 11, 9, 6, 5, 8, 8, 7, 5, 4, 3, 2, 2, 0, 0,
];
/// How many of a hundred ask for today, for tomorrow, and so on.
const AHEAD: [u64; 8] = [15, 30, 20, 15, 10, 0, 0, 10];
const BOOKED: u64 = 60;
const MOVED: u64 = 10;
const CANCELLED: u64 = 15;

/// A day in the making.
struct Mix {
    today: Day,
    dice: Dice,
    events: Vec<(Instant, Event)>,
}

/// Everything that happens on this day, in order.
pub(crate) fn day(today: Day, traffic: Traffic, seed: u64) -> Vec<(Instant, Event)> {
    let mut mix = Mix {
        today,
        dice: Dice::new(seed),
        events: Vec::new(),
    };
    while mix.events.len() < traffic.reads {
        let company = mix.dice.below(traffic.companies as u64) as usize;
        // A call is four questions, a booking page one and a half: 15 × 4 to 17 × 1.5 to 15.
        match mix.dice.below(47) {
            0..15 => mix.call(company),
            15..32 => mix.booking_page(company),
            _ => mix.staff_page(company),
        }
    }
    mix.events.truncate(traffic.reads);
    (0..traffic.companies).for_each(|company| mix.changes(company));
    mix.events.sort_by_key(|(when, _)| *when);
    mix.events
}

impl Mix {
    fn moment(&mut self) -> Instant {
        let hour = at(self.today, self.weighted(&HOURS) as u8);
        hour + Span::millis(self.dice.below(3_600_000) as i64)
    }

    fn weighted(&mut self, shares: &[u64]) -> usize {
        let mut left = self.dice.below(shares.iter().sum());
        let mut n = 0;
        while left >= shares[n] {
            left -= shares[n];
            n += 1;
        }
        n
    }

    fn seconds(&mut self, from: u64, to: u64) -> Span {
        Span::seconds((from + self.dice.below(to - from)) as i64)
    }

    fn service(&mut self, company: usize) -> Service {
        Service::of(company)[usize::from(self.dice.below(3) == 0)]
    }

    fn some_day(&mut self) -> Day {
        self.today.plus_days(self.weighted(&AHEAD) as i32)
    }

    fn call(&mut self, company: usize) {
        let (mut when, service, day) = (self.moment(), self.service(company), self.some_day());
        let hour = 8 + self.dice.below(9) as u8;
        for _ in 0..3 + self.dice.below(3) {
            let day = day.plus_days(i32::from(self.dice.percent(30)));
            let event = if self.dice.percent(50) {
                Event::AskNear(service, at(day, hour + self.dice.below(2) as u8))
            } else {
                Event::AskDay(service, day)
            };
            self.events.push((when, event));
            when = when + self.seconds(15, 35);
        }
    }

    fn booking_page(&mut self, company: usize) {
        let (mut when, service) = (self.moment(), self.service(company));
        let week = self.today.plus_days(7 * i32::from(self.dice.percent(40)));
        for _ in 0..1 + self.dice.below(2) {
            self.events.push((when, Event::AskWeek(service, week)));
            when = when + self.seconds(10, 40);
        }
    }

    fn staff_page(&mut self, company: usize) {
        let (when, service) = (self.moment(), self.service(company));
        self.events
            .push((when, Event::AskWeek(service, self.today)));
    }

    fn changes(&mut self, company: usize) {
        for n in 0..BOOKED + MOVED + CANCELLED {
            let (when, service, day) = (self.moment(), self.service(company), self.some_day());
            let event = match n {
                0..BOOKED => Event::Book(service, day),
                n if n < BOOKED + MOVED => Event::Move(service, day),
                _ => Event::Cancel(service),
            };
            self.events.push((when, event));
        }
    }
}
