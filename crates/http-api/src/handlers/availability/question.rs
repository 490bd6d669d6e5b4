//! What both questions about free slots have in common: of which service, where, with whom, in
//! which zone.

use booking_domain::ids::{BranchId, EventTypeId, ServiceId, StaffId};
use booking_domain::tenant::{CompanySetup, Service};
use booking_domain::time::ZoneName;

use crate::extract::Params;
use crate::problem::Problem;

const AN_ID: &str = "an id (a positive whole number)";

/// Of which service, where, with whom, and how times are shown.
pub(super) struct Subject {
    service: Option<ServiceId>,
    event_type: Option<EventTypeId>,
    branch: Option<BranchId>,
    pub(super) staff: Option<StaffId>,
    pub(super) zone: ZoneName,
}

impl Subject {
    /// Takes the parameters; mistakes are noted.
    pub(super) fn take(params: &mut Params, setup: &CompanySetup) -> Self {
        let company_zone = setup.company.time_zone;
        if !params.has("service_id") && !params.has("event_type_id") {
            params.wrong("service_id", "give a service_id or an event_type_id");
        }
        let subject = Self {
            service: params.parse("service_id", AN_ID),
            event_type: params.parse("event_type_id", AN_ID),
            branch: params.parse("branch_id", AN_ID),
            staff: params.parse("staff_id", AN_ID),
            zone: params
                .read("time_zone", str::parse::<ZoneName>)
                .unwrap_or(company_zone),
        };
        if let (Some(event_type), Some(service)) = (subject.event_type, subject.service)
            && setup.service_of_event_type(event_type).map(|it| it.id) != Some(service)
        {
            params.wrong("event_type_id", "does not belong to the service");
        }
        subject
    }

    /// The service, offered at the branch.
    pub(super) fn service<'a>(&self, setup: &'a CompanySetup) -> Result<&'a Service, Problem> {
        let service = match (self.service, self.event_type) {
            (Some(service), _) => setup.service(service),
            (None, Some(event_type)) => setup.service_of_event_type(event_type),
            (None, None) => None,
        };
        let unknown = || Problem::new("service_not_found", "there is no such service");
        let service = service.ok_or_else(unknown)?;
        let fits = self.branch.is_none_or(|wanted| {
            setup.branches.iter().any(|branch| branch.id == wanted)
                && service.branch.is_none_or(|offered| offered == wanted)
        });
        if fits {
            Ok(service)
        } else {
            Err(Problem::new(
                "branch_not_found",
                "the service is not offered at this branch",
            ))
        }
    }
}
