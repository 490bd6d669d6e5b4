//! Customers: a person is a name and a telephone number, or a name and an address.

use async_trait::async_trait;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::CustomerId;
use booking_domain::person::{MOST_ON_ONE_NUMBER, Meant, name_key, who_is_meant};
use booking_domain::ports::{CustomerRepository, StoreError};
use rusqlite::params;

use crate::statements::{all, first, run};
use crate::unit_of_work::SqliteUnitOfWork;

const ACTION: &str = "find a customer";

struct Known {
    id: CustomerId,
    name: PersonName,
    /// Whether it is the number that they have in common with who is looked for.
    by_phone: bool,
}

#[async_trait]
impl CustomerRepository for SqliteUnitOfWork {
    async fn customer_for(&mut self, contact: &Contact) -> Result<CustomerId, StoreError> {
        let (by_phone, by_email): (Vec<_>, Vec<_>) = self
            .reached_like(contact)?
            .into_iter()
            .partition(|it| it.by_phone);
        for people in [by_phone, by_email] {
            let names = people.iter().map(|it| &it.name);
            if let Meant::Known { at, fuller } = who_is_meant(names, &contact.name) {
                let known = &people[at];
                let name = if fuller { &contact.name } else { &known.name };
                self.fill_in(known.id, contact, name)?;
                return Ok(known.id);
            }
        }
        self.add_customer(contact)
    }

    async fn contact_of(&mut self, id: CustomerId) -> Result<Option<Contact>, StoreError> {
        // Without a name: erased.
        first(
            self.connection(),
            ACTION,
            "SELECT name, email, phone, locale FROM customers
             WHERE company_id = ?1 AND id = ?2 AND name IS NOT NULL",
            params![self.company.get(), id.get()],
            |row| {
                Ok(Contact {
                    name: row.parsed("name", |text| PersonName::parse(text).ok())?,
                    email: row.parsed_if_any("email", |text| Email::parse(text).ok())?,
                    phone: row.parsed_if_any("phone", |text| Phone::parse(text).ok())?,
                    locale: row.get("locale")?,
                })
            },
        )
    }
}

impl SqliteUnitOfWork {
    /// Everybody with this number or this address.
    fn reached_like(&self, contact: &Contact) -> Result<Vec<Known>, StoreError> {
        all(
            self.connection(),
            ACTION,
            "SELECT id, name, (phone = ?2) IS TRUE AS by_phone FROM customers
             WHERE company_id = ?1 AND (phone = ?2 OR email = ?3) AND name IS NOT NULL
             ORDER BY name_key = ?4 DESC, id LIMIT ?5",
            params![
                self.company.get(),
                contact.phone.as_ref().map(Phone::expose),
                contact.email.as_ref().map(Email::expose),
                name_key(&contact.name),
                MOST_ON_ONE_NUMBER as i64,
            ],
            |row| {
                Ok(Known {
                    id: row.id("id", CustomerId::new)?,
                    name: row.parsed("name", |text| PersonName::parse(text).ok())?,
                    by_phone: row.get("by_phone")?,
                })
            },
        )
    }

    /// What was unknown. Where another row is this person too, with that number or that address,
    /// the gap stays.
    fn fill_in(
        &self,
        id: CustomerId,
        contact: &Contact,
        name: &PersonName,
    ) -> Result<(), StoreError> {
        run(
            self.connection(),
            "bring a customer up to date",
            "WITH same AS (
                SELECT phone, email FROM customers
                WHERE company_id = ?1 AND id <> ?2 AND name_key = ?7
                    AND (phone IN (?4, (SELECT phone FROM customers WHERE id = ?2))
                        OR email IN (?5, (SELECT email FROM customers WHERE id = ?2)))
             ), other AS (
                SELECT (SELECT count(*) FROM same JOIN customers AS mine ON mine.id = ?2
                        WHERE same.phone = mine.phone OR same.email = mine.email) > 0 AS named,
                    (SELECT count(*) FROM same WHERE phone = ?4) > 0 AS has_phone,
                    (SELECT count(*) FROM same WHERE email = ?5) > 0 AS has_email
             )
             UPDATE customers SET
                name = CASE WHEN named THEN name ELSE ?3 END,
                name_key = CASE WHEN named THEN name_key ELSE ?7 END,
                phone = COALESCE(phone, CASE WHEN NOT has_phone THEN ?4 END),
                email = COALESCE(email, CASE WHEN NOT has_email THEN ?5 END),
                locale = COALESCE(locale, ?6)
             FROM other WHERE company_id = ?1 AND id = ?2",
            params![
                self.company.get(),
                id.get(),
                name.expose(),
                contact.phone.as_ref().map(Phone::expose),
                contact.email.as_ref().map(Email::expose),
                contact.locale,
                name_key(name),
            ],
        )
        .map(drop)
    }

    fn add_customer(&self, contact: &Contact) -> Result<CustomerId, StoreError> {
        run(
            self.connection(),
            "add a customer",
            "INSERT INTO customers (company_id, name, phone, email, locale, name_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                self.company.get(),
                contact.name.expose(),
                contact.phone.as_ref().map(Phone::expose),
                contact.email.as_ref().map(Email::expose),
                contact.locale,
                name_key(&contact.name),
            ],
        )?;
        Ok(CustomerId::new(self.connection().last_insert_rowid()))
    }
}
