//! Customers: a person is a name and a telephone number, or a name and an address.

use async_trait::async_trait;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::CustomerId;
use booking_domain::person::{Acquaintance, Evidence, MOST_ON_ONE_NUMBER, name_key, whose_contact};
use booking_domain::ports::{CustomerRepository, StoreError};
use rusqlite::params;

use crate::statements::{all, first, run};
use crate::unit_of_work::SqliteUnitOfWork;

const ACTION: &str = "find a customer";

#[async_trait]
impl CustomerRepository for SqliteUnitOfWork {
    async fn customer_for(
        &mut self,
        contact: &Contact,
        evidence: Evidence,
    ) -> Result<CustomerId, StoreError> {
        let (ids, people): (Vec<_>, Vec<_>) = self.reached_like(contact)?.into_iter().unzip();
        match whose_contact(&people, contact, evidence) {
            Some((at, name)) => {
                self.fill_in(ids[at], contact, name)?;
                Ok(ids[at])
            }
            None => self.add_customer(contact),
        }
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
    fn reached_like(
        &self,
        contact: &Contact,
    ) -> Result<Vec<(CustomerId, Acquaintance)>, StoreError> {
        all(
            self.connection(),
            ACTION,
            "SELECT id, name, phone FROM customers
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
                let person = Acquaintance {
                    name: row.parsed("name", |text| PersonName::parse(text).ok())?,
                    phone: row.parsed_if_any("phone", |text| Phone::parse(text).ok())?,
                };
                Ok((row.id("id", CustomerId::new)?, person))
            },
        )
    }

    /// What was unknown, and the address that is given now.
    fn fill_in(
        &self,
        id: CustomerId,
        contact: &Contact,
        name: &PersonName,
    ) -> Result<(), StoreError> {
        run(
            self.connection(),
            "bring a customer up to date",
            "UPDATE customers SET
                name = ?3, name_key = ?7,
                phone = COALESCE(phone, ?4),
                email = COALESCE(?5, email),
                locale = COALESCE(locale, ?6)
             WHERE company_id = ?1 AND id = ?2",
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
