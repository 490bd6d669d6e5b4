//! Company 15, as the desk knows it.

use booking_application::{Actor, BookAppointment, Principal};
use booking_domain::appointment::{Appointment, Booking};
use booking_domain::ids::{
    BranchId, CompanyId, CustomerId, EventTypeId, GroupId, ServiceId, StaffId,
};
use booking_domain::ports::{AppointmentView, Scope};
use booking_domain::tenant::{Branch, Company, CompanySetup, RetellSettings, Service, Staff};
use booking_domain::time::{Instant, TimeRange, ZoneName};

use super::{ADMIN, FOREIGN, READER, RETELL_KEY};

pub(crate) fn service(id: i64, name: &str, minutes: u32, event_type: Option<i64>) -> Service {
    let weekday = r#"[["08:00","18:00"]]"#;
    let week: Vec<_> = ["mon", "tue", "wed", "thu", "fri"]
        .map(|day| format!(r#""{day}":{weekday}"#))
        .into();
    Service {
        id: ServiceId::new(id),
        branch: Some(BranchId::new(9)),
        name: name.into(),
        aliases: vec![format!("alias {name}")],
        duration_minutes: minutes,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        event_type: event_type.map(EventTypeId::new),
        staff: vec![StaffId::new(1), StaffId::new(2)],
        capacity: 1,
        opening_hours: serde_json::from_str(&format!("{{{}}}", week.join(","))).expect("hours"),
        reminder_minutes: vec![],
        requires: vec![],
        group: GroupId::new(1),
    }
}

/// Company 15: two services that need nobody's answer, and one that waits for Cal.com.
pub(crate) fn setup() -> CompanySetup {
    let person = |id, name: &str| Staff {
        id: StaffId::new(id),
        name: name.into(),
        email: None,
        calcom_user_id: None,
    };
    CompanySetup {
        company: Company {
            id: CompanyId::new(15),
            name: "Praxis Sonnenschein".into(),
            time_zone: "Europe/Berlin".parse::<ZoneName>().expect("known"),
            locale: "de".into(),
            calcom: None,
            retell: RetellSettings {
                api_key: Some(RETELL_KEY.into()),
                agent_ids: vec!["agent_15".into()],
                numbers: vec!["+49 30 12345678".into()],
            },
            texts: Default::default(),
            calls: Default::default(),
            messages: Default::default(),
        },
        branches: vec![Branch {
            id: BranchId::new(9),
            name: "Mitte".into(),
        }],
        staff: vec![person(1, "Anna Berg"), person(2, "Ben Vogt")],
        services: vec![
            service(1, "Beratung", 60, None),
            service(2, "Kurztermin", 15, None),
            service(3, "Fernsprechstunde", 60, Some(2_563_193)),
        ],
    }
}

/// The `number`th appointment of the book, made at `now`.
pub(crate) fn appointment(
    (number, now): (usize, Instant),
    actor: &Actor,
    command: &BookAppointment,
    (service, range): (&Service, TimeRange),
) -> AppointmentView {
    let booking = Booking {
        id: format!("018f0000-0000-7000-8000-{number:012}")
            .parse()
            .expect("an id"),
        company: actor.company,
        branch: service.branch,
        service: service.id,
        event_type: service.event_type,
        customer: CustomerId::new(1),
        wanted_staff: command.staff,
        range,
        time_zone: setup().company.time_zone,
        origin: actor.origin,
        by: actor.by.clone(),
        notes: command.notes.clone(),
        metadata: command.metadata.clone(),
    };
    let mut appointment = Appointment::book(booking, now);
    appointment.saved();
    AppointmentView {
        appointment,
        customer_name: Some(command.customer.name.clone()),
        customer_email: command.customer.email.clone(),
        customer_phone: command.customer.phone.clone(),
    }
}

/// Whose key it is.
pub(super) fn principal(token: &str) -> Option<Principal> {
    let (company, scope) = match token {
        ADMIN => (15, Scope::Admin),
        READER => (15, Scope::Read),
        FOREIGN => (20, Scope::Admin),
        _ => return None,
    };
    Some(Principal {
        company: CompanyId::new(company),
        key_prefix: token[..8].into(),
        scopes: vec![scope].into(),
    })
}
