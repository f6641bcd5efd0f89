-- What has ended is forgotten oldest first. Waiting jobs have no end.
CREATE INDEX jobs_by_end ON jobs (finished_at_us);
