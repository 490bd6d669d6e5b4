//! What must not hold: each variant that was thought of and rejected shows its counterexample.

use super::properties::{CLEAN, NO_HELD, NO_STALE_BUSY, NO_STALE_FREE, ONE_LEASE};
use super::{Bumps, Faults, Layer2Stamp, Leases, Overlay, Protocol, Versions};
use crate::run::fails;

/// Nothing but deleting keys after a change.
fn delete_on_write() -> Protocol {
    Protocol {
        versions: Versions::Ignored,
        overlay: Overlay::Ignored,
        ..Protocol::recommended()
    }
}

fn without_overlay() -> Protocol {
    Protocol {
        overlay: Overlay::Ignored,
        ..Protocol::recommended()
    }
}

#[test]
fn deleting_on_write_is_rejected() {
    fails("delete on write", delete_on_write(), NO_STALE_FREE);
    fails("delete on write", delete_on_write(), NO_STALE_BUSY);
    fails("delete on write", delete_on_write(), CLEAN);
}

/// Tokens that only the shared cache knows.
#[test]
fn leases_without_versions_are_rejected() {
    let leases = |faults| Protocol {
        leases: Leases::OwnToken,
        faults,
        ..delete_on_write()
    };
    let unreachable = Faults {
        unreachable: true,
        ..Faults::default()
    };
    let failover = Faults {
        failover: true,
        ..Faults::default()
    };
    fails(
        "leases only, cache unreachable",
        leases(unreachable),
        NO_STALE_FREE,
    );
    fails(
        "leases only, cache restarts from a copy",
        leases(failover),
        NO_STALE_FREE,
    );
}

#[test]
fn a_lease_that_compares_no_token_is_rejected() {
    let any = Protocol {
        leases: Leases::AnyToken,
        faults: Faults {
            expiry: true,
            ..Faults::default()
        },
        ..Protocol::recommended()
    };
    fails("any lease, a lease ends early", any, ONE_LEASE);
}

#[test]
fn a_stamp_read_after_the_fetch_is_rejected() {
    let after = |overlay| Protocol {
        versions: Versions::AfterFetch,
        overlay,
        ..Protocol::recommended()
    };
    fails(
        "stamp after the fetch",
        after(Overlay::OffTheEntry),
        NO_STALE_BUSY,
    );
    fails(
        "stamp after the fetch, no overlay",
        after(Overlay::Ignored),
        NO_STALE_FREE,
    );
}

#[test]
fn one_bump_per_saga_is_rejected() {
    let one = |bumps, overlay| Protocol {
        bumps,
        overlay,
        ..Protocol::recommended()
    };
    let (entry, none) = (Overlay::OffTheEntry, Overlay::Ignored);
    fails(
        "bump at the beginning only",
        one(Bumps::First, entry),
        NO_STALE_BUSY,
    );
    fails(
        "bump at the beginning only, no overlay",
        one(Bumps::First, none),
        NO_STALE_FREE,
    );
    fails("bump at the end only", one(Bumps::Last, entry), NO_HELD);
}

#[test]
fn a_fresh_stamp_for_layer_2_is_rejected() {
    let afresh = Protocol {
        layer2_stamp: Layer2Stamp::Afresh,
        ..Protocol::recommended()
    };
    fails("layer 2 stamped afresh", afresh, NO_STALE_FREE);
}

#[test]
fn no_overlay_is_rejected_where_the_list_lags() {
    let lag = Protocol {
        faults: Faults {
            lag: true,
            ..Faults::default()
        },
        ..without_overlay()
    };
    fails("no overlay, list lags", lag, NO_STALE_FREE);
}

/// Nothing changes the stamp when a slot is freed.
#[test]
fn the_overlay_alone_is_rejected() {
    let overlay = Protocol {
        versions: Versions::Ignored,
        ..Protocol::recommended()
    };
    fails("overlay only", overlay, NO_STALE_FREE);
    let answer = Protocol {
        overlay: Overlay::OffTheAnswer,
        ..overlay
    };
    fails("overlay off the answer only", answer, NO_STALE_BUSY);
}

/// Known, and bounded by the life of an entry: what Cal.com has not freed in its list yet.
#[test]
fn a_freed_slot_waits_for_a_list_that_lags() {
    let lag = Protocol {
        faults: Faults {
            lag: true,
            ..Faults::default()
        },
        lag_is_excused: false,
        ..Protocol::recommended()
    };
    fails("list lags after the cancellation", lag, NO_STALE_BUSY);
}
