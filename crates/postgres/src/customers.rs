//! Customers inside a unit of work: one row per person, however many ask at once.

use async_trait::async_trait;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::CustomerId;
use booking_domain::ports::{CustomerRepository, StoreError};

use crate::error::{corrupt, failed};
use crate::unit_of_work::PgUnitOfWork;

/// How often a search starts over because somebody wrote the same customer meanwhile.
const MOST_TRIES: usize = 8;

struct Known {
    id: i64,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    locale: Option<String>,
    fresh: bool,
}

#[async_trait]
impl CustomerRepository for PgUnitOfWork {
    async fn customer_for(&mut self, contact: &Contact) -> Result<CustomerId, StoreError> {
        for _ in 0..MOST_TRIES {
            // Nothing: somebody has just written this customer, and is visible to the next try.
            let Some(known) = self.find_or_insert(contact).await? else {
                continue;
            };
            if known.fresh || known.says_all_of(contact) || self.fill_in(&known, contact).await? {
                return Ok(CustomerId::new(known.id));
            }
        }
        Err(StoreError::Changed)
    }

    async fn contact_of(&mut self, id: CustomerId) -> Result<Option<Contact>, StoreError> {
        let row = sqlx::query!(
            "SELECT name, email, phone, locale FROM customers WHERE company_id = $1 AND id = $2",
            self.company.get(),
            id.get()
        )
        .fetch_optional(self.conn())
        .await
        .map_err(failed("find a customer"))?;
        // Without a name: erased.
        let Some((row, name)) = row.and_then(|row| row.name.clone().map(|name| (row, name))) else {
            return Ok(None);
        };
        Ok(Some(Contact {
            name: read_name(&name)?,
            email: row.email.as_deref().map(read_email).transpose()?,
            phone: row.phone.as_deref().map(read_phone).transpose()?,
            locale: row.locale,
        }))
    }
}

impl Known {
    /// Whether there is nothing to fill in.
    fn says_all_of(&self, contact: &Contact) -> bool {
        let nothing_new = |known: &Option<String>, given: bool| known.is_some() || !given;
        self.name.as_deref() == Some(contact.name.expose())
            && nothing_new(&self.email, contact.email.is_some())
            && nothing_new(&self.phone, contact.phone.is_some())
            && nothing_new(&self.locale, contact.locale.is_some())
    }
}

impl PgUnitOfWork {
    /// The customer with this number, else with this address, else a new one. `None` when somebody
    /// inserts the same one just now (their commit has been waited for).
    async fn find_or_insert(&mut self, contact: &Contact) -> Result<Option<Known>, StoreError> {
        sqlx::query_as!(
            Known,
            r#"
            WITH found AS (
                SELECT id, name, email, phone, locale FROM customers
                WHERE company_id = $1 AND (phone = $2::text OR email = $3::text)
                ORDER BY (phone = $2) IS TRUE DESC
                LIMIT 1
            ), fresh AS (
                INSERT INTO customers (company_id, phone, email, name, locale)
                SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM found)
                ON CONFLICT DO NOTHING
                RETURNING id, name, email, phone, locale
            )
            SELECT id AS "id!", name, email, phone, locale, false AS "fresh!" FROM found
            UNION ALL
            SELECT id, name, email, phone, locale, true FROM fresh"#,
            self.company.get(),
            contact.phone.as_ref().map(Phone::expose),
            contact.email.as_ref().map(Email::expose),
            contact.name.expose(),
            contact.locale,
        )
        .fetch_optional(self.conn())
        .await
        .map_err(failed("find a customer"))
    }

    /// Fills in what was unknown. A number or address that is another customer's stays theirs.
    /// `false` when somebody took it just now: look again.
    async fn fill_in(&mut self, known: &Known, contact: &Contact) -> Result<bool, StoreError> {
        self.run("SAVEPOINT fill_in")
            .await
            .map_err(failed("update a customer"))?;
        let filled = sqlx::query!(
            r#"
            UPDATE customers c SET
                name = $3,
                phone = coalesce(c.phone, CASE WHEN NOT EXISTS (
                    SELECT FROM customers o WHERE o.company_id = $1 AND o.phone = $4) THEN $4 END),
                email = coalesce(c.email, CASE WHEN NOT EXISTS (
                    SELECT FROM customers o WHERE o.company_id = $1 AND o.email = $5) THEN $5 END),
                locale = coalesce(c.locale, $6),
                updated_at = now()
            WHERE c.company_id = $1 AND c.id = $2"#,
            self.company.get(),
            known.id,
            contact.name.expose(),
            contact.phone.as_ref().map(Phone::expose),
            contact.email.as_ref().map(Email::expose),
            contact.locale,
        )
        .execute(self.conn())
        .await;
        let (end, outcome) = match filled {
            Ok(_) => ("RELEASE SAVEPOINT fill_in", Ok(true)),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                ("ROLLBACK TO SAVEPOINT fill_in", Ok(false))
            }
            Err(error) => return Err(failed("update a customer")(error)),
        };
        self.run(end).await.map_err(failed("update a customer"))?;
        outcome
    }
}

pub(crate) fn read_name(text: &str) -> Result<PersonName, StoreError> {
    PersonName::parse(text).map_err(|error| corrupt("customers.name", error))
}

pub(crate) fn read_email(text: &str) -> Result<Email, StoreError> {
    Email::parse(text).map_err(|error| corrupt("customers.email", error))
}

pub(crate) fn read_phone(text: &str) -> Result<Phone, StoreError> {
    Phone::parse(text).map_err(|error| corrupt("customers.phone", error))
}
