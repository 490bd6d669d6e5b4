//! What must hold, under every kind of fault.

use super::properties::{FILLED_FROM_1, HIT, REFUSED_FILL, STALE_REJECTED};
use super::{Faults, Layer1Stamp, Leases, Overlay, Protocol};
use crate::run::holds;

/// What must be seen, without leases and with them.
const SEEN: &[&str] = &[HIT, STALE_REJECTED, FILLED_FROM_1];
const SEEN_WITH_LEASES: &[&str] = &[HIT, STALE_REJECTED, FILLED_FROM_1, REFUSED_FILL];

/// A kind of fault, and what is set for it.
type Kind = (&'static str, fn(&mut Faults));

const KINDS: &[Kind] = &[
    ("no fault", |_| {}),
    ("cache unreachable", |it| it.unreachable = true),
    ("cache restarts empty", |it| it.empty = true),
    ("cache restarts from a copy", |it| it.failover = true),
    ("writer crashes", |it| it.crash = true),
    ("list lags", |it| it.lag = true),
];

const PAIRS: &[Kind] = &[
    ("list lags, cache unreachable", |it| {
        (it.lag, it.unreachable) = (true, true);
    }),
    ("writer crashes, cache unreachable", |it| {
        (it.crash, it.unreachable) = (true, true);
    }),
    ("cache unreachable, restarts from a copy", |it| {
        (it.unreachable, it.failover) = (true, true);
    }),
];

fn under_each(kinds: &[Kind], variant: &str, seen: &[&'static str], protocol: Protocol) {
    for (name, set) in kinds {
        let mut faults = Faults::default();
        set(&mut faults);
        let protocol = Protocol { faults, ..protocol };
        holds(&format!("{variant}, {name}"), protocol, seen);
    }
}

/// Turns red when a rule of the protocol that the gateway follows is dropped from the model.
#[test]
fn what_the_gateway_does_holds_under_each_fault() {
    under_each(KINDS, "as built", SEEN, Protocol::recommended());
}

#[test]
fn what_the_gateway_does_holds_under_two_faults() {
    under_each(PAIRS, "as built", SEEN, Protocol::recommended());
}

/// One statement may give both stamps.
#[test]
fn layer_1_may_be_compared_with_the_stamp_of_layer_2() {
    let same = Protocol {
        layer1_stamp: Layer1Stamp::Same,
        ..Protocol::recommended()
    };
    under_each(KINDS, "one reading", SEEN, same);
}

/// Our own bookings may be taken off every answer instead of off what is filed.
#[test]
fn the_overlay_may_be_taken_off_the_answer() {
    let answer = Protocol {
        overlay: Overlay::OffTheAnswer,
        ..Protocol::recommended()
    };
    under_each(KINDS, "overlay off the answer", SEEN, answer);
}

/// Leases would not break it. Under faults, only of a booking that stays: the states are many.
#[test]
fn leases_do_no_harm() {
    let leases = Protocol {
        leases: Leases::OwnToken,
        ..Protocol::recommended()
    };
    under_each(&KINDS[..1], "leases", SEEN_WITH_LEASES, leases);
    let only_booked = Protocol {
        only_booked: true,
        ..leases
    };
    let ends: &[Kind] = &[("a lease ends early", |it| it.expiry = true)];
    let kinds = [&KINDS[1..], ends].concat();
    let name = "leases, only booked";
    under_each(&kinds, name, SEEN_WITH_LEASES, only_booked);
}

/// Without the overlay the versions alone are enough, as long as Cal.com's list is up to date.
#[test]
fn versions_alone_hold_while_the_list_does_not_lag() {
    let versions = Protocol {
        overlay: Overlay::Ignored,
        ..Protocol::recommended()
    };
    under_each(&KINDS[..5], "no overlay", SEEN, versions);
}
