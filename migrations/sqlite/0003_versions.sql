-- The truth line of the availability cache: a number per company, group and UTC day that grows in
-- the same commit as whatever changes the availability of that day.

CREATE TABLE availability_versions (
    company_id  INTEGER NOT NULL REFERENCES companies,
    -- 0: not a group; its all-days row is the version of the company's set-up and keys.
    group_id    INTEGER NOT NULL,
    -- Days since 1970-01-01; -719162 (0001-01-01) stands for all days.
    day         INTEGER NOT NULL,
    ver         INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, group_id, day)
) STRICT, WITHOUT ROWID;
