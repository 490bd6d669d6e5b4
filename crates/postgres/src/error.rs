//! What went wrong, in words people can act on; and what a constraint's name means.

use booking_domain::ports::StoreError;

/// Why the store could not be opened, migrated or checked.
#[derive(Debug, thiserror::Error)]
pub enum PgError {
    /// The address is no address.
    #[error(
        "the database address is not like postgres://user:password@host:5432/database \
         (percent-encode special characters in the password)"
    )]
    Url(#[source] sqlx::Error),
    /// Nothing there, or it does not let us in.
    #[error(
        "cannot connect to {target}; check that the server runs and can be reached from here, \
         that the database exists, and that user and password are right"
    )]
    Unreachable {
        /// Where, without the password.
        target: String,
        /// What was said.
        #[source]
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date.
    #[error("cannot migrate the database; the role must own it (nothing of the failed step stays)")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A question was not answered.
    #[error("cannot {action}")]
    Query {
        /// What was tried.
        action: &'static str,
        /// What was said.
        #[source]
        source: sqlx::Error,
    },
}

enum Meaning {
    Changed,
    Conflict(&'static str),
}
use Meaning::{Changed, Conflict};

/// What a violated constraint tells the caller.
const CONSTRAINTS: [(&str, Meaning); 18] = [
    ("appointments_pkey", Changed),
    ("outbox_once", Changed),
    (
        "appointment_booking_uids_pkey",
        Conflict("another appointment has this Cal.com booking"),
    ),
    (
        "appointments_branch_fk",
        Conflict("the branch is not one of this company's"),
    ),
    (
        "appointments_service_fk",
        Conflict("the service is not one of this company's"),
    ),
    (
        "appointments_customer_fk",
        Conflict("the customer is not one of this company's"),
    ),
    (
        "appointments_wanted_staff_fk",
        Conflict("the wanted person is not on this company's staff"),
    ),
    (
        "appointments_staff_fk",
        Conflict("the person is not on this company's staff"),
    ),
    ("live_claims_no_overlap", Conflict("the time is taken")),
    (
        "live_claims_slot",
        Conflict("the appointment holds this time twice"),
    ),
    ("sagas_pkey", Conflict("the saga has begun before")),
    (
        "sagas_appointment_fk",
        Conflict("the saga is about an appointment that does not exist"),
    ),
    ("api_keys_pkey", Conflict("the API key exists already")),
    ("api_keys_company_fk", Conflict("there is no such company")),
    (
        "services_event_type",
        Conflict("two services of a company have the same calcom_event_type_id"),
    ),
    (
        "services_branch_fk",
        Conflict("a service's branch_id is not one of its company's branches"),
    ),
    (
        "service_staff_staff_fk",
        Conflict("a service's staff id is not one of its company's staff"),
    ),
    ("customers_company_fk", Conflict("there is no such company")),
];

/// What the server said, without its `DETAIL`: that quotes rows, and so may quote a customer.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
struct Said {
    code: String,
    message: String,
}

impl Said {
    fn of(error: &dyn sqlx::error::DatabaseError) -> Self {
        Self {
            code: error.code().unwrap_or_default().into_owned(),
            message: error.message().to_owned(),
        }
    }
}

/// Translates an error of the driver.
pub(crate) fn failed(action: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| match &error {
        sqlx::Error::Database(database) => match meaning(database.as_ref()) {
            Some(known) => known,
            None => StoreError::Unavailable {
                action,
                source: Said::of(database.as_ref()).into(),
            },
        },
        sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::Decode(_)
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::TypeNotFound { .. } => StoreError::Corrupt {
            place: format!("what was read to {action}"),
            source: error.into(),
        },
        _ => StoreError::Unavailable {
            action,
            source: error.into(),
        },
    }
}

fn meaning(error: &dyn sqlx::error::DatabaseError) -> Option<StoreError> {
    let name = error.constraint().unwrap_or_default();
    let known = CONSTRAINTS.iter().find(|(known, _)| *known == name);
    match known {
        Some((_, Changed)) => Some(StoreError::Changed),
        Some((_, Conflict(text))) => Some(StoreError::Conflict((*text).to_owned())),
        // Class 23: a constraint that has no words here. Repeating will not mend it.
        None if error.code().is_some_and(|code| code.starts_with("23")) => {
            Some(StoreError::Conflict(format!("constraint {name}")))
        }
        None => None,
    }
}

/// Something in a row that this program could not have written.
pub(crate) fn corrupt(
    place: impl Into<String>,
    source: impl Into<booking_domain::ports::BoxError>,
) -> StoreError {
    StoreError::Corrupt {
        place: place.into(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Violation(&'static str);

    impl std::fmt::Debug for Violation {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("DETAIL: Key (email)=(anna@mail.example) already exists.")
        }
    }

    impl std::fmt::Display for Violation {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("violates it")
        }
    }

    impl std::error::Error for Violation {}

    impl sqlx::error::DatabaseError for Violation {
        fn message(&self) -> &str {
            "violates it"
        }
        fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
            Some(if self.0.is_empty() { "40P01" } else { "23505" }.into())
        }
        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }
        fn constraint(&self) -> Option<&str> {
            Some(self.0).filter(|name| !name.is_empty())
        }
        fn kind(&self) -> sqlx::error::ErrorKind {
            sqlx::error::ErrorKind::Other
        }
    }

    fn told(constraint: &'static str) -> StoreError {
        failed("do it")(sqlx::Error::Database(Box::new(Violation(constraint))))
    }

    #[test]
    fn constraints_have_words_and_other_errors_are_worth_another_try() {
        assert!(matches!(told("appointments_pkey"), StoreError::Changed));
        assert!(
            matches!(told("api_keys_company_fk"), StoreError::Conflict(text) if text.contains("company"))
        );
        assert!(
            matches!(told("unheard_of"), StoreError::Conflict(text) if text.contains("unheard_of"))
        );
        assert!(matches!(told(""), StoreError::Unavailable { .. }));
        let printed = format!("{:?} {:?}", told(""), told("customers_phone"));
        assert!(!printed.contains("anna"), "{printed}");
        let decode = failed("do it")(sqlx::Error::Decode("x".into()));
        assert!(matches!(decode, StoreError::Corrupt { .. }));
    }

    /// Turns red when a migration renames a constraint that has words here.
    #[test]
    fn every_known_constraint_is_in_the_migrations() {
        let sql: String = crate::MIGRATIONS
            .iter()
            .map(|it| it.sql.as_str().to_owned())
            .collect();
        for (name, _) in CONSTRAINTS {
            let table = name.strip_suffix("_pkey");
            let made = table.map_or(format!("CONSTRAINT {name} "), |it| {
                format!("CREATE TABLE {it} (")
            });
            assert!(sql.contains(&made), "{name}");
        }
    }
}
