-- Users who were removed, by their last version: after a while these are forgotten.
CREATE INDEX users_by_removal ON users (issued) WHERE removed = TRUE;
