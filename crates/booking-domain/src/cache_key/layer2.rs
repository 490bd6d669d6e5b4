//! Layer 2: `cal_slots_{company}_{branch}_{eventType}_{startHour}_{endHour}`, UTC hours, the end
//! excluded, no branch written as `0`.

use std::fmt;
use std::str::FromStr;

use super::layer1::canonical;
use super::{KeyError, reach};
use crate::ids::{BranchId, CompanyId, EventTypeId};
use crate::time::{Day, Instant, Span, TimeRange};

/// A whole hour on the UTC line, printed `YYYY-MM-DD-HH`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcHour(i64);

impl UtcHour {
    /// The hour this moment lies in.
    pub fn of(at: Instant) -> Self {
        Self(at.unix_seconds().div_euclid(3_600))
    }

    /// Its first moment.
    pub fn start(self) -> Instant {
        let day = Day::from_epoch_days(self.0.div_euclid(24) as i32);
        day.start_utc() + Span::hours(self.0.rem_euclid(24))
    }

    /// The hour `n` later.
    pub const fn plus(self, n: i64) -> Self {
        Self(self.0 + n)
    }

    const fn hours_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for UtcHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.start().utc_day(), self.0.rem_euclid(24))
    }
}

impl fmt::Debug for UtcHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcHour {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let fail = || KeyError::new(text, "an hour is written YYYY-MM-DD-HH");
        let (day, hour) = text.rsplit_once('-').ok_or_else(fail)?;
        let day: Day = day.parse().ok().ok_or_else(fail)?;
        let plain = hour.len() == 2 && hour.bytes().all(|byte| byte.is_ascii_digit());
        let hour: i64 = hour
            .parse()
            .ok()
            .filter(|it| plain && *it < 24)
            .ok_or_else(fail)?;
        Ok(Self(i64::from(day.epoch_days()) * 24 + hour))
    }
}

/// The name of a layer-2 entry: `start < end` by construction.
///
/// ```
/// use booking_domain::cache_key::HourWindowKey;
/// let key: HourWindowKey = "cal_slots_15_9_2563193_2025-10-13-08_2025-10-13-09".parse()?;
/// assert_eq!(key.branch.map(|branch| branch.get()), Some(9));
/// # Ok::<(), booking_domain::cache_key::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HourWindowKey {
    /// Whose entry.
    pub company: CompanyId,
    /// Where; `None` is written `0`.
    pub branch: Option<BranchId>,
    /// Cal.com's number for what is booked.
    pub event_type: EventTypeId,
    pub(super) start: UtcHour,
    pub(super) end: UtcHour,
}

impl HourWindowKey {
    /// What every layer-2 name begins with.
    pub const PREFIX: &'static str = "cal_slots_";
    /// The widest window that is cached, in hours.
    pub const MAX_HOURS: u32 = 24;

    /// The entry that covers `window`, rounded outward to whole UTC hours.
    pub fn covering(
        company: CompanyId,
        branch: Option<BranchId>,
        event_type: EventTypeId,
        window: &TimeRange,
    ) -> Self {
        let hours = window.to_hours();
        let (start, end) = (UtcHour::of(hours.start()), UtcHour::of(hours.end()));
        Self {
            company,
            branch,
            event_type,
            start,
            end,
        }
    }

    /// The first hour.
    pub const fn start(&self) -> UtcHour {
        self.start
    }

    /// The first hour after.
    pub const fn end(&self) -> UtcHour {
        self.end
    }

    /// What the entry covers.
    pub fn window(&self) -> TimeRange {
        TimeRange::new(self.start.start(), self.end.start())
            .expect("a key's end is after its start")
    }

    /// Every name of this company, branch and event type, up to `max_hours` wide, whose window a
    /// change of `appointment` reaches.
    pub fn touched_by(
        company: CompanyId,
        branch: Option<BranchId>,
        event_type: EventTypeId,
        appointment: &TimeRange,
        max_hours: u32,
    ) -> impl Iterator<Item = Self> + use<> {
        let reached = reach(appointment);
        let (first, after) = (UtcHour::of(reached.start()), UtcHour::of(reached.end()));
        (1..=i64::from(max_hours)).flat_map(move |width| {
            (1 - width..after.hours_since(first)).map(move |offset| {
                let start = first.plus(offset);
                Self {
                    company,
                    branch,
                    event_type,
                    start,
                    end: start.plus(width),
                }
            })
        })
    }

    /// The classic three: the hours before, during and after the beginning of an appointment.
    pub fn classic_three(
        company: CompanyId,
        branch: Option<BranchId>,
        event_type: EventTypeId,
        start: Instant,
    ) -> [Self; 3] {
        let hour = UtcHour::of(start);
        [-1, 0, 1].map(|offset| {
            let start = hour.plus(offset);
            Self {
                company,
                branch,
                event_type,
                start,
                end: start.plus(1),
            }
        })
    }
}

impl fmt::Display for HourWindowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let branch = self.branch.map_or(0, BranchId::get);
        let Self {
            company,
            event_type,
            start,
            end,
            ..
        } = self;
        write!(
            f,
            "{}{company}_{branch}_{event_type}_{start}_{end}",
            Self::PREFIX
        )
    }
}

impl FromStr for HourWindowKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let fail = |problem| KeyError::new(text, problem);
        let rest = text
            .strip_prefix(Self::PREFIX)
            .ok_or(fail("it must begin with cal_slots_"))?;
        let parts: Vec<_> = rest.split('_').collect();
        let [company, branch, event_type, start, end] = parts[..] else {
            return Err(fail("it needs company, branch, event type and two hours"));
        };
        let number = |text| canonical(text).ok_or(fail("an id is not a plain number"));
        let hour = |part: &str| {
            part.parse::<UtcHour>()
                .map_err(|_| fail("an hour is written YYYY-MM-DD-HH"))
        };
        let (start, end) = (hour(start)?, hour(end)?);
        if start >= end {
            return Err(fail("the end is not after the start"));
        }
        let branch = Some(number(branch)?)
            .filter(|id| *id != 0)
            .map(BranchId::new);
        let (company, event_type) = (number(company)?, number(event_type)?);
        let (company, event_type) = (CompanyId::new(company), EventTypeId::new(event_type));
        Ok(Self {
            company,
            branch,
            event_type,
            start,
            end,
        })
    }
}
