//! A company that writes to its customers, over a carrier that writes down what it is given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use booking_application::jobs::JobReport;
use booking_application::{Application, LinkKey};
use booking_domain::ids::{AppointmentId, JobId};
use booking_domain::ports::{
    CarrierError, Channel, CustomerMessage, HistoryKind, JobFilter, JobState, MessageCarrier,
    MessageContent, Queue, SetupStore,
};
use booking_domain::tenant::SetupFile;
use booking_domain::time::{Instant, TimeRange};
use booking_test_support::builders::{COMPANY, demo_setup};

use crate::world::World;

/// What a carrier does with a message.
pub(crate) enum Answer {
    Refuse,
    Fail,
    /// Takes it, and the process ends before that is written down.
    TakeAndDie,
}

/// A carrier that writes down what it is given.
#[derive(Default)]
pub(crate) struct Postman {
    taken: Mutex<Vec<CustomerMessage>>,
    next: Mutex<VecDeque<Answer>>,
}

impl Postman {
    pub(crate) fn next(&self, answer: Answer) {
        self.next.lock().unwrap().push_back(answer);
    }

    pub(crate) fn taken(&self) -> Vec<CustomerMessage> {
        self.taken.lock().unwrap().clone()
    }

    /// What was taken since, as words and beginnings.
    pub(crate) fn told(&self) -> Vec<(&'static str, Option<Instant>)> {
        let taken = std::mem::take(&mut *self.taken.lock().unwrap());
        taken.iter().map(|it| word(&it.content)).collect()
    }
}

fn word(content: &MessageContent) -> (&'static str, Option<Instant>) {
    let word = match content {
        MessageContent::Booked(_) => "booked",
        MessageContent::Rescheduled(_) => "rescheduled",
        MessageContent::Cancelled(_) => "cancelled",
        MessageContent::Reminder(_) => "reminder",
        MessageContent::Campaign { .. } => "campaign",
    };
    (word, content.appointment().map(|it| it.range.start()))
}

#[async_trait]
impl MessageCarrier for Postman {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn carry(&self, message: &CustomerMessage) -> Result<Option<String>, CarrierError> {
        let answer = self.next.lock().unwrap().pop_front();
        let to = message.to.email.as_ref().unwrap().expose().to_owned();
        match answer {
            Some(Answer::Refuse) => {
                return Err(CarrierError::Refused(format!("550 no {to} here")));
            }
            Some(Answer::Fail) => {
                return Err(CarrierError::Unavailable(format!("no {to} now").into()));
            }
            _ => self.taken.lock().unwrap().push(message.clone()),
        }
        match answer {
            Some(Answer::TakeAndDie) => std::future::pending().await,
            _ => Ok(Some("250 ok".to_owned())),
        }
    }

    async fn check(&self) -> Result<(), CarrierError> {
        Ok(())
    }
}

pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) postman: Arc<Postman>,
}

/// The demo set-up; consultations have the reminders of short ones, and both companies' customers
/// are written to.
pub(crate) fn setup() -> SetupFile {
    let mut file = demo_setup();
    file.companies[0].services[0].reminder_minutes = vec![1440, 60];
    file
}

impl Office {
    pub(crate) async fn open() -> Self {
        let postman = Arc::new(Postman::default());
        let carrier = postman.clone();
        let world = World::with(|deps, settings| {
            deps.carriers = vec![carrier];
            settings.public_url = Some("https://booking.example/".to_owned());
            settings.link_key = Some(LinkKey([7; 32]));
        })
        .await;
        let office = Self { world, postman };
        office.import(&setup()).await;
        office
    }

    pub(crate) fn app(&self) -> &Arc<Application> {
        &self.world.app
    }

    pub(crate) async fn import(&self, file: &SetupFile) {
        let digest = |token: &str| booking_application::key_digest(token);
        self.world.store.import(file, &digest).await.unwrap();
        self.world.app.is_ready().await.unwrap();
    }

    /// Everything that is due is told and done.
    pub(crate) async fn round(&self) -> JobReport {
        while self.world.app.relay_events().await.unwrap().delivered > 0 {}
        self.world.app.run_due(Queue::Notifications).await.unwrap()
    }

    pub(crate) async fn rounds_at(&self, at: &str) -> JobReport {
        self.world.clock.set(at.parse().unwrap());
        self.round().await
    }

    /// The lines of the history about messages.
    pub(crate) async fn log(&self, id: AppointmentId) -> Vec<String> {
        let told = self.world.app.history(COMPANY, id, None, 1_000).await;
        let (lines, _) = told.unwrap().unwrap();
        let noted = lines.into_iter();
        let noted = noted.filter(|it| it.kind == HistoryKind::Notification);
        noted
            .map(|it| format!("{} {}", it.name, it.detail.unwrap_or_default()))
            .collect()
    }

    pub(crate) async fn dead(&self) -> Vec<(JobId, String)> {
        let filter = JobFilter {
            state: Some(JobState::Dead),
            ..JobFilter::default()
        };
        let dead = self.world.app.jobs(&filter, 99).await.unwrap();
        let dead = dead.into_iter();
        dead.map(|it| (it.id, it.error.unwrap_or_default()))
            .collect()
    }
}

pub(crate) fn done(n: u32) -> JobReport {
    JobReport {
        done: n,
        ..JobReport::default()
    }
}

pub(crate) const fn news(word: &'static str, range: TimeRange) -> (&'static str, Option<Instant>) {
    (word, Some(range.start()))
}
