//! API keys as callers send them, and as the store knows them.

use sha2::{Digest, Sha256};

/// What is stored and looked up in place of a key: the SHA-256 of its text, in hex.
///
/// A key is a long random text, so that a fast digest without salt is enough. Every entry point and
/// the set-up use this one function; a key digested in another way would never be found.
///
/// ```
/// let digest = booking_application::key_digest("bk_test_15_admin_000000000000");
/// assert_eq!(digest.len(), 64);
/// ```
pub fn key_digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sha_256_of_the_text() {
        let of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(key_digest("abc"), of_abc);
        assert_ne!(key_digest("bk_a"), key_digest("bk_b"));
    }
}
