//! Customers: found by telephone, else by e-mail, else new.

use async_trait::async_trait;
use booking_domain::contact::{Contact, Email, PersonName, Phone};
use booking_domain::ids::CustomerId;
use booking_domain::ports::{CustomerRepository, StoreError};
use rusqlite::params;

use crate::statements::{first, run};
use crate::unit_of_work::SqliteUnitOfWork;

const ACTION: &str = "find a customer";

#[async_trait]
impl CustomerRepository for SqliteUnitOfWork {
    async fn customer_for(&mut self, contact: &Contact) -> Result<CustomerId, StoreError> {
        let phone = contact.phone.as_ref().map(Phone::expose);
        let email = contact.email.as_ref().map(Email::expose);
        let known = first(
            self.connection(),
            ACTION,
            "SELECT id FROM customers
             WHERE company_id = ?1 AND (phone = ?2 OR email = ?3)
             ORDER BY (phone = ?2) IS TRUE DESC LIMIT 1",
            params![self.company.get(), phone, email],
            |row| row.id("id", CustomerId::new),
        )?;
        match known {
            Some(id) => self.bring_up_to_date(id, contact).map(|()| id),
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
    /// The newest name, and what was unknown; an address that is another customer's stays there.
    fn bring_up_to_date(&self, id: CustomerId, contact: &Contact) -> Result<(), StoreError> {
        run(
            self.connection(),
            "bring a customer up to date",
            "UPDATE customers AS mine SET
                name = ?3,
                phone = COALESCE(phone, CASE WHEN NOT EXISTS (
                    SELECT 1 FROM customers WHERE company_id = ?1 AND phone = ?4) THEN ?4 END),
                email = COALESCE(email, CASE WHEN NOT EXISTS (
                    SELECT 1 FROM customers WHERE company_id = ?1 AND email = ?5) THEN ?5 END),
                locale = COALESCE(locale, ?6)
             WHERE company_id = ?1 AND id = ?2",
            params![
                self.company.get(),
                id.get(),
                contact.name.expose(),
                contact.phone.as_ref().map(Phone::expose),
                contact.email.as_ref().map(Email::expose),
                contact.locale
            ],
        )
        .map(drop)
    }

    fn add_customer(&self, contact: &Contact) -> Result<CustomerId, StoreError> {
        run(
            self.connection(),
            "add a customer",
            "INSERT INTO customers (company_id, name, phone, email, locale)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                self.company.get(),
                contact.name.expose(),
                contact.phone.as_ref().map(Phone::expose),
                contact.email.as_ref().map(Email::expose),
                contact.locale
            ],
        )?;
        Ok(CustomerId::new(self.connection().last_insert_rowid()))
    }
}
