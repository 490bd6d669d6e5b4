-- Companies and what can be booked there.
--
-- Moments are microseconds since 1970-01-01T00:00:00Z, UUIDs are 16 bytes, words are those of the
-- API. Every table with a company's data has company_id, and what references another table does so
-- by (company_id, id), so that nothing can point into another company.

CREATE TABLE companies (
    company_id  INTEGER PRIMARY KEY CHECK (company_id > 0),
    name        TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    locale      TEXT NOT NULL,
    calcom      TEXT,
    retell      TEXT NOT NULL
) STRICT;

-- Ids of branches, staff and services are unique across the installation.
CREATE TABLE branches (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    company_id  INTEGER NOT NULL REFERENCES companies,
    name        TEXT NOT NULL,
    UNIQUE (company_id, id)
) STRICT;

CREATE TABLE staff (
    id              INTEGER PRIMARY KEY CHECK (id > 0),
    company_id      INTEGER NOT NULL REFERENCES companies,
    name            TEXT NOT NULL,
    email           TEXT,
    calcom_user_id  INTEGER,
    UNIQUE (company_id, id)
) STRICT;

CREATE TABLE services (
    id                     INTEGER PRIMARY KEY CHECK (id > 0),
    company_id             INTEGER NOT NULL REFERENCES companies,
    branch_id              INTEGER,
    name                   TEXT NOT NULL,
    aliases                TEXT NOT NULL,
    duration_minutes       INTEGER NOT NULL CHECK (duration_minutes > 0),
    buffer_before_minutes  INTEGER NOT NULL CHECK (buffer_before_minutes >= 0),
    buffer_after_minutes   INTEGER NOT NULL CHECK (buffer_after_minutes >= 0),
    event_type_id          INTEGER,
    capacity               INTEGER NOT NULL CHECK (capacity > 0),
    opening_hours          TEXT NOT NULL,
    price_cents            INTEGER,
    -- The services that share a host, directly or through others; called after the smallest.
    group_id               INTEGER NOT NULL,
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, branch_id) REFERENCES branches (company_id, id)
) STRICT;
CREATE INDEX services_by_group ON services (company_id, group_id);

CREATE TABLE service_staff (
    company_id  INTEGER NOT NULL,
    service_id  INTEGER NOT NULL,
    staff_id    INTEGER NOT NULL,
    -- Whom to try first.
    position    INTEGER NOT NULL,
    PRIMARY KEY (company_id, service_id, staff_id),
    FOREIGN KEY (company_id, service_id) REFERENCES services (company_id, id),
    FOREIGN KEY (company_id, staff_id) REFERENCES staff (company_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    digest      TEXT PRIMARY KEY,
    company_id  INTEGER NOT NULL REFERENCES companies,
    prefix      TEXT NOT NULL,
    -- Words with a blank between them.
    scopes      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_by_company ON api_keys (company_id, created_at, digest);
