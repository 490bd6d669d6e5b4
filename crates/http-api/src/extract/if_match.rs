//! The `If-Match` header: change it only if it is as I know it.

use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;

use crate::problem::Problem;

/// The versions that the client knows; `None` when it does not say, or says `*`: any will do.
///
/// Compared strongly, as RFC 9110 says, and by the version that an appointment's validator begins
/// with: the rest of it tells of things that a change does not depend on, such as a new name of the
/// customer. A validator that none of ours is fits no version.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<Vec<i64>>, Problem> {
    let mut given = headers.get_all(IF_MATCH).iter().peekable();
    if given.peek().is_none() {
        return Ok(None);
    }
    let mut versions = Vec::new();
    for value in given {
        let Ok(list) = value.to_str() else {
            let message = "send `*`, or the `ETag` of the appointment as you know it";
            return Err(Problem::field("If-Match", message.to_owned()));
        };
        for tag in list.split(',').map(str::trim) {
            if tag == "*" {
                return Ok(None);
            }
            versions.extend(version(tag));
        }
    }
    Ok(Some(versions))
}

fn version(tag: &str) -> Option<i64> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    tag.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Red when a weak validator counts, or one that cannot be read lets the change pass.
    #[test]
    fn versions_are_read_from_strong_validators() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IF_MATCH, HeaderValue::from_static(value));
            }
            if_match(&headers).ok().flatten()
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["*"]), None);
        assert_eq!(of(&["\"7-0a1b2c3d\""]), Some(vec![7]));
        assert_eq!(of(&["\"7-0a\", \"8-0b\"", "\"9-0c\""]), Some(vec![7, 8, 9]));
        for none in ["W/\"7-0a\"", "7-0a", "\"x\"", "\"\"", ""] {
            assert_eq!(of(&[none]), Some(vec![]), "{none}");
        }
    }
}
