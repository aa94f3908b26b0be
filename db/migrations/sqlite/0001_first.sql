-- Times are milliseconds since 1970, UTC. Flags are 0 or 1.

-- A removed user leaves their row as a tombstone, for its issued alone.
CREATE TABLE users (
  id                    TEXT    NOT NULL PRIMARY KEY,
  removed               INTEGER NOT NULL,
  status_type           TEXT    NOT NULL,
  custom_status         TEXT    NOT NULL,
  expires_at            INTEGER,
  last_online_at        INTEGER,
  chosen                TEXT    NOT NULL,
  visibility            TEXT    NOT NULL,
  has_blocked           INTEGER NOT NULL,
  version               INTEGER NOT NULL,
  issued                INTEGER NOT NULL,
  hidden_from_friends   TEXT,
  hidden_from_strangers TEXT,
  next_expiry_at        INTEGER
) WITHOUT ROWID;
CREATE INDEX users_by_expiry ON users (next_expiry_at) WHERE next_expiry_at IS NOT NULL;

-- A user's presence on a node, however many connections it is made of.
CREATE TABLE sessions (
  user_id TEXT    NOT NULL,
  node    TEXT    NOT NULL,
  idle    INTEGER NOT NULL,
  PRIMARY KEY (user_id, node)
) WITHOUT ROWID;
CREATE INDEX sessions_by_node ON sessions (node);

-- Who is told of whom.
CREATE TABLE watches (
  viewer_id TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  PRIMARY KEY (viewer_id, user_id)
) WITHOUT ROWID;
CREATE INDEX watches_by_user ON watches (user_id);

-- Each friendship has two rows, one for each way.
CREATE TABLE friendships (
  user_id   TEXT NOT NULL,
  friend_id TEXT NOT NULL,
  PRIMARY KEY (user_id, friend_id)
) WITHOUT ROWID;

-- How one viewer sees the user, where it differs from how others do.
CREATE TABLE views (
  user_id    TEXT    NOT NULL,
  viewer_id  TEXT    NOT NULL,
  blocked    INTEGER NOT NULL,
  pinned     TEXT,
  expires_at INTEGER,
  PRIMARY KEY (user_id, viewer_id)
) WITHOUT ROWID;
CREATE INDEX views_by_viewer ON views (viewer_id);
CREATE INDEX views_by_expiry ON views (expires_at) WHERE expires_at IS NOT NULL;

-- One row once a switch was flipped.
CREATE TABLE settings (
  id                                 INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  user_status_enabled                INTEGER NOT NULL,
  friend_status_notification_enabled INTEGER NOT NULL
);

CREATE TABLE nodes (
  name    TEXT    NOT NULL PRIMARY KEY,
  beat_at INTEGER NOT NULL
) WITHOUT ROWID;
