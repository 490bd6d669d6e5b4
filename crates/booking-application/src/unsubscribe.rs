//! The links by which customers opt out: they name the customer and are signed, so that nobody can
//! make one up; they need no login and are good for ever.

use booking_domain::ids::{CompanyId, CustomerId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Application;

/// Signs the links of the installation. It must stay the same for as long as links are to work.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey(pub [u8; 32]);

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(…)")
    }
}

/// Bytes of the signature that are kept.
const TAG: usize = 16;

impl LinkKey {
    fn mac(&self, ids: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0);
        let mut mac = mac.expect("a key of any length will do");
        mac.update(b"booking unsubscribe 1");
        mac.update(ids);
        mac
    }

    /// The token of a customer.
    pub fn token(&self, company: CompanyId, customer: CustomerId) -> String {
        let mut bytes = Vec::with_capacity(16 + TAG);
        bytes.extend(company.get().to_be_bytes());
        bytes.extend(customer.get().to_be_bytes());
        let tag = self.mac(&bytes).finalize().into_bytes();
        bytes.extend(&tag[..TAG]);
        hex::encode(bytes)
    }

    /// The customer whose token this is.
    pub fn read(&self, token: &str) -> Option<(CompanyId, CustomerId)> {
        if token.len() != 2 * (16 + TAG) {
            return None;
        }
        let bytes = hex::decode(token).ok()?;
        let (ids, tag) = bytes.split_at(16);
        self.mac(ids).verify_truncated_left(tag).ok()?;
        let number = |at: usize| ids[at..at + 8].try_into().map(i64::from_be_bytes).ok();
        Some((CompanyId::new(number(0)?), CustomerId::new(number(8)?)))
    }
}

impl Application {
    /// Where a customer can opt out, if the installation has an address and a lasting key.
    pub(crate) fn unsubscribe_url(
        &self,
        company: CompanyId,
        customer: CustomerId,
    ) -> Option<String> {
        let base = self.settings.public_url.as_deref()?.trim_end_matches('/');
        let key = self.settings.link_key.as_ref()?;
        Some(format!(
            "{base}/unsubscribe/{}",
            key.token(company, customer)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red when a token can be changed, cut, or made with another key, and is still taken.
    #[test]
    fn only_whole_tokens_of_ours_are_taken() {
        let (company, customer) = (CompanyId::new(15), CustomerId::new(7));
        let key = LinkKey([1; 32]);
        let token = key.token(company, customer);
        assert_eq!(key.read(&token), Some((company, customer)));
        assert_eq!(token, key.token(company, customer), "for ever the same");
        assert_eq!(LinkKey([2; 32]).read(&token), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(changed).expect("plain");
            assert_eq!(key.read(&changed), None, "{at}");
        }
        for bad in [
            "",
            "x",
            &token[..62],
            &format!("{token}00"),
            &"ä".repeat(32),
        ] {
            assert_eq!(key.read(bad), None, "{bad}");
        }
        assert_eq!(format!("{key:?}"), "LinkKey(…)");
    }
}
