-- When status_type changed last, as far as that was noted.
ALTER TABLE users ADD COLUMN status_since BIGINT;

-- What changed of a user's status, for as long as --history has it.
CREATE TABLE history (
  user_id         TEXT COLLATE "C" NOT NULL,
  version         BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  reason          TEXT   NOT NULL,
  old_status_type TEXT   NOT NULL,
  status_type     TEXT   NOT NULL,
  custom_status   TEXT   NOT NULL,
  expires_at      BIGINT,
  availability    TEXT   NOT NULL,
  PRIMARY KEY (user_id, version)
);
CREATE INDEX history_by_time ON history (at);

-- How a node fared at its last beat, in JSON.
ALTER TABLE nodes ADD COLUMN figures TEXT NOT NULL DEFAULT '{}';

-- Who watches a user, in the order of IDs.
DROP INDEX watches_by_user;
CREATE INDEX watches_by_user ON watches (user_id, viewer_id);
