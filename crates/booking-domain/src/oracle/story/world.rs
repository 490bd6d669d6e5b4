//! The company, its appointments, the versions of its groups, and two caches of its availability:
//! one that forgets nothing and trusts to stamps, one that trusts to tags.

use std::collections::BTreeMap;

use chrono::Datelike;
use chrono_tz::Tz;
use proptest::prelude::*;
use uuid::Uuid;

use super::super::{DAY, Lengths, at, local_date, minutes, range, service};
use super::truth::Truth;
use super::{Step, Wish};
use crate::appointment::Appointment;
use crate::availability::{
    AvailabilityEntry, EntryScope, LiveClaim, Raised, Stamp, Taken, VersionRows, claim_choices,
    remove_taken,
};
use crate::cache_key::{CacheKey, DayRangeKey, HourWindowKey};
use crate::ids::{AppointmentId, CompanyId, EpochId, GroupId, ServiceId, StaffId};
use crate::tenant::{Service, availability_groups};
use crate::time::{Day, Instant, TimeRange, ZoneName};

/// How often something was found true.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) believed: u32,
    pub(super) after_a_change: u32,
    pub(super) refused: u32,
    pub(super) filed: u32,
    pub(super) updated: u32,
}

impl Checked {
    pub(super) fn add(&mut self, more: &Self) {
        self.believed += more.believed;
        self.after_a_change += more.after_a_change;
        self.refused += more.refused;
        self.filed += more.filed;
        self.updated += more.updated;
    }
}

/// A question under way: its stamp was read, then Cal.com's list fetched.
pub(super) struct Fill {
    service: usize,
    pub(super) key: CacheKey,
    stamp: Stamp,
    listed: Vec<TimeRange>,
    /// Nothing it would be filed under was forgotten meanwhile.
    pub(super) has_lease: bool,
}

/// An entry, and how many changes there had been when it was asked for.
struct Kept {
    service: usize,
    key: CacheKey,
    entry: AvailabilityEntry,
    changes: usize,
}

/// A claim of an appointment on a resource for one of its times.
pub(super) struct Held {
    pub(super) by: AppointmentId,
    pub(super) slot: TimeRange,
    pub(super) claim: LiveClaim,
}

pub(super) struct World {
    zone: Tz,
    /// The first midnight, UTC.
    pub(super) first: i64,
    pub(super) services: Vec<Service>,
    pub(super) appointments: Vec<Appointment>,
    pub(super) held: Vec<Held>,
    pub(super) versions: BTreeMap<GroupId, (BTreeMap<Day, i64>, VersionRows)>,
    pub(super) changes: usize,
    pub(super) under_way: Vec<Fill>,
    stamped: Vec<Kept>,
    pub(super) tagged: BTreeMap<(usize, CacheKey), Vec<TimeRange>>,
    pub(super) checked: Checked,
}

impl World {
    pub(super) fn new(services: &[(Lengths, Vec<i64>)], zone: Tz, minute: i64) -> Self {
        let staff = |staff: &[i64]| staff.iter().copied().map(StaffId::new).collect();
        let groups = availability_groups(
            (1..)
                .map(ServiceId::new)
                .zip(services.iter().map(|(_, ids)| staff(ids))),
        );
        let made = (1..).zip(services).map(|(id, (lengths, staff))| Service {
            group: groups[&ServiceId::new(id)],
            ..service(id, *lengths, staff)
        });
        Self {
            zone,
            first: minute.div_euclid(DAY) * DAY,
            services: made.collect(),
            appointments: vec![],
            held: vec![],
            versions: BTreeMap::new(),
            changes: 0,
            under_way: vec![],
            stamped: vec![],
            tagged: BTreeMap::new(),
            checked: Checked::default(),
        }
    }

    pub(super) fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Read(service, wish) => {
                let fill = self.ask(service.index(self.services.len()), *wish);
                self.file(fill);
            }
            Step::Ask(service, wish) => {
                let fill = self.ask(service.index(self.services.len()), *wish);
                self.under_way.push(fill);
            }
            Step::File(which) if !self.under_way.is_empty() => {
                let fill = self.under_way.remove(which.index(self.under_way.len()));
                self.file(fill);
            }
            Step::Book(service, quarter, wanted) => {
                let service = self.services[service.index(self.services.len())].clone();
                let wanted = wanted.filter(|_| !service.staff.is_empty());
                let wanted = wanted.map(|it| *it.get(&service.staff));
                self.book(&service, self.quarter(*quarter), wanted);
            }
            Step::Move(which, quarter) if !self.appointments.is_empty() => {
                let (which, start) = (which.index(self.appointments.len()), self.quarter(*quarter));
                self.reschedule(which, start);
            }
            Step::Cancel(which) if !self.appointments.is_empty() => {
                self.cancel(which.index(self.appointments.len()));
            }
            Step::Hear(which, answer) if !self.appointments.is_empty() => {
                self.hear(which.index(self.appointments.len()), *answer);
            }
            _ => return Ok(()),
        }
        let found = self.judge()?;
        self.checked.add(&found);
        Ok(())
    }

    pub(super) fn quarter(&self, quarter: i64) -> i64 {
        self.first + 15 * quarter
    }

    fn truth(&self) -> Truth {
        // Four days, and what a wish or an answer may reach around them.
        let horizon = self.first - 2 * DAY..self.first + 6 * DAY;
        Truth::of(horizon, self.held.iter().map(|held| &held.claim))
    }

    fn claims(&self) -> Vec<LiveClaim> {
        self.held.iter().map(|held| held.claim).collect()
    }

    pub(super) fn service_of(&self, appointment: &Appointment) -> Service {
        let id = appointment.booking().service;
        let found = self.services.iter().find(|service| service.id == id);
        found.expect("one of ours").clone()
    }

    fn stamp(&self, service: usize, key: &CacheKey) -> Stamp {
        let rows = self.versions.get(&self.services[service].group);
        Stamp {
            epoch: EpochId::new(Uuid::nil()),
            sum: rows.map_or(0, |(_, rows)| rows.sum(key.window().utc_days())),
        }
    }

    fn scope(&self, service: usize, key: &CacheKey) -> EntryScope {
        let service = &self.services[service];
        EntryScope {
            company: CompanyId::new(15),
            event_type: key.event_type(),
            group: service.group,
            account: String::new(),
            duration_minutes: service.duration_minutes,
            window: key.window(),
        }
    }

    fn key(&self, service: usize, wish: Wish) -> CacheKey {
        let event_type = self.services[service].event_type.expect("set");
        match wish {
            Wish::Day(ahead) => {
                let date = local_date(self.zone, self.first + (ahead * DAY) + DAY / 2);
                let day = Day::from_ymd(date.year(), date.month(), date.day()).expect("a date");
                let zone: ZoneName = self.zone.name().parse().expect("known");
                DayRangeKey::covering(event_type, &zone.day_range(day)).into()
            }
            Wish::TwoHours(hour) => {
                let start = self.first + hour * 60;
                let window = range(start, start + 120);
                HourWindowKey::covering(CompanyId::new(15), None, event_type, &window).into()
            }
        }
    }

    fn slots(&self, service: usize, starts: Vec<i64>) -> Vec<TimeRange> {
        let slot = |start| self.services[service].range_from(at(start));
        starts.into_iter().map(slot).collect()
    }

    fn ask(&self, service: usize, wish: Wish) -> Fill {
        let key = self.key(service, wish);
        let stamp = self.stamp(service, &key);
        let free = self
            .truth()
            .free(&self.services[service], minutes(&key.window()));
        Fill {
            service,
            key,
            stamp,
            listed: self.slots(service, free),
            has_lease: true,
        }
    }

    fn file(&mut self, fill: Fill) {
        let service = &self.services[fill.service];
        let choices = claim_choices(service, None);
        let padded = |slot: &TimeRange| service.padded(slot);
        let slots = remove_taken(fill.listed, &choices, padded, &self.claims());
        if fill.has_lease {
            self.tagged.insert((fill.service, fill.key), slots.clone());
        }
        let entry = AvailabilityEntry {
            format: AvailabilityEntry::FORMAT,
            scope: self.scope(fill.service, &fill.key),
            stamp: fill.stamp,
            fetched_at: now(),
            expires_at: at(i64::from(i32::MAX)),
            slots,
        };
        self.stamped.push(Kept {
            service: fill.service,
            key: fill.key,
            entry,
            changes: self.changes,
        });
    }

    /// Brings what is kept up to date where it is certain what became of it.
    pub(super) fn update(&mut self, claim: LiveClaim, raised: &Raised) {
        let updated = self.stamped.iter().filter_map(|kept| {
            let service = &self.services[kept.service];
            let taken = Taken {
                claim,
                raised: raised.count(service.group, kept.key.window().utc_days()),
                current: self.stamp(kept.service, &kept.key),
            };
            let entry = kept.entry.without(service, &taken)?;
            Some(Kept {
                entry,
                changes: self.changes,
                ..*kept
            })
        });
        let updated: Vec<_> = updated.collect();
        self.checked.updated += updated.len() as u32;
        self.stamped.extend(updated);
    }

    /// Every entry that is believed, and every one that is still filed, shows the truth.
    fn judge(&self) -> Result<Checked, TestCaseError> {
        let mut checked = Checked::default();
        let truth = self.truth();
        let shown = |service: usize, key: &CacheKey| {
            let free = truth.free(&self.services[service], minutes(&key.window()));
            self.slots(service, free)
        };
        for Kept {
            service,
            key,
            entry,
            changes,
        } in &self.stamped
        {
            let (scope, current) = (self.scope(*service, key), self.stamp(*service, key));
            if entry.check(&scope, current, now()).is_err() {
                checked.refused += 1;
                continue;
            }
            checked.believed += 1;
            checked.after_a_change += u32::from(*changes < self.changes);
            prop_assert_eq!(&entry.slots, &shown(*service, key), "believed: {}", key);
        }
        for ((service, key), slots) in &self.tagged {
            checked.filed += 1;
            prop_assert_eq!(slots, &shown(*service, key), "filed: {}", key);
        }
        Ok(checked)
    }
}

pub(super) fn now() -> Instant {
    at(0)
}
