-- When something in these days was last given up: for some seconds Cal.com's list may not show it
-- yet, so that what is fetched then is not kept for long.

ALTER TABLE availability_versions ADD COLUMN freed_at INTEGER;
