-- The truth line of the availability cache: a number per company, group and UTC day that grows in
-- the same commit as whatever changes the availability of that day.

CREATE TABLE availability_versions (
    company_id   bigint NOT NULL,
    -- 0: not a group; its all-days row is the version of the company's set-up and keys.
    group_id     bigint NOT NULL,
    -- '0001-01-01': all days.
    day          date NOT NULL,
    ver          bigint NOT NULL DEFAULT 1,
    -- Lets every instance ask for what changed since it last looked, whatever the commit order.
    changed_xid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (company_id, group_id, day)
);
CREATE INDEX availability_versions_feed ON availability_versions (changed_xid);
SELECT keep_companies_apart('availability_versions');

-- Changes when the numbers of the past may be wrong: write a new one after a restore or a failover
-- that may have lost commits, and every cache entry is void.
CREATE TABLE cache_epoch (
    only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    epoch     uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO cache_epoch DEFAULT VALUES;
