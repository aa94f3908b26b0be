-- When status_type changed last, as far as that was noted.
ALTER TABLE users ADD COLUMN status_since INTEGER;

-- The version of a user's last change in history; 0 where there is none.
ALTER TABLE users ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- What changed of a user's status, for as long as --history has it. Each change
-- names the user's one before it. Versions follow the clock, so that new rows come
-- at the end and the old ones are at the beginning.
CREATE TABLE history (
  version         INTEGER NOT NULL,
  user_id         TEXT NOT NULL,
  previous        INTEGER NOT NULL,
  at              INTEGER NOT NULL,
  reason          TEXT NOT NULL,
  old_status_type TEXT NOT NULL,
  status_type     TEXT NOT NULL,
  custom_status   TEXT NOT NULL,
  expires_at      INTEGER,
  availability    TEXT NOT NULL,
  PRIMARY KEY (version, user_id)
) WITHOUT ROWID;

-- How a node fared at its last beat, in JSON.
ALTER TABLE nodes ADD COLUMN figures TEXT NOT NULL DEFAULT '{}';
