//! What makes two deliveries the same news.

use axum::http::HeaderMap;
use booking_application::{CalcomNews, Told};
use booking_domain::ids::BookingUid;
use booking_domain::ports::Delivery;
use booking_domain::time::Instant;
use sha2::{Digest, Sha256};

const HEADER: &str = "x-cal-idempotency-key";
const MAX_KEY: usize = 200;

/// The delivery as it is filed: under the booking that the news is about, which is none when only
/// one seat of it was given up.
pub(super) fn delivery(
    headers: &HeaderMap,
    (told, news): (&Told, Option<&CalcomNews>),
    body: &[u8],
    now: Instant,
) -> Delivery {
    let key = sent_key(headers)
        .map(|key| format!("sent:{key}"))
        .unwrap_or_else(|| format!("made:{}", made_key(told, told.uid().as_ref(), body)));
    let booking = news.and_then(|news| news.booking.as_ref());
    Delivery {
        key,
        trigger: told.trigger.clone(),
        uid: booking.map(|booking| booking.uid.clone()),
        rescheduled_from: booking.and_then(|booking| booking.rescheduled_from.clone()),
        body: String::from_utf8_lossy(body).into_owned(),
        sent_at: told.sent_at,
        received_at: now,
    }
}

/// The sender's own key, if it is one.
fn sent_key(headers: &HeaderMap) -> Option<&str> {
    let key = headers.get(HEADER)?.to_str().ok()?.trim();
    (!key.is_empty() && key.len() <= MAX_KEY).then_some(key)
}

/// SHA-256 over trigger, booking and the payload's own time. Where one of the last two is missing,
/// the whole body stands in: strangers must not be taken for repeats of each other.
fn made_key(told: &Told, uid: Option<&BookingUid>, body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(told.trigger.as_bytes());
    hasher.update([0]);
    match (uid, told.created_at) {
        (Some(uid), Some(at)) => {
            hasher.update(uid.expose().as_bytes());
            hasher.update([0]);
            hasher.update(at.unix_micros().to_be_bytes());
        }
        _ => hasher.update(body),
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key(headers: &[(&'static str, &'static str)], body: &str) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let told = Told::read(body.as_bytes()).expect("JSON");
        let now = Instant::from_unix_seconds(0).expect("in range");
        let news = told.news(now);
        delivery(&map, (&told, news.as_ref()), body.as_bytes(), now).key
    }

    fn body(trigger: &str, uid: &str, at: &str, extra: &str) -> String {
        format!(
            r#"{{"triggerEvent":"{trigger}","createdAt":"{at}","payload":{{"uid":"{uid}","x":"{extra}"}}}}"#
        )
    }

    #[test]
    fn the_same_news_has_the_same_key() {
        let one = key(
            &[],
            &body("BOOKING_CREATED", "abc", "2030-03-01T18:20:31.412Z", "1"),
        );
        let same = [
            body("BOOKING_CREATED", "abc", "2030-03-01T18:20:31.412Z", "2"),
            body(
                "BOOKING.CREATED",
                "abc",
                "2030-03-01T18:20:31.412+00:00",
                "1",
            ),
        ];
        for same in same {
            assert_eq!(key(&[], &same), one, "{same}");
        }
        for other in [
            body("BOOKING_CREATED", "abd", "2030-03-01T18:20:31.412Z", "1"),
            body("BOOKING_CREATED", "abc", "2030-03-01T18:20:31.413Z", "1"),
            body("BOOKING_CANCELLED", "abc", "2030-03-01T18:20:31.412Z", "1"),
        ] {
            assert_ne!(key(&[], &other), one, "{other}");
        }
    }

    #[test]
    fn news_without_uid_or_time_are_told_apart_by_their_body() {
        let at = "2030-03-01T18:20:31.412Z";
        let nameless = |extra| key(&[], &body("BOOKING_CREATED", "", at, extra));
        assert_ne!(nameless("1"), nameless("2"));
        assert_eq!(nameless("1"), nameless("1"));
        let timeless = |extra| key(&[], &body("BOOKING_CREATED", "abc", "", extra));
        assert_ne!(timeless("1"), timeless("2"));
    }

    #[test]
    fn the_senders_key_wins() {
        let one = body("BOOKING_CREATED", "abc", "2030-03-01T18:20:31.412Z", "1");
        assert_eq!(key(&[(HEADER, "k-1")], &one), "sent:k-1");
        assert!(key(&[(HEADER, " ")], &one).starts_with("made:"));
    }
}
