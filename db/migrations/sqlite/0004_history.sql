-- When status_type changed last, as far as that was noted.
ALTER TABLE users ADD COLUMN status_since INTEGER;

-- What changed of a user's status, for as long as --history has it.
CREATE TABLE history (
  user_id         TEXT    NOT NULL,
  version         INTEGER NOT NULL,
  at              INTEGER NOT NULL,
  reason          TEXT    NOT NULL,
  old_status_type TEXT    NOT NULL,
  status_type     TEXT    NOT NULL,
  custom_status   TEXT    NOT NULL,
  expires_at      INTEGER,
  availability    TEXT    NOT NULL,
  PRIMARY KEY (user_id, version)
) WITHOUT ROWID;
CREATE INDEX history_by_time ON history (at);

-- How a node fared at its last beat, in JSON.
ALTER TABLE nodes ADD COLUMN figures TEXT NOT NULL DEFAULT '{}';
