-- Changes that the app's backend is yet to be told of. Their IDs sort by time.
CREATE TABLE webhook_events (
  id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  user_id         TEXT COLLATE "C" NOT NULL,
  version         BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  reason          TEXT NOT NULL,
  old_status_type TEXT NOT NULL,
  status_type     TEXT NOT NULL,
  custom_status   TEXT NOT NULL,
  expires_at      BIGINT,
  availability    TEXT NOT NULL,
  queued_at       BIGINT NOT NULL,
  attempts        INTEGER NOT NULL DEFAULT 0,
  last_error      TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX webhook_events_by_user ON webhook_events (user_id, version);

-- A row for each user who has any, with when the first of these is due.
CREATE TABLE webhook_queues (
  user_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  due_at  BIGINT NOT NULL
);
CREATE INDEX webhook_queues_by_time ON webhook_queues (due_at);

-- Those that were given up.
CREATE TABLE webhook_aside (
  id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  user_id         TEXT COLLATE "C" NOT NULL,
  version         BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  reason          TEXT NOT NULL,
  old_status_type TEXT NOT NULL,
  status_type     TEXT NOT NULL,
  custom_status   TEXT NOT NULL,
  expires_at      BIGINT,
  availability    TEXT NOT NULL,
  queued_at       BIGINT NOT NULL,
  attempts        INTEGER NOT NULL,
  last_error      TEXT NOT NULL,
  set_aside_at    BIGINT NOT NULL
);

-- The node that delivers: one row.
CREATE TABLE webhook_lead (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  node TEXT COLLATE "C" NOT NULL
);
