-- Several people may share a telephone number or an address: a person is the number and the name.

-- How the name is written in all its spellings. Rows from before keep an empty one: there was one
-- for each number and address, so they cannot be in each other's way.
ALTER TABLE customers ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX customers_phone_name ON customers (company_id, phone, name_key) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX customers_email_name ON customers (company_id, email, name_key) WHERE email IS NOT NULL;
DROP INDEX customers_phone;
DROP INDEX customers_email;
