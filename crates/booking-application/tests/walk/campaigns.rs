//! Campaigns and opting out.

use booking_application::{Actor, BookAppointment, CampaignError, CampaignStatus, StartCampaign};
use booking_domain::contact::{Contact, PersonName};
use booking_domain::ids::CustomerId;
use booking_domain::messages::{CampaignText, ConsentChange, Segment};
use booking_domain::ports::{NotificationStatus, Queue};
use booking_domain::time::Span;
use booking_test_support::builders::{COMPANY, OTHER_COMPANY, email, monday};

use crate::office::{Answer, Office};
use crate::world::{World, actor, wish};

fn start(name: &str) -> StartCampaign {
    StartCampaign {
        text: CampaignText {
            name: name.to_owned(),
            subject: "Wieder da".to_owned(),
            text: "Guten Tag,\n\nwir haben wieder offen.".to_owned(),
            locale: None,
        },
        segment: Segment::default(),
        key: None,
    }
}

const BY: (&str, &str) = ("api key bk_15", "web form");

impl Office {
    /// Somebody who has booked; they agree to campaigns.
    async fn regular(&self, n: u32) -> CustomerId {
        let customer = Contact {
            name: PersonName::parse("Anna").unwrap(),
            email: Some(email(&format!("a{n}@x.example"))),
            phone: None,
            locale: None,
        };
        let range = monday(&format!("{:02}:00", 6 + n), 60);
        let wish = BookAppointment {
            customer,
            ..wish(range)
        };
        let booked = self.app().book_appointment(actor(), wish).await.unwrap();
        let id = booked.view.appointment.booking().customer;
        self.say(id, ConsentChange::Given).await;
        id
    }

    async fn say(&self, customer: CustomerId, change: ConsentChange) {
        let said = self.app().change_consent(COMPANY, (customer, change), BY);
        assert!(said.await.unwrap().is_some());
    }

    async fn start(
        &self,
        wish: StartCampaign,
    ) -> Result<booking_application::CampaignStarted, CampaignError> {
        let setup = self.app().company(COMPANY).await.unwrap().unwrap();
        let Actor { by, .. } = actor();
        self.app().start_campaign(&setup, wish, by).await
    }

    async fn all_sent(&self) {
        for _ in 0..20 {
            self.round().await;
            self.world.clock.advance(Span::seconds(1));
        }
    }
}

/// Who agreed gets it once, with a link to opt out, however often it is started, chosen anew or
/// interrupted; who opts out meanwhile does not.
///
/// Red when the list may have somebody twice, when a name may be used twice, or when consent is not
/// looked up again.
#[tokio::test]
async fn everybody_who_agreed_gets_it_once() {
    let office = Office::open().await;
    let first = office.regular(2).await;
    let second = office.regular(3).await;
    let late = office.regular(6).await;
    let silent = office.regular(5).await;
    office.say(silent, ConsentChange::Withdrawn).await;
    office.all_sent().await;
    office.postman.told();
    let begun = office.start(start("herbst")).await.unwrap();
    assert_eq!((begun.recipients, begun.replayed), (3, false));
    assert_eq!(begun.status, CampaignStatus::Preparing);
    let again = office.start(start("herbst")).await.unwrap();
    assert_eq!((again.id, again.replayed), (begun.id, true));
    // Chosen, and not sent yet: one thinks better of it.
    office.postman.next(Answer::Fail);
    office.app().run_due(Queue::Notifications).await.unwrap();
    let token = {
        let link = office.app().clone();
        let key = booking_application::LinkKey([7; 32]);
        let token = key.token(COMPANY, late);
        assert!(link.unsubscribe(&token).await.unwrap());
        token
    };
    office.all_sent().await;
    let taken = office.postman.taken();
    let mut to: Vec<_> = taken
        .iter()
        .map(|it| it.to.email.clone().unwrap())
        .collect();
    to.sort_unstable_by_key(|it| it.expose().to_owned());
    assert_eq!(to, [email("a2@x.example"), email("a3@x.example")]);
    for message in &taken {
        let link = message.unsubscribe_url.as_deref().unwrap();
        assert!(link.starts_with("https://booking.example/unsubscribe/"));
        assert!(!link.contains(&token));
    }
    assert_ne!(taken[0].unsubscribe_url, taken[1].unsubscribe_url);
    let view = office
        .app()
        .campaign(COMPANY, begun.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(CampaignStatus::of(&view), CampaignStatus::Done);
    let counts = [
        (NotificationStatus::Sent, 2),
        (NotificationStatus::NotSent, 1),
    ];
    assert_eq!(view.counts, counts.into());
    let again = office.start(start("herbst")).await.unwrap();
    assert_eq!((again.status, again.recipients), (CampaignStatus::Done, 3));
    office.all_sent().await;
    assert_eq!(office.postman.taken().len(), 2, "{first} {second}");
    let theirs = office
        .app()
        .campaign(OTHER_COMPANY, begun.id)
        .await
        .unwrap();
    assert_eq!(theirs, None);
}

/// The same name or key for something else is refused, as is what cannot be.
#[tokio::test]
async fn what_is_not_the_same_is_refused() {
    let office = Office::open().await;
    let with_key = |name: &str| StartCampaign {
        key: Some("api:k".to_owned()),
        ..start(name)
    };
    office.start(with_key("herbst")).await.unwrap();
    let other_text = |mut wish: StartCampaign| {
        wish.text.subject = "Anderes".to_owned();
        wish
    };
    let refused = office.start(other_text(start("herbst"))).await;
    assert!(matches!(refused, Err(CampaignError::NameTaken)));
    let refused = office.start(with_key("winter")).await;
    assert!(matches!(refused, Err(CampaignError::KeyReused)));
    let mut nowhere = start("nowhere");
    nowhere.segment.service = Some(booking_test_support::builders::MASSAGE);
    let refused = office.start(nowhere).await;
    assert!(
        matches!(refused, Err(CampaignError::ServiceNotFound)),
        "another company's"
    );
}

/// Without an address of its own, or anybody to carry them, an installation sends no campaigns.
#[tokio::test]
async fn without_a_link_there_is_no_campaign() {
    let world = World::new().await;
    let setup = world.app.company(COMPANY).await.unwrap().unwrap();
    let refused = world.app.start_campaign(&setup, start("x"), "x".to_owned());
    let refused = refused.await.unwrap_err().to_string();
    assert!(refused.contains("BOOKING__PUBLIC_URL"), "{refused}");
    let counted = world
        .app
        .count_recipients(&setup, &Segment::default())
        .await;
    assert!(matches!(counted, Err(CampaignError::NotSetUp(_))));
}

/// Red when a link counts for the customer of this number in whichever company.
#[tokio::test]
async fn a_link_of_another_company_opts_nobody_out_here() {
    let office = Office::open().await;
    let customer = office.regular(3).await;
    office.round().await;
    office.postman.told();
    let key = booking_application::LinkKey([7; 32]);
    let theirs = key.token(OTHER_COMPANY, customer);
    assert!(office.app().unsubscribe(&theirs).await.unwrap());
    office.rounds_at("2025-10-12T10:00:00Z").await;
    let told: Vec<_> = office.postman.told().into_iter().map(|it| it.0).collect();
    assert_eq!(told, ["reminder"]);
}

/// Whoever opts out gets no reminder any more; what they bring about themselves goes on, and a new
/// consent takes the opt-out back.
#[tokio::test]
async fn an_opt_out_stops_what_nobody_asked_for() {
    let office = Office::open().await;
    let customer = office.regular(3).await;
    office.round().await;
    let told: Vec<_> = office.postman.told().into_iter().map(|it| it.0).collect();
    assert_eq!(told, ["booked"]);
    let key = booking_application::LinkKey([7; 32]);
    for _ in 0..2 {
        let token = key.token(COMPANY, customer);
        assert!(office.app().unsubscribe(&token).await.unwrap());
    }
    assert!(!office.app().unsubscribe("00").await.unwrap());
    office.rounds_at("2025-10-12T10:00:00Z").await;
    assert_eq!(office.postman.told(), []);
    office.say(customer, ConsentChange::Given).await;
    office.rounds_at("2025-10-13T08:00:00Z").await;
    let told: Vec<_> = office.postman.told().into_iter().map(|it| it.0).collect();
    assert_eq!(told, ["reminder"]);
}
