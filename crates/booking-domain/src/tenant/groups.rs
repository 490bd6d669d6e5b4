//! Availability groups: the services that share a host, directly or through others.

use std::collections::BTreeMap;

use crate::ids::{GroupId, ServiceId, StaffId};

/// Puts services that share staff into one group, transitively; a service without staff is alone.
/// A group is called after its smallest service.
///
/// ```
/// use booking_domain::ids::{GroupId, ServiceId, StaffId};
/// use booking_domain::tenant::availability_groups;
/// let (one, two, three) = (ServiceId::new(1), ServiceId::new(2), ServiceId::new(3));
/// let groups = availability_groups([
///     (one, vec![StaffId::new(7)]),
///     (two, vec![StaffId::new(7), StaffId::new(8)]),
///     (three, vec![StaffId::new(9)]),
/// ]);
/// assert_eq!(groups[&two], GroupId::new(1));
/// assert_eq!(groups[&three], GroupId::new(3));
/// ```
pub fn availability_groups(
    services: impl IntoIterator<Item = (ServiceId, Vec<StaffId>)>,
) -> BTreeMap<ServiceId, GroupId> {
    let services: BTreeMap<_, _> = services.into_iter().collect();
    let mut leader: BTreeMap<ServiceId, ServiceId> = services
        .keys()
        .map(|service| (*service, *service))
        .collect();
    let mut first_with: BTreeMap<StaffId, ServiceId> = BTreeMap::new();
    for (service, staff) in &services {
        for person in staff {
            let other = *first_with.entry(*person).or_insert(*service);
            let (a, b) = (root(&leader, *service), root(&leader, other));
            leader.insert(a.max(b), a.min(b));
        }
    }
    services
        .into_keys()
        .map(|service| (service, GroupId::new(root(&leader, service).get())))
        .collect()
}

fn root(leader: &BTreeMap<ServiceId, ServiceId>, mut service: ServiceId) -> ServiceId {
    while leader[&service] != service {
        service = leader[&service];
    }
    service
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Oracle: spread group names along shared staff until nothing changes.
        #[test]
        fn same_as_spreading_along_shared_staff(
            staff in proptest::collection::vec(proptest::collection::vec(1i64..8, 0..3), 1..8)
        ) {
            let services: Vec<_> = staff.iter().enumerate().map(|(at, staff)| {
                (ServiceId::new(at as i64 + 1), staff.iter().copied().map(StaffId::new).collect::<Vec<_>>())
            }).collect();
            let mut expected: Vec<i64> = (1..=services.len() as i64).collect();
            for _ in 0..services.len() {
                for a in 0..services.len() {
                    for b in 0..services.len() {
                        if staff[a].iter().any(|person| staff[b].contains(person)) {
                            let least = expected[a].min(expected[b]);
                            (expected[a], expected[b]) = (least, least);
                        }
                    }
                }
            }
            let found = availability_groups(services.clone());
            for (at, (service, _)) in services.iter().enumerate() {
                prop_assert_eq!(found[service], GroupId::new(expected[at]));
            }
        }
    }
}
