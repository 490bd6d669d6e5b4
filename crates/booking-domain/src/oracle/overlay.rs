//! Which slots are left when our own bookings are taken out: a slot is offered if some choice is
//! free in every minute it needs.

use proptest::prelude::*;

use super::{Lengths, NEW_YEAR, range, service, with_buffers};
use crate::availability::{LiveClaim, Resource, claim_choices, remove_taken};
use crate::ids::{ServiceId, StaffId};
use crate::tenant::Service;
use crate::time::TimeRange;

const HORIZON: i64 = 600;

/// Who can serve it, worked out apart from the implementation: the wished person, else each of the
/// staff, else each place.
fn who(service: &Service, wanted: Option<i64>) -> Vec<Resource> {
    let person = |id| Resource::Staff(StaffId::new(id));
    let staff = service.staff.iter().map(|id| person(id.get()));
    match wanted {
        Some(id) => vec![person(id)],
        None if service.staff.is_empty() => {
            let places = 1..=service.capacity;
            places
                .map(|place| Resource::Place(service.id, place))
                .collect()
        }
        None => staff.collect(),
    }
}

/// Whether the resource is free in this minute.
fn free(resource: Resource, minute: i64, claims: &[LiveClaim]) -> bool {
    let instant = range(minute, minute + 1);
    let taking = claims.iter().filter(|claim| claim.resource == resource);
    taking
        .into_iter()
        .all(|claim| claim.during.end() <= instant.start() || instant.end() <= claim.during.start())
}

fn offered(service: &Service, wanted: Option<i64>, slot: i64, claims: &[LiveClaim]) -> bool {
    let needed = with_buffers(service, &(slot..slot + i64::from(service.duration_minutes)));
    let mut choices = who(service, wanted).into_iter();
    choices.any(|choice| needed.clone().all(|minute| free(choice, minute, claims)))
}

/// Persons and places, those of strangers among them.
fn resource() -> impl Strategy<Value = Resource> {
    prop_oneof![
        4 => (1i64..=4).prop_map(|id| Resource::Staff(StaffId::new(id))),
        2 => (1u32..=3).prop_map(|place| Resource::Place(ServiceId::new(1), place)),
        1 => (1u32..=3).prop_map(|place| Resource::Place(ServiceId::new(2), place)),
    ]
}

fn claim() -> impl Strategy<Value = LiveClaim> {
    (resource(), 0..HORIZON, 1i64..200).prop_map(|(resource, start, length)| LiveClaim {
        resource,
        during: range(NEW_YEAR + start, NEW_YEAR + start + length),
    })
}

fn any_service() -> impl Strategy<Value = Service> {
    let lengths = (1u32..100, 0u32..40, 0u32..40);
    let staff = proptest::collection::btree_set(1i64..=4, 0..=3);
    (lengths, staff, 0u32..=3).prop_map(|(lengths, staff, capacity): (Lengths, _, _)| Service {
        capacity,
        ..service(1, lengths, &staff.into_iter().collect::<Vec<_>>())
    })
}

proptest! {
    /// Red when one of several hosts is taken for all (`any` and `all` changed about), a buffer is
    /// left out or put on the wrong side (`padded`), slots that only touch a claim go (`overlaps`
    /// with `<=`), or a claim on somebody else counts.
    #[test]
    fn a_slot_is_left_if_somebody_is_free_all_the_time(
        service in any_service(),
        wanted in proptest::option::weighted(0.2, 1i64..=4),
        starts in proptest::collection::vec(0..HORIZON, 0..30),
        claims in proptest::collection::vec(claim(), 0..12),
    ) {
        let slot = |start: &i64| {
            range(NEW_YEAR + start, NEW_YEAR + start + i64::from(service.duration_minutes))
        };
        let slots: Vec<TimeRange> = starts.iter().map(slot).collect();
        let choices = claim_choices(&service, wanted.map(StaffId::new));
        let left = remove_taken(slots, &choices, |slot| service.padded(slot), &claims);
        let expected: Vec<TimeRange> = starts
            .iter()
            .filter(|start| offered(&service, wanted, NEW_YEAR + *start, &claims))
            .map(slot)
            .collect();
        prop_assert_eq!(left, expected);
    }

    /// With so many hosts a slot goes with the last of them, not before.
    #[test]
    fn a_slot_goes_with_the_last_host(hosts in 1i64..=6, taken in 0i64..=6, lengths in (1u32..100, 0u32..40, 0u32..40)) {
        let service = service(1, lengths, &(1..=hosts).collect::<Vec<_>>());
        let slot = service.range_from(super::at(NEW_YEAR));
        let claims: Vec<_> = (1..=taken)
            .map(|id| LiveClaim { resource: Resource::Staff(StaffId::new(id)), during: slot })
            .collect();
        let choices = claim_choices(&service, None);
        let left = remove_taken(vec![slot], &choices, |slot| service.padded(slot), &claims);
        prop_assert_eq!(left.is_empty(), taken >= hosts);
    }
}
