//! A cell: what happens during a step, and how it must end.

use std::pin::Pin;

use booking_domain::appointment::StateName;
use booking_domain::time::TimeRange;
use booking_test_support::builders::nine;

use super::Stage;
use crate::script::{Act, Call};
use crate::world::two;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Create,
    Reschedule,
    Cancel,
}

type Meanwhile = Box<dyn for<'a> Fn(&'a Stage) -> Pin<Box<dyn Future<Output = ()> + 'a>>>;

pub(crate) struct Cell {
    pub(super) step: Step,
    pub(super) name: &'static str,
    pub(super) acts: Vec<(Call, Act)>,
    /// What happens after the caller has their answer.
    pub(super) meanwhile: Option<Meanwhile>,
    /// Whether another process goes on.
    pub(super) crashes: bool,
    pub(super) ends: (StateName, Option<TimeRange>),
    pub(super) reviews: Vec<&'static str>,
}

impl Cell {
    pub(super) fn new(
        step: Step,
        name: &'static str,
        acts: impl IntoIterator<Item = (Call, Act)>,
    ) -> Self {
        let ends = match step {
            Step::Create => (StateName::Confirmed, Some(nine())),
            Step::Reschedule => (StateName::Confirmed, Some(two())),
            Step::Cancel => (StateName::Cancelled, None),
        };
        Self {
            step,
            name,
            acts: acts.into_iter().collect(),
            meanwhile: None,
            crashes: false,
            ends,
            reviews: Vec::new(),
        }
    }

    pub(super) fn off(mut self) -> Self {
        self.ends = (StateName::Cancelled, None);
        self
    }

    pub(super) fn at(mut self, range: TimeRange) -> Self {
        self.ends = (StateName::Confirmed, Some(range));
        self
    }

    pub(super) fn asks(mut self, reasons: &[&'static str]) -> Self {
        self.reviews = reasons.to_vec();
        self
    }

    pub(super) fn crashes(mut self) -> Self {
        self.crashes = true;
        self
    }

    pub(super) fn then(
        mut self,
        meanwhile: impl for<'a> Fn(&'a Stage) -> Pin<Box<dyn Future<Output = ()> + 'a>> + 'static,
    ) -> Self {
        self.meanwhile = Some(Box::new(meanwhile));
        self
    }
}
