//! The saga matrix: every step against everything that can happen to it.
//!
//! A cell plays one behaviour of Cal.com, or one accident of ours, during one step, lets eight days
//! go by, and checks what must hold whatever happened: what is taken here is what the appointment
//! takes, what stands at Cal.com is what the appointment bears, and nobody has anything left to do.
//!
//! A crash is a call that never comes back: its task waits for ever, and another process, with the
//! same store, goes on when the lease is over.

mod cell;
mod cells;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use booking_application::Application;
use booking_domain::appointment::StateName;
use booking_domain::ids::AppointmentId;
use booking_domain::ports::{Clock, SagaQueue};
use booking_domain::time::{Span, TimeRange};
use booking_test_support::builders::nine;

use self::cell::{Cell, Step};
use self::table::Table;
use crate::script::Call;
use crate::world::{World, state, two};

/// A world in which one cell is played.
pub(crate) struct Stage {
    pub(crate) world: World,
    /// Who drives the sagas: another process after a crash.
    driver: Arc<Application>,
    id: Option<AppointmentId>,
}

impl Stage {
    async fn new(cell: &Cell) -> Self {
        let world = World::new().await;
        let driver = if cell.crashes {
            world.twin()
        } else {
            world.app.clone()
        };
        Self {
            world,
            driver,
            id: None,
        }
    }

    /// The appointment of the cell.
    pub(crate) fn id(&self) -> AppointmentId {
        self.id.expect("the step is begun")
    }

    /// Begins the step; what the caller heard, in a word.
    async fn begin(&mut self, step: Step) -> String {
        match step {
            Step::Create => match self.world.book(nine()).await {
                Ok(booked) => format!("{:?}", booked.view.appointment.status()),
                Err(error) => word(&error),
            },
            Step::Reschedule => match self.world.reschedule(self.id(), two()).await {
                Ok(view) => format!("{:?}", view.appointment.status()),
                Err(error) => word(&error),
            },
            Step::Cancel => match self.world.cancel(self.id()).await {
                Ok(view) => format!("{:?}", view.appointment.status()),
                Err(error) => word(&error),
            },
        }
    }

    async fn pass(&self, by: Span) {
        self.world.clock.advance(by);
        for _ in 0..50 {
            let report = self.driver.drive_sagas().await.unwrap();
            assert_eq!(report.failed, 0, "a saga could not be driven");
            if report.driven == 0 {
                return;
            }
        }
        panic!("the sagas never rest");
    }

    pub(crate) async fn seconds(&self, n: i64) {
        for _ in 0..n {
            self.pass(Span::seconds(1)).await;
        }
    }

    /// Five minutes by the second, an hour by the minute, eight days by the hour.
    async fn eight_days(&self) {
        self.seconds(300).await;
        for _ in 0..60 {
            self.pass(Span::minutes(1)).await;
        }
        for _ in 0..8 * 24 {
            self.pass(Span::hours(1)).await;
        }
    }

    /// What must hold whatever happened; what does not.
    async fn complaints(&self, expected: (StateName, Option<TimeRange>)) -> Vec<String> {
        let mut wrong = Vec::new();
        let view = self.world.view(self.id()).await;
        let appointment = &view.appointment;
        if state(&view) != expected.0 {
            wrong.push(format!("ends {}", state(&view)));
        }
        let live: BTreeSet<_> = appointment.live_ranges().into_iter().collect();
        if live != expected.1.into_iter().collect() {
            wrong.push(format!("takes {live:?}"));
        }
        let claims = self.world.claims().await;
        let claimed: BTreeSet<_> = claims.iter().map(|(_, range)| *range).collect();
        if claimed != live || claims.len() != live.len() {
            wrong.push(format!("claims {claims:?}"));
        }
        let there = self.world.calendar.live();
        let ours: Vec<_> = there
            .iter()
            .filter(|it| it.ours == Some(self.id()))
            .collect();
        let names: Vec<_> = ours.iter().map(|it| Some(&it.uid)).collect();
        let borne = appointment.uid().filter(|_| !live.is_empty());
        if names != borne.into_iter().map(Some).collect::<Vec<_>>() {
            wrong.push(format!("at Cal.com {ours:?}"));
        }
        let ages = self.world.clock.now() + Span::days(1_000);
        let queue: &dyn SagaQueue = &*self.world.store;
        let open = queue.lease_due(ages, ages, 100).await.unwrap();
        if !open.is_empty() {
            wrong.push(format!("open {open:?}"));
        }
        wrong
    }
}

/// The name of an error without its data.
fn word(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    let end = text.find(|c: char| !c.is_alphanumeric());
    text[..end.unwrap_or(text.len())].to_owned()
}

async fn play(cell: &Cell, table: &mut Table) {
    let mut stage = Stage::new(cell).await;
    if cell.step != Step::Create {
        stage.id = Some(stage.world.booked(nine()).await.appointment.id());
    }
    for (call, act) in &cell.acts {
        stage.world.calendar.script.next(*call, act.clone());
    }
    let heard = stage.begin(cell.step).await;
    if stage.id.is_none() {
        stage.id = Some(stage.world.everything().await[0].appointment.id());
    }
    if let Some(meanwhile) = &cell.meanwhile {
        meanwhile(&stage).await;
    }
    stage.eight_days().await;
    let script = &stage.world.calendar.script;
    let calls = [
        Call::Create,
        Call::Reschedule,
        Call::Cancel,
        Call::Find,
        Call::Get,
    ];
    let calls = calls.map(|call| script.calls(call));
    let reviews = stage.world.open_reviews().await;
    let mut wrong = stage.complaints(cell.ends).await;
    if reviews != cell.reviews {
        wrong.push(format!("asks {reviews:?}"));
    }
    table.row(cell, (&heard, calls), wrong);
}

async fn play_all(cells: Vec<Cell>) {
    let mut table = Table::default();
    for cell in &cells {
        play(cell, &mut table).await;
    }
    table.show();
}

/// Red when a first "taken" is believed, an unknown outcome is repeated, a late booking stays, or
/// the hold goes with the timeout.
#[tokio::test(start_paused = true)]
async fn create() {
    play_all(cells::create()).await;
}

/// Red when a lost booking counts as called off, the old time goes before the new one is there, or
/// an answer that comes late is written.
#[tokio::test(start_paused = true)]
async fn reschedule() {
    play_all(cells::reschedule()).await;
}

/// Red when a cancellation is given up, or an ambiguous one believed.
#[tokio::test(start_paused = true)]
async fn cancel() {
    play_all(cells::cancel()).await;
}
