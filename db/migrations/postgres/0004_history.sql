-- When status_type changed last, as far as that was noted.
ALTER TABLE users ADD COLUMN status_since BIGINT;

-- The version of a user's last change in history; 0 where there is none.
ALTER TABLE users ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;

-- What changed of a user's status, for as long as --history has it. Each change
-- names the user's one before it. Versions follow the clock, so that new rows come
-- at the end and the old ones are at the beginning.
CREATE TABLE history (
  version         BIGINT NOT NULL,
  user_id         TEXT COLLATE "C" NOT NULL,
  previous        BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  reason          TEXT NOT NULL,
  old_status_type TEXT NOT NULL,
  status_type     TEXT NOT NULL,
  custom_status   TEXT NOT NULL,
  expires_at      BIGINT,
  availability    TEXT NOT NULL,
  PRIMARY KEY (version, user_id)
);

-- How a node fared at its last beat, in JSON.
ALTER TABLE nodes ADD COLUMN figures TEXT NOT NULL DEFAULT '{}';

-- Who watches a user, in the order of IDs.
DROP INDEX watches_by_user;
CREATE INDEX watches_by_user ON watches (user_id, viewer_id);
