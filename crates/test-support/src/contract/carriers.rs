//! `MessageCarrier`: what is handed over arrives once, to the right address; what is not, is told
//! apart by whether it may still come to something.

use std::any::Any;
use std::sync::Arc;

use booking_domain::ports::{CarrierError, Channel, MessageCarrier, MessageContent};

use crate::messages::{Mood, contents, facts, message};

/// A carrier and whoever takes its messages. Its limit for one message is below five seconds.
pub struct CarrierUnderTest {
    pub carrier: Arc<dyn MessageCarrier>,
    /// Changes what becomes of messages.
    pub be: Box<dyn Fn(Mood) + Send + Sync>,
    /// What has arrived, in order.
    pub arrived: Box<dyn Fn() -> Vec<Arrived> + Send + Sync>,
    /// Whatever must live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// A message at its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// The address or number.
    pub to: String,
    /// What the receiving side can tell repeats by.
    pub reference: String,
    /// In plain text.
    pub text: String,
}

impl CarrierUnderTest {
    fn address(&self) -> &'static str {
        match self.carrier.channel() {
            Channel::Email => "joerg@mail.example",
            Channel::Sms => "+491713920042",
        }
    }
}

fn is_unavailable<T>(result: &Result<T, CarrierError>) -> bool {
    matches!(result, Err(CarrierError::Unavailable(_)))
}

fn is_refused<T>(result: &Result<T, CarrierError>) -> bool {
    matches!(result, Err(CarrierError::Refused(_)))
}

/// Every kind of message in both languages arrives at the customer's address, in words of that
/// language and with the time in the appointment's zone.
pub async fn every_kind_arrives(test: CarrierUnderTest) {
    for locale in ["de", "en"] {
        for content in contents() {
            let before = (test.arrived)().len();
            let message = message(content, locale);
            test.carrier.carry(&message).await.expect("it is taken");
            let arrived = (test.arrived)();
            let new = &arrived[before..];
            assert_eq!(new.len(), 1, "{new:?}");
            assert_eq!(new[0].to, test.address());
            let text = &new[0].text;
            assert!(text.contains("Praxis Sonnenschein"), "{text}");
            match &message.content {
                MessageContent::Campaign { .. } => assert!(text.contains("samstags"), "{text}"),
                _ => {
                    assert!(
                        text.contains("Beratung") && text.contains("08:00"),
                        "{text}"
                    );
                    assert!(text.contains("Berlin"), "the zone is said: {text}");
                    let weekday = if locale == "de" { "Mo" } else { "Mon" };
                    assert!(text.contains(weekday), "{text}");
                    assert_eq!(text.contains("Termin"), locale == "de", "{text}");
                }
            }
        }
    }
}

/// The same message again can be told by whoever receives it; another one cannot be taken for it.
pub async fn repeats_can_be_told(test: CarrierUnderTest) {
    let message = message(MessageContent::Booked(facts()), "de");
    let mut other = message.clone();
    other.id = uuid::Uuid::from_u128(2);
    let mut names = Vec::new();
    for message in [&message, &message, &other] {
        names.push(test.carrier.carry(message).await.expect("it is taken"));
    }
    let arrived: Vec<_> = (test.arrived)()
        .into_iter()
        .map(|it| it.reference)
        .collect();
    assert!(arrived[0].contains(&message.id.to_string()), "{arrived:?}");
    assert_eq!(arrived[0], arrived[1]);
    assert_ne!(arrived[1], arrived[2]);
    assert_eq!(names[0], names[1]);
}

/// Without an address of this channel it is refused, and nobody hears of it.
pub async fn nobody_without_an_address(test: CarrierUnderTest) {
    let mut message = message(MessageContent::Booked(facts()), "de");
    message.to.email = None;
    message.to.phone = None;
    assert!(is_refused(&test.carrier.carry(&message).await));
    assert_eq!((test.arrived)(), []);
}

/// What is refused for good, and what is not taken now; afterwards it goes again.
pub async fn refusals_are_told_apart(test: CarrierUnderTest) {
    let message = message(MessageContent::Booked(facts()), "de");
    (test.be)(Mood::Refuses);
    assert!(is_refused(&test.carrier.carry(&message).await));
    for mood in [Mood::Busy, Mood::Locked, Mood::Silent, Mood::Cuts] {
        (test.be)(mood);
        let carried = test.carrier.carry(&message).await;
        assert!(is_unavailable(&carried), "{mood:?}: {carried:?}");
    }
    assert_eq!((test.arrived)(), []);
    (test.be)(Mood::Takes);
    test.carrier.carry(&message).await.expect("it goes again");
    assert_eq!((test.arrived)().len(), 1);
}

/// A message whose answer comes too late may have been taken: it counts as not carried, and its
/// repeat bears the same reference.
pub async fn too_late_is_unknown(test: CarrierUnderTest) {
    let message = message(MessageContent::Booked(facts()), "de");
    (test.be)(Mood::Late);
    assert!(is_unavailable(&test.carrier.carry(&message).await));
    (test.be)(Mood::Takes);
    test.carrier.carry(&message).await.expect("it goes again");
    let arrived = (test.arrived)();
    assert_eq!(arrived.len(), 2);
    assert_eq!(arrived[0], arrived[1]);
}

/// Why a message was not carried is told without saying to whom it was.
pub async fn errors_name_nobody(test: CarrierUnderTest) {
    let message = message(MessageContent::Booked(facts()), "de");
    for mood in [
        Mood::Refuses,
        Mood::Busy,
        Mood::Locked,
        Mood::Silent,
        Mood::Cuts,
    ] {
        (test.be)(mood);
        let error = test.carrier.carry(&message).await.expect_err("not taken");
        let said = format!("{error} {error:?}");
        for personal in ["joerg", "mail.example", "1713920042", "Müßig"] {
            assert!(!said.contains(personal), "{mood:?}: {said}");
        }
    }
}

/// A check sends nothing, and finds out whether somebody is there who lets us in.
pub async fn a_check_sends_nothing(test: CarrierUnderTest) {
    for mood in [Mood::Locked, Mood::Silent] {
        (test.be)(mood);
        let checked = test.carrier.check().await;
        assert!(is_unavailable(&checked), "{mood:?}: {checked:?}");
    }
    (test.be)(Mood::Takes);
    test.carrier.check().await.expect("it is there");
    assert_eq!((test.arrived)(), []);
}

/// Messages side by side all arrive.
pub async fn many_at_once_all_arrive(test: CarrierUnderTest) {
    let carrying = (0..20).map(|n| {
        let carrier = Arc::clone(&test.carrier);
        let mut message = message(MessageContent::Reminder(facts()), "en");
        message.id = uuid::Uuid::from_u128(100 + n);
        tokio::spawn(async move { carrier.carry(&message).await })
    });
    for carried in carrying.collect::<Vec<_>>() {
        carried.await.expect("nobody panics").expect("it is taken");
    }
    let mut references: Vec<_> = (test.arrived)()
        .into_iter()
        .map(|it| it.reference)
        .collect();
    references.sort();
    references.dedup();
    assert_eq!(references.len(), 20);
}
