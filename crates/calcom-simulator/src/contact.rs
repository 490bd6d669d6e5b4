//! E-mail addresses and phone numbers, checked as far as the service does.

/// People who book by phone get an address made of their number.
pub(crate) fn placeholder_email(phone: &str) -> String {
    format!("{}@sms.cal.com", phone.trim_start_matches('+'))
}

/// E.164: a plus sign and 7 to 15 digits.
pub(crate) fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

pub(crate) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
            && !domain.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers() {
        assert!(is_email("a@b.example") && !is_email("a@b") && !is_email("a b@c.example"));
        assert!(is_phone("+491701234567") && !is_phone("01701234567") && !is_phone("+49"));
    }
}
