//! Layer 2: `cal_slots_{company}_{branch}_{eventType}_{startHour}_{endHour}`, UTC hours, the end
//! excluded, no branch written as `0`.

use std::fmt;
use std::str::FromStr;

use super::text::Reader;
use super::{KeyError, KeyProblem, UtcHour, reach};
use crate::ids::{BranchId, CompanyId, EventTypeId};
use crate::time::{Instant, TimeRange};

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
    const FORM: &'static str = "cal_slots_{company}_{branch}_{eventType}_{startHour}_{endHour}";

    /// The entry that covers `window`, rounded outward to whole UTC hours. (The last hour of the
    /// year 9999 has no name for its end and is not covered.)
    ///
    /// ```
    /// use booking_domain::cache_key::HourWindowKey;
    /// use booking_domain::{ids::{CompanyId, EventTypeId}, time::TimeRange};
    /// // In Kathmandu, 5:45 ahead of UTC, no local hour begins with a UTC hour.
    /// let window = TimeRange::lasting("2025-10-13T09:00:00+05:45".parse()?, 60);
    /// let key = HourWindowKey::covering(CompanyId::new(15), None, EventTypeId::new(7), &window);
    /// assert_eq!(key.to_string(), "cal_slots_15_0_7_2025-10-13-03_2025-10-13-05");
    /// # Ok::<(), booking_domain::time::InstantError>(())
    /// ```
    pub fn covering(
        company: CompanyId,
        branch: Option<BranchId>,
        event_type: EventTypeId,
        window: &TimeRange,
    ) -> Self {
        let hours = window.to_hours();
        let start = UtcHour::of(hours.start()).min(UtcHour::MAX.plus(-1));
        Self {
            company,
            branch,
            event_type,
            start,
            end: UtcHour::of(hours.end()).max(start.plus(1)),
        }
    }

    /// The first hour.
    ///
    /// ```
    /// # use booking_domain::cache_key::HourWindowKey;
    /// let key: HourWindowKey = "cal_slots_15_9_7_2025-10-13-08_2025-10-13-10".parse()?;
    /// assert_eq!(key.start().to_string(), "2025-10-13-08");
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub const fn start(&self) -> UtcHour {
        self.start
    }

    /// The first hour after.
    ///
    /// ```
    /// # use booking_domain::cache_key::HourWindowKey;
    /// let key: HourWindowKey = "cal_slots_15_9_7_2025-10-13-08_2025-10-13-10".parse()?;
    /// assert_eq!(key.end().to_string(), "2025-10-13-10");
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub const fn end(&self) -> UtcHour {
        self.end
    }

    /// What the entry covers.
    ///
    /// ```
    /// # use booking_domain::cache_key::HourWindowKey;
    /// let key: HourWindowKey = "cal_slots_15_9_7_2025-10-13-08_2025-10-13-10".parse()?;
    /// assert_eq!(key.window().span().as_minutes(), 120);
    /// # Ok::<(), booking_domain::cache_key::KeyError>(())
    /// ```
    pub fn window(&self) -> TimeRange {
        TimeRange::new(self.start.start(), self.end.start())
            .expect("a key's end is after its start")
    }

    /// Every name of this company, branch and event type, up to `max_hours` wide
    /// ([`Self::MAX_HOURS`] at most), whose window a change of `appointment` reaches; none twice.
    ///
    /// ```
    /// use booking_domain::cache_key::HourWindowKey;
    /// use booking_domain::{ids::{CompanyId, EventTypeId}, time::TimeRange};
    /// let sold = TimeRange::lasting("2025-10-13T08:00:00+02:00".parse()?, 60);
    /// let (company, event_type) = (CompanyId::new(15), EventTypeId::new(7));
    /// let names: Vec<_> = HourWindowKey::touched_by(company, None, event_type, &sold, 1)
    ///     .map(|key| key.to_string())
    ///     .collect();
    /// assert_eq!(names, [
    ///     "cal_slots_15_0_7_2025-10-13-05_2025-10-13-06",
    ///     "cal_slots_15_0_7_2025-10-13-06_2025-10-13-07",
    ///     "cal_slots_15_0_7_2025-10-13-07_2025-10-13-08",
    /// ]);
    /// # Ok::<(), booking_domain::time::InstantError>(())
    /// ```
    pub fn touched_by(
        company: CompanyId,
        branch: Option<BranchId>,
        event_type: EventTypeId,
        appointment: &TimeRange,
        max_hours: u32,
    ) -> impl Iterator<Item = Self> + use<> {
        let reached = reach(appointment);
        let (first, last) = (UtcHour::of(reached.start()), last_hour(&reached));
        (1..=i64::from(max_hours.min(Self::MAX_HOURS))).flat_map(move |width| {
            (1 - width..=last.hours_since(first)).filter_map(move |offset| {
                let (start, end) = (first.plus(offset), first.plus(offset + width));
                // At the ends of the calendar there is nothing so wide.
                (end.hours_since(start) == width).then_some(Self {
                    company,
                    branch,
                    event_type,
                    start,
                    end,
                })
            })
        })
    }

    /// The classic three: the hours before, during and after the beginning of an appointment.
    ///
    /// ```
    /// use booking_domain::cache_key::HourWindowKey;
    /// use booking_domain::ids::{CompanyId, EventTypeId};
    /// let start = "2025-10-13T08:30:00+02:00".parse()?;
    /// let three = HourWindowKey::classic_three(CompanyId::new(15), None, EventTypeId::new(7), start);
    /// assert_eq!(three.map(|key| key.to_string()), [
    ///     "cal_slots_15_0_7_2025-10-13-05_2025-10-13-06",
    ///     "cal_slots_15_0_7_2025-10-13-06_2025-10-13-07",
    ///     "cal_slots_15_0_7_2025-10-13-07_2025-10-13-08",
    /// ]);
    /// # Ok::<(), booking_domain::time::InstantError>(())
    /// ```
    pub fn classic_three(
        company: CompanyId,
        branch: Option<BranchId>,
        event_type: EventTypeId,
        start: Instant,
    ) -> [Self; 3] {
        let hour = UtcHour::of(start).clamp(UtcHour::MIN.plus(1), UtcHour::MAX.plus(-2));
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

fn last_hour(range: &TimeRange) -> UtcHour {
    UtcHour::of(range.end() - crate::time::Span::MICROSECOND)
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
        let reader = Reader {
            text,
            wanted: "cache key",
        };
        let Some(rest) = text.strip_prefix(Self::PREFIX) else {
            return reader.fail(KeyProblem::Beginning(Self::PREFIX));
        };
        let [company, branch, event_type, start, end] = reader.parts(rest, '_', Self::FORM)?;
        let company = reader.number(company, "the company's number, from 1")?;
        let branch = reader.number_or_zero(branch, "the branch's number, or 0 for none")?;
        let event_type = reader.number(event_type, Reader::EVENT_TYPE)?;
        let hour = |part: &str| {
            UtcHour::parse(part).map_or_else(|| reader.fail(KeyProblem::Hour(part.to_owned())), Ok)
        };
        let (start, end) = (hour(start)?, hour(end)?);
        if start >= end {
            return reader.fail(KeyProblem::Order);
        }
        Ok(Self {
            company: CompanyId::new(company),
            branch: Some(branch).filter(|id| *id != 0).map(BranchId::new),
            event_type: EventTypeId::new(event_type),
            start,
            end,
        })
    }
}
