//! `Campaigns`, `CampaignLog` and `Consents`: who agreed is on the list, once, and nobody else.

use booking_domain::appointment::Appointment;
use booking_domain::contact::{Contact, PersonName};
use booking_domain::ids::{CampaignId, CustomerId};
use booking_domain::messages::{
    CampaignText, Consent, ConsentChange, Fate, Planned, Segment, Template, Visit,
};
use booking_domain::person::Evidence;
use booking_domain::ports::{
    About, Campaign, Channel, FiledCampaign, NewMessage, NotificationStatus, Outcome, Recipients,
    SaidBy,
};
use booking_domain::time::{Instant, Span, TimeRange};
use uuid::Uuid;

use super::StoreUnderTest;
use super::steps::Shop;
use crate::builders::{
    ANNA, COMPANY, CONSULTATION, OTHER_COMPANY, SHORT, cancellation, email, now, phone, remote,
};

fn campaign(n: u64, name: &str) -> Campaign {
    Campaign {
        id: CampaignId::new(Uuid::from_u64_pair(8, n)),
        text: CampaignText {
            name: name.to_owned(),
            subject: "Wieder da".to_owned(),
            text: "Guten Tag,\n\nwir haben wieder offen.".to_owned(),
            locale: Some("de".to_owned()),
        },
        segment: Segment {
            service: Some(CONSULTATION),
            last_visit_before: Some(now()),
            last_visit_after: None,
            without_future_appointment: true,
        },
        key: None,
        created_by: "api key bk_15".to_owned(),
        created_at: now() + Span::minutes(n.cast_signed()),
    }
}

async fn filed(shop: &Shop, campaign: &Campaign) -> FiledCampaign {
    let mut unit = shop.begin().await;
    let filed = unit.file_campaign(campaign).await.expect("filed");
    unit.commit().await.expect("committed");
    filed
}

async fn say(shop: &Shop, customer: CustomerId, change: ConsentChange, at: Instant) {
    let mut unit = shop.begin().await;
    let before = unit.consent_of(customer).await.expect("answers");
    let after = before.expect("a customer").after(change, at);
    let by = SaidBy {
        actor: "api key bk_15",
        source: "web form",
        at,
    };
    let said = (change, after.expect("it changes something"));
    unit.write_consent(customer, said, by)
        .await
        .expect("written");
    unit.commit().await.expect("committed");
}

async fn somebody(shop: &Shop, n: u32, (mail, number): (bool, bool)) -> CustomerId {
    let who = Contact {
        name: PersonName::parse("Anna").expect("a name"),
        email: mail.then(|| email(&format!("a{n}@x.example"))),
        phone: number.then(|| phone(&format!("+49301000{n:03}"))),
        locale: None,
    };
    let mut unit = shop.begin().await;
    let customer = unit
        .customer_for(&who, Evidence::Records)
        .await
        .expect("answers");
    unit.commit().await.expect("committed");
    customer
}

const BOTH: &[Channel] = &Channel::ALL;

async fn recipients(
    shop: &Shop,
    segment: &Segment,
    channels: &[Channel],
) -> Vec<(CustomerId, Channel)> {
    let which = Recipients {
        segment,
        channels,
        now: now(),
    };
    let found = shop
        .campaigns
        .recipients(COMPANY, &which, (CustomerId::new(0), 99))
        .await;
    let found = found.expect("chosen");
    let count = shop.campaigns.count_recipients(COMPANY, &which).await;
    assert_eq!(count.expect("counted"), found.len() as u64);
    found
}

/// What a customer says holds, and the audit log has it; of nobody and of others' nothing is known.
pub async fn consent_is_kept_with_its_source(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let customer = somebody(&shop, 1, (true, false)).await;
    say(&shop, customer, ConsentChange::Given, now()).await;
    let agreed = Consent {
        marketing_since: Some(now()),
        opted_out_at: None,
    };
    let known = async |company| {
        let mut unit = shop.begin_for(company).await;
        unit.consent_of(customer).await.expect("answers")
    };
    assert_eq!(known(COMPANY).await, Some(agreed));
    assert_eq!(known(OTHER_COMPANY).await, None);
    let addressee = shop.deliveries.addressee(COMPANY, customer).await;
    assert_eq!(addressee.expect("read").map(|it| it.consent), Some(agreed));
    let out_at = now() + Span::HOUR;
    say(&shop, customer, ConsentChange::OptedOut, out_at).await;
    let out = Consent {
        marketing_since: None,
        opted_out_at: Some(out_at),
    };
    assert_eq!(known(COMPANY).await, Some(out));
    let nobody = shop
        .begin()
        .await
        .consent_of(CustomerId::new(999_999))
        .await;
    assert_eq!(nobody.expect("answers"), None);
}

/// Only who agreed, did not opt out, and has an address that is in use; by the first channel that
/// there is an address of; page by page.
///
/// Red when one of the conditions is left out.
pub async fn only_who_agreed_and_can_be_reached_is_chosen(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mail = somebody(&shop, 1, (true, false)).await;
    let number = somebody(&shop, 2, (false, true)).await;
    let both = somebody(&shop, 3, (true, true)).await;
    let neither = somebody(&shop, 4, (false, false)).await;
    let out = somebody(&shop, 5, (true, true)).await;
    let silent = somebody(&shop, 6, (true, true)).await;
    for customer in [mail, number, both, neither, out] {
        say(&shop, customer, ConsentChange::Given, now()).await;
    }
    say(&shop, out, ConsentChange::OptedOut, now()).await;
    let all = Segment::default();
    let (by_mail, by_sms) = (Channel::Email, Channel::Sms);
    let found = recipients(&shop, &all, BOTH).await;
    assert_eq!(found, [(mail, by_mail), (number, by_sms), (both, by_mail)]);
    assert!(
        !found
            .iter()
            .any(|(who, _)| [neither, out, silent].contains(who))
    );
    let mails = recipients(&shop, &all, &[by_mail]).await;
    assert_eq!(mails, [(mail, by_mail), (both, by_mail)]);
    let texts = recipients(&shop, &all, &[by_sms]).await;
    assert_eq!(texts, [(number, by_sms), (both, by_sms)]);
    assert_eq!(recipients(&shop, &all, &[]).await, []);
    let which = Recipients {
        segment: &all,
        channels: BOTH,
        now: now(),
    };
    let page = shop.campaigns.recipients(COMPANY, &which, (mail, 1)).await;
    assert_eq!(page.expect("chosen"), [(number, by_sms)]);
    let theirs = shop.campaigns.count_recipients(OTHER_COMPANY, &which).await;
    assert_eq!(theirs.expect("counted"), 0);
}

/// The store chooses whom [`Segment::takes`] takes, over every state, both sides of now, and two
/// services.
///
/// Red when a state is taken for another, or a bound at its wrong end.
pub async fn segments_agree_with_the_rule(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let mut visits = Vec::new();
    for n in 0..36_i64 {
        let customer = somebody(&shop, 100 + n as u32, (true, false)).await;
        say(&shop, customer, ConsentChange::Given, now()).await;
        let mut had = Vec::new();
        // Each has up to two appointments, of whose kinds all pairs come along.
        for (part, state) in [(0, n % 6), (1, n / 6)] {
            let days = [-40, 20, -10][((n + part) % 3) as usize];
            let id = 200 + (n * 2 + part) as u64;
            let booking = shop.booking(id).customer(customer);
            let booking = if n % 2 == part {
                booking.short()
            } else {
                booking
            };
            let start = now() + Span::days(days) + Span::minutes(id as i64 * 15 - 5000);
            let mut it = shop
                .held(booking.range(TimeRange::lasting(start, 15)), ANNA)
                .await;
            advance(&mut it, (state, id));
            shop.save(&mut it).await;
            had.push(Visit {
                service: it.booking().service,
                ends_at: it.range().end(),
                state: it.state().name(),
            });
        }
        visits.push((customer, had));
    }
    let bounds = [None, Some(now() - Span::days(20)), Some(now())];
    for service in [None, Some(CONSULTATION), Some(SHORT)] {
        for last_visit_before in bounds {
            for last_visit_after in bounds {
                for without_future_appointment in [false, true] {
                    let segment = Segment {
                        service,
                        last_visit_before,
                        last_visit_after,
                        without_future_appointment,
                    };
                    let taken = visits.iter().filter(|(_, had)| segment.takes(had, now()));
                    let expected: Vec<_> = taken.map(|(who, _)| *who).collect();
                    let found = recipients(&shop, &segment, BOTH).await.into_iter();
                    let found: Vec<_> = found.map(|(who, _)| who).collect();
                    assert_eq!(found, expected, "{segment:?}");
                }
            }
        }
    }
}

/// Brings a held appointment to one of its states.
fn advance(it: &mut Appointment, (state, n): (i64, u64)) {
    let end = it.range().end();
    if state > 0 {
        let _ = it.confirm(&remote(&format!("uid-{n}"), it.range()), None, now());
    }
    let _ = match state {
        2 => it.complete(end),
        3 => it.no_show(end),
        4 => it.cancel(cancellation(), now()),
        5 => it.cancelled(cancellation(), now()),
        _ => return,
    };
}

/// A campaign is filed once under its name and once under its key; who files it again is told of it.
pub async fn a_campaign_is_filed_once(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let first = Campaign {
        key: Some("api:k-1".to_owned()),
        ..campaign(1, "herbst")
    };
    assert_eq!(filed(&shop, &first).await, FiledCampaign::New);
    let same_name = campaign(2, "herbst");
    let known = FiledCampaign::Known(Box::new(first.clone()));
    assert_eq!(filed(&shop, &same_name).await, known);
    let same_key = Campaign {
        key: first.key.clone(),
        ..campaign(3, "winter")
    };
    assert_eq!(filed(&shop, &same_key).await, known);
    assert_eq!(
        filed(&shop, &campaign(4, "winter")).await,
        FiledCampaign::New
    );
    let mut unit = shop.begin_for(OTHER_COMPANY).await;
    let theirs = unit.file_campaign(&first).await.expect("filed");
    assert_eq!(theirs, FiledCampaign::New, "companies do not share names");
    drop(unit);
    let mut unit = shop.begin().await;
    let undone = unit.file_campaign(&campaign(5, "sommer")).await;
    assert_eq!(undone.expect("filed"), FiledCampaign::New);
    drop(unit);
    let gone = shop.campaigns.campaign(COMPANY, campaign(5, "").id).await;
    assert_eq!(gone.expect("read"), None);
}

/// The newest first, page by page, with how their messages stand; each customer has one of each.
pub async fn campaigns_are_shown_with_their_counts(store: StoreUnderTest) {
    let shop = Shop::open(store).await;
    let all = [1, 2, 3].map(|n| campaign(n, &format!("c{n}")));
    for campaign in &all {
        filed(&shop, campaign).await;
    }
    let message = |n: u64, customer: i64| NewMessage {
        id: Uuid::from_u64_pair(9, n),
        company: COMPANY,
        about: About::Campaign {
            id: all[1].id,
            customer: CustomerId::new(customer),
        },
        planned: Planned {
            template: Template::Campaign,
            lead_minutes: 0,
            channel: Channel::Email,
            fate: Fate::Due(now()),
        },
        trace_parent: None,
    };
    let log = &shop.deliveries;
    for (n, new) in [(0, 3), (10, 0)] {
        let list = [message(n + 1, 1), message(n + 2, 2), message(n + 3, 3)];
        let fresh = log.file(&list, "message", now()).await.expect("filed");
        assert_eq!(fresh.len(), new);
    }
    let one = Uuid::from_u64_pair(9, 1);
    let sent = log
        .finish(COMPANY, (one, &Outcome::Sent(None)), now())
        .await;
    sent.expect("noted");
    let logged = log
        .message(COMPANY, one)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(logged.about, message(1, 1).about);
    let list = async |before| {
        let page = shop.campaigns.campaigns(COMPANY, (before, 2)).await;
        page.expect("listed")
    };
    let page = list(None).await;
    let shown: Vec<_> = page.iter().map(|it| &it.campaign).collect();
    assert_eq!(shown, [&all[2], &all[1]]);
    let counts = [
        (NotificationStatus::Queued, 2),
        (NotificationStatus::Sent, 1),
    ];
    assert_eq!(page[1].counts, counts.into());
    assert_eq!((page[0].counts.len(), page[0].chosen_at), (0, None));
    let rest = list(Some((all[1].created_at, all[1].id))).await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].campaign, all[0]);
    for n in 1..=2 {
        let at = now() + Span::minutes(n);
        let noted = shop.campaigns.chosen(COMPANY, all[1].id, at).await;
        noted.expect("noted");
    }
    let view = shop.campaigns.campaign(COMPANY, all[1].id).await;
    let view = view.expect("read").expect("there");
    assert_eq!(view.chosen_at, Some(now() + Span::MINUTE), "once");
    assert_eq!(view.counts, counts.into());
    let theirs = shop.campaigns.campaign(OTHER_COMPANY, all[1].id).await;
    assert_eq!(theirs.expect("read"), None);
    let theirs = shop.campaigns.campaigns(OTHER_COMPANY, (None, 9)).await;
    assert_eq!(theirs.expect("read"), []);
}
