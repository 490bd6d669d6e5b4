-- Who has a telephone number is known by it, whatever addresses they give: an address names only
-- people without one.

DROP INDEX customers_email_name;
CREATE UNIQUE INDEX customers_email_name ON customers (company_id, email, name_key)
    WHERE email IS NOT NULL AND phone IS NULL;
CREATE INDEX customers_email ON customers (company_id, email) WHERE email IS NOT NULL;
