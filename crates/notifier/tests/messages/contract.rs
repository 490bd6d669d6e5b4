//! Both carriers keep what the port promises.

use std::sync::Arc;
use std::time::Duration;

use booking_notifier::{SmsCarrier, SmtpCarrier, SmtpSettings};
use booking_test_support::contract::carriers::{Arrived, CarrierUnderTest};
use booking_test_support::messages::{MailServer, SmsGateway};

use crate::opened::Opened;

/// For those who say nothing; far more than the others need.
const LIMIT: Duration = Duration::from_secs(2);

mod smtp {
    use super::*;

    async fn make() -> CarrierUnderTest {
        let server = Arc::new(MailServer::start_with_login().await.unwrap());
        let settings = SmtpSettings::parse(&server.url_with_login(), None).unwrap();
        let carrier = SmtpCarrier::new(settings.within(LIMIT)).unwrap();
        let (moods, kept) = (Arc::clone(&server), Arc::clone(&server));
        let arrived = move || {
            let opened = kept.mails().into_iter().map(Opened::new);
            let arrived = opened.map(|opened| Arrived {
                to: opened.mail.to.join(" "),
                reference: opened.header("Message-ID").unwrap(),
                text: opened.text,
            });
            arrived.collect()
        };
        CarrierUnderTest {
            carrier: Arc::new(carrier),
            be: Box::new(move |mood| moods.be(mood)),
            arrived: Box::new(arrived),
            keep: Box::new(server),
        }
    }
    booking_test_support::carrier_contract!(make);
}

mod sms {
    use super::*;

    async fn make() -> CarrierUnderTest {
        let gateway = Arc::new(SmsGateway::start().await.unwrap());
        let carrier = SmsCarrier::new(&gateway.url(), Some("token")).unwrap();
        let (moods, kept) = (Arc::clone(&gateway), Arc::clone(&gateway));
        let arrived = move || {
            let messages = kept.messages().into_iter().map(|sms| Arrived {
                to: sms.field("to").to_owned(),
                reference: sms.headers["idempotency-key"].clone(),
                text: sms.field("text").to_owned(),
            });
            messages.collect()
        };
        CarrierUnderTest {
            carrier: Arc::new(carrier.within(LIMIT)),
            be: Box::new(move |mood| moods.be(mood)),
            arrived: Box::new(arrived),
            keep: Box::new(gateway),
        }
    }
    booking_test_support::carrier_contract!(make);
}
