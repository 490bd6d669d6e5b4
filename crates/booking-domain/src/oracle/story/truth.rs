//! The truth: who is taken in which minute.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::{minutes, with_buffers};
use crate::availability::{LiveClaim, Resource};
use crate::tenant::Service;

/// For each resource, how many minutes before this one it is taken in, counted from the first.
pub(super) struct Truth {
    horizon: Range<i64>,
    taken_before: BTreeMap<Resource, Vec<u32>>,
}

impl Truth {
    pub(super) fn of<'a>(
        horizon: Range<i64>,
        claims: impl IntoIterator<Item = &'a LiveClaim>,
    ) -> Self {
        let length = (horizon.end - horizon.start) as usize;
        let mut taken: BTreeMap<Resource, Vec<bool>> = BTreeMap::new();
        for claim in claims {
            let of_resource = taken.entry(claim.resource);
            let of_resource = of_resource.or_insert_with(|| vec![false; length]);
            for minute in minutes(&claim.during) {
                of_resource[(minute - horizon.start) as usize] = true;
            }
        }
        let count = |taken: Vec<bool>| {
            let counted = taken.into_iter().scan(0, |sum, taken| {
                *sum += u32::from(taken);
                Some(*sum)
            });
            std::iter::once(0).chain(counted).collect()
        };
        let taken_before = taken
            .into_iter()
            .map(|(resource, taken)| (resource, count(taken)));
        Self {
            horizon,
            taken_before: taken_before.collect(),
        }
    }

    /// The beginnings, by quarters of an hour, of free slots that begin in the window.
    pub(super) fn free(&self, service: &Service, window: Range<i64>) -> Vec<i64> {
        let choices: Vec<Resource> = match &service.staff[..] {
            [] => (1..=service.capacity)
                .map(|place| Resource::Place(service.id, place))
                .collect(),
            staff => staff
                .iter()
                .map(|person| Resource::Staff(*person))
                .collect(),
        };
        let length = i64::from(service.duration_minutes);
        window
            .filter(|start| start % 15 == 0)
            .filter(|start| {
                let needed = with_buffers(service, &(*start..start + length));
                choices.iter().any(|choice| self.is_free(*choice, &needed))
            })
            .collect()
    }

    pub(super) fn is_free(&self, resource: Resource, needed: &Range<i64>) -> bool {
        self.taken_before.get(&resource).is_none_or(|before| {
            let count = |minute: i64| before[(minute - self.horizon.start) as usize];
            count(needed.start) == count(needed.end)
        })
    }
}
