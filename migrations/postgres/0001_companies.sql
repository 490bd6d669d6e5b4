-- Companies and what can be booked there, and the rule that keeps companies apart.
--
-- Needs nothing but the database's owner: btree_gist is a trusted extension.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Row-level security for a table with a company_id, forced for its owner too.
--
-- A transaction sees the rows of the company in `app.company` (set with SET LOCAL only, so that it
-- ends with the transaction; afterwards it is '' and not NULL, hence the nullif). Workers that
-- serve all companies use connections opened with `app.scope=system`.
CREATE FUNCTION keep_companies_apart(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rule text := $rule$company_id = nullif(current_setting('app.company', true), '')::bigint
        OR current_setting('app.scope', true) = 'system'$rule$;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY own_company ON %s USING (%s) WITH CHECK (%s)', target, rule, rule);
END
$$;

CREATE TABLE companies (
    company_id  bigint PRIMARY KEY CHECK (company_id > 0),
    name        text NOT NULL,
    time_zone   text NOT NULL,
    locale      text NOT NULL,
    calcom      jsonb,
    retell      jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
SELECT keep_companies_apart('companies');

-- Ids of branches, staff and services are unique across the installation; the second key is what
-- references use, so that nothing can point into another company.
CREATE TABLE branches (
    id          bigint PRIMARY KEY CHECK (id > 0),
    company_id  bigint NOT NULL,
    name        text NOT NULL,
    CONSTRAINT branches_company UNIQUE (company_id, id),
    CONSTRAINT branches_company_fk FOREIGN KEY (company_id) REFERENCES companies
);
SELECT keep_companies_apart('branches');

CREATE TABLE staff (
    id              bigint PRIMARY KEY CHECK (id > 0),
    company_id      bigint NOT NULL,
    name            text NOT NULL,
    email           text,
    calcom_user_id  bigint,
    CONSTRAINT staff_company UNIQUE (company_id, id),
    CONSTRAINT staff_company_fk FOREIGN KEY (company_id) REFERENCES companies
);
SELECT keep_companies_apart('staff');

CREATE TABLE services (
    id                     bigint PRIMARY KEY CHECK (id > 0),
    company_id             bigint NOT NULL,
    branch_id              bigint,
    name                   text NOT NULL,
    aliases                text[] NOT NULL,
    duration_minutes       integer NOT NULL CHECK (duration_minutes > 0),
    buffer_before_minutes  integer NOT NULL CHECK (buffer_before_minutes >= 0),
    buffer_after_minutes   integer NOT NULL CHECK (buffer_after_minutes >= 0),
    event_type_id          bigint,
    capacity               integer NOT NULL CHECK (capacity > 0),
    opening_hours          jsonb NOT NULL,
    price_cents            bigint,
    -- The services that share a host, directly or through others; called after the smallest.
    group_id               bigint NOT NULL,
    CONSTRAINT services_company UNIQUE (company_id, id),
    -- Deferred: one import may pass a number on from one service to another.
    CONSTRAINT services_event_type UNIQUE (company_id, event_type_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT services_company_fk FOREIGN KEY (company_id) REFERENCES companies,
    CONSTRAINT services_branch_fk FOREIGN KEY (company_id, branch_id) REFERENCES branches (company_id, id)
);
CREATE INDEX services_by_group ON services (company_id, group_id);
SELECT keep_companies_apart('services');

CREATE TABLE service_staff (
    company_id  bigint NOT NULL,
    service_id  bigint NOT NULL,
    staff_id    bigint NOT NULL,
    -- Whom to try first.
    position    integer NOT NULL,
    PRIMARY KEY (company_id, service_id, staff_id),
    CONSTRAINT service_staff_service_fk FOREIGN KEY (company_id, service_id) REFERENCES services (company_id, id),
    CONSTRAINT service_staff_staff_fk FOREIGN KEY (company_id, staff_id) REFERENCES staff (company_id, id)
);
SELECT keep_companies_apart('service_staff');

CREATE TABLE api_keys (
    digest      text PRIMARY KEY,
    company_id  bigint NOT NULL,
    prefix      text NOT NULL,
    scopes      text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'book', 'admin']),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    CONSTRAINT api_keys_company_fk FOREIGN KEY (company_id) REFERENCES companies
);
CREATE INDEX api_keys_by_company ON api_keys (company_id, created_at, digest);
SELECT keep_companies_apart('api_keys');
