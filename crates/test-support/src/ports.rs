//! Ports and names nobody else uses.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// Ports are taken from below the range the kernel uses for outgoing connections, so that a
/// client's connection cannot take one between this call and its use.
const FIRST: u16 = 15_000;
const COUNT: u16 = 5_000;

/// A port of the loopback interface that was free a moment ago and that this process has not
/// handed out before.
///
/// # Panics
/// When none of many candidates is free: the machine is unusable for these tests.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let given = given.get_or_insert_default();
    (0..u32::from(COUNT))
        .map(|_| FIRST + u16::try_from(random() % u64::from(COUNT)).unwrap_or(0))
        .find(|port| {
            !given.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
        })
        .inspect(|port| {
            given.insert(*port);
        })
        .expect("some port between 15000 and 20000 is free")
}

/// A short name no other test of this run uses: lower-case letters and digits.
pub fn unique_name() -> String {
    format!("{:x}_{:x}", std::process::id(), random())
}

/// The standard library's hasher keys are random, which is all that is needed here.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_can_be_listened_on() {
        let ports: HashSet<u16> = (0..50).map(|_| free_port()).collect();
        assert_eq!(ports.len(), 50);
        for port in ports {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        }
    }

    #[test]
    fn names_differ_and_fit_an_identifier() {
        let (a, b) = (unique_name(), unique_name());
        assert_ne!(a, b);
        assert!(a.len() < 40 && a.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    }
}
