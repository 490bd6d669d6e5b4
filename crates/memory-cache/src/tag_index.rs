//! Which names are filed under which tags.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use booking_domain::cache_key::{CacheKey, Tag};
use booking_domain::ids::EventTypeId;
use booking_domain::time::Day;

/// The sets of names, one per event type and UTC day; empty sets are not kept.
#[derive(Default, Debug)]
pub(crate) struct TagIndex(BTreeMap<Tag, HashSet<CacheKey>>);

impl TagIndex {
    /// Files the name under the tags of its window.
    pub(crate) fn add(&mut self, key: CacheKey) {
        for tag in Tag::of_window(key.event_type(), &key.window()) {
            self.0.entry(tag).or_default().insert(key);
        }
    }

    /// Forgets the name.
    pub(crate) fn remove(&mut self, key: &CacheKey) {
        for tag in Tag::of_window(key.event_type(), &key.window()) {
            if let Some(names) = self.0.get_mut(&tag) {
                names.remove(key);
                if names.is_empty() {
                    self.0.remove(&tag);
                }
            }
        }
    }

    /// Every name filed under these tags, each once, sorted.
    pub(crate) fn names(&self, tags: &[Tag]) -> Vec<CacheKey> {
        let filed = tags.iter().filter_map(|tag| self.0.get(tag));
        let names: BTreeSet<CacheKey> = filed.flatten().copied().collect();
        names.into_iter().collect()
    }

    /// Takes out every name filed under these tags, each once, sorted.
    pub(crate) fn take(&mut self, tags: &[Tag]) -> Vec<CacheKey> {
        let names = self.names(tags);
        for key in &names {
            self.remove(key);
        }
        names
    }

    /// Takes out every name of an event type, each once.
    pub(crate) fn take_all(&mut self, event_type: EventTypeId) -> Vec<CacheKey> {
        let on = |day| Tag {
            event_type,
            day: Day::from_epoch_days(day),
        };
        let tags: Vec<_> = self
            .0
            .range(on(i32::MIN)..=on(i32::MAX))
            .map(|(tag, _)| *tag)
            .collect();
        self.take(&tags)
    }

    /// How many names are filed, counted once per tag.
    #[cfg(test)]
    pub(crate) fn filings(&self) -> usize {
        self.0.values().map(HashSet::len).sum()
    }
}
