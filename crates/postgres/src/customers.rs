//! Customers inside a unit of work: one row per person, however many ask at once.

use async_trait::async_trait;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::CustomerId;
use booking_domain::person::{Acquaintance, Evidence, MOST_ON_ONE_NUMBER, name_key, whose_contact};
use booking_domain::ports::{CustomerRepository, StoreError};

use crate::error::{corrupt, failed};
use crate::unit_of_work::PgUnitOfWork;

/// How often a search starts over because somebody wrote the same customer meanwhile.
const MOST_TRIES: usize = 8;

struct Known {
    id: i64,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    locale: Option<String>,
    fresh: bool,
}

#[async_trait]
impl CustomerRepository for PgUnitOfWork {
    async fn customer_for(
        &mut self,
        contact: &Contact,
        evidence: Evidence,
    ) -> Result<CustomerId, StoreError> {
        let key = name_key(&contact.name);
        for _ in 0..MOST_TRIES {
            let found = self.find_or_insert(contact, &key).await?;
            if let [
                Known {
                    id, fresh: true, ..
                },
            ] = found.as_slice()
            {
                return Ok(CustomerId::new(*id));
            }
            let people = found.iter().map(Known::person);
            let people = people.collect::<Result<Vec<_>, _>>()?;
            if let Some((at, name)) = whose_contact(&people, contact, evidence) {
                let known = &found[at];
                if !known.says_all_of(contact, name) {
                    self.fill_in(known.id, contact, name).await?;
                }
                return Ok(CustomerId::new(known.id));
            }
            // Nobody: somebody new on a known number, or somebody has just written this customer,
            // whose commit has been waited for, and is visible to the next try.
            if !found.is_empty()
                && let Some(id) = self.insert(contact, &key).await?
            {
                return Ok(CustomerId::new(id));
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
    fn person(&self) -> Result<Acquaintance, StoreError> {
        Ok(Acquaintance {
            name: read_name(&self.name)?,
            phone: self.phone.as_deref().map(read_phone).transpose()?,
        })
    }

    /// Whether there is nothing to fill in.
    fn says_all_of(&self, contact: &Contact, name: &PersonName) -> bool {
        let email = contact.email.as_ref().map(Email::expose);
        self.name == name.expose()
            && (email.is_none() || self.email.as_deref() == email)
            && (self.phone.is_some() || contact.phone.is_none())
            && (self.locale.is_some() || contact.locale.is_none())
    }
}

impl PgUnitOfWork {
    /// Everybody with this number or this address; where there is nobody, the new customer. Nothing
    /// when somebody inserts the same one just now.
    async fn find_or_insert(
        &mut self,
        contact: &Contact,
        key: &str,
    ) -> Result<Vec<Known>, StoreError> {
        sqlx::query_as!(
            Known,
            r#"
            WITH found AS (
                SELECT id, name, email, phone, locale FROM customers
                WHERE company_id = $1 AND (phone = $2::text OR email = $3::text)
                    AND name IS NOT NULL
                ORDER BY name_key = $6 DESC, id
                LIMIT $7
            ), fresh AS (
                INSERT INTO customers (company_id, phone, email, name, locale, name_key)
                SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM found)
                ON CONFLICT DO NOTHING
                RETURNING id, name, email, phone, locale
            )
            SELECT id AS "id!", name AS "name!", email, phone, locale, false AS "fresh!" FROM found
            UNION ALL
            SELECT id, name, email, phone, locale, true FROM fresh"#,
            self.company.get(),
            contact.phone.as_ref().map(Phone::expose),
            contact.email.as_ref().map(Email::expose),
            contact.name.expose(),
            contact.locale,
            key,
            MOST_ON_ONE_NUMBER as i64,
        )
        .fetch_all(self.conn())
        .await
        .map_err(failed("find a customer"))
    }

    /// Somebody new on a known number or address.
    async fn insert(&mut self, contact: &Contact, key: &str) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar!(
            "INSERT INTO customers (company_id, phone, email, name, locale, name_key)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
            self.company.get(),
            contact.phone.as_ref().map(Phone::expose),
            contact.email.as_ref().map(Email::expose),
            contact.name.expose(),
            contact.locale,
            key,
        )
        .fetch_optional(self.conn())
        .await
        .map_err(failed("add a customer"))
    }

    /// Fills in what was unknown. Where somebody makes another row this person just now, it stays as
    /// it is.
    async fn fill_in(
        &mut self,
        id: i64,
        contact: &Contact,
        name: &PersonName,
    ) -> Result<(), StoreError> {
        self.run("SAVEPOINT fill_in")
            .await
            .map_err(failed("update a customer"))?;
        let filled = sqlx::query!(
            "UPDATE customers SET
                name = $3, name_key = $7,
                phone = coalesce(phone, $4),
                email = coalesce($5, email),
                locale = coalesce(locale, $6),
                updated_at = now()
             WHERE company_id = $1 AND id = $2",
            self.company.get(),
            id,
            name.expose(),
            contact.phone.as_ref().map(Phone::expose),
            contact.email.as_ref().map(Email::expose),
            contact.locale,
            name_key(name),
        )
        .execute(self.conn())
        .await;
        let end = match filled {
            Ok(_) => "RELEASE SAVEPOINT fill_in",
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                "ROLLBACK TO SAVEPOINT fill_in"
            }
            Err(error) => return Err(failed("update a customer")(error)),
        };
        self.run(end).await.map_err(failed("update a customer"))
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
