-- Changes that the app's backend is yet to be told of. Their IDs sort by time.
CREATE TABLE webhook_events (
  id              TEXT NOT NULL PRIMARY KEY,
  user_id         TEXT NOT NULL,
  version         INTEGER NOT NULL,
  at              INTEGER NOT NULL,
  reason          TEXT NOT NULL,
  old_status_type TEXT NOT NULL,
  status_type     TEXT NOT NULL,
  custom_status   TEXT NOT NULL,
  expires_at      INTEGER,
  availability    TEXT NOT NULL,
  queued_at       INTEGER NOT NULL,
  attempts        INTEGER NOT NULL DEFAULT 0,
  last_error      TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE UNIQUE INDEX webhook_events_by_user ON webhook_events (user_id, version);

-- A row for each user who has any, with when the first of these is due.
CREATE TABLE webhook_queues (
  user_id TEXT NOT NULL PRIMARY KEY,
  due_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX webhook_queues_by_time ON webhook_queues (due_at);

-- Those that were given up.
CREATE TABLE webhook_aside (
  id              TEXT NOT NULL PRIMARY KEY,
  user_id         TEXT NOT NULL,
  version         INTEGER NOT NULL,
  at              INTEGER NOT NULL,
  reason          TEXT NOT NULL,
  old_status_type TEXT NOT NULL,
  status_type     TEXT NOT NULL,
  custom_status   TEXT NOT NULL,
  expires_at      INTEGER,
  availability    TEXT NOT NULL,
  queued_at       INTEGER NOT NULL,
  attempts        INTEGER NOT NULL,
  last_error      TEXT NOT NULL,
  set_aside_at    INTEGER NOT NULL
) WITHOUT ROWID;

-- The node that delivers: one row.
CREATE TABLE webhook_lead (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  node TEXT NOT NULL
);
