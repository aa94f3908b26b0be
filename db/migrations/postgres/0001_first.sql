-- Times are milliseconds since 1970, UTC, as the domain has them: they are compared
-- and never computed with here. IDs are compared and sorted by their bytes.

-- A removed user leaves their row as a tombstone, for its issued alone.
CREATE TABLE users (
  id                    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  removed               BOOLEAN NOT NULL,
  status_type           TEXT    NOT NULL,
  custom_status         TEXT    NOT NULL,
  expires_at            BIGINT,
  last_online_at        BIGINT,
  chosen                TEXT    NOT NULL,
  visibility            TEXT    NOT NULL,
  has_blocked           BOOLEAN NOT NULL,
  version               BIGINT  NOT NULL,
  issued                BIGINT  NOT NULL,
  hidden_from_friends   JSONB,
  hidden_from_strangers JSONB,
  next_expiry_at        BIGINT
) WITH (fillfactor = 80);
CREATE INDEX users_by_expiry ON users (next_expiry_at) WHERE next_expiry_at IS NOT NULL;

-- A user's presence on a node, however many connections it is made of.
CREATE TABLE sessions (
  user_id TEXT COLLATE "C" NOT NULL,
  node    TEXT COLLATE "C" NOT NULL,
  idle    BOOLEAN NOT NULL,
  PRIMARY KEY (user_id, node)
);
CREATE INDEX sessions_by_node ON sessions (node, user_id);

-- Who is told of whom.
CREATE TABLE watches (
  viewer_id TEXT COLLATE "C" NOT NULL,
  user_id   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (viewer_id, user_id)
);
CREATE INDEX watches_by_user ON watches (user_id);

-- Each friendship has two rows, one for each way.
CREATE TABLE friendships (
  user_id   TEXT COLLATE "C" NOT NULL,
  friend_id TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (user_id, friend_id)
);

-- How one viewer sees the user, where it differs from how others do.
CREATE TABLE views (
  user_id    TEXT COLLATE "C" NOT NULL,
  viewer_id  TEXT COLLATE "C" NOT NULL,
  blocked    BOOLEAN NOT NULL,
  pinned     JSONB,
  expires_at BIGINT,
  PRIMARY KEY (user_id, viewer_id)
);
CREATE INDEX views_by_viewer ON views (viewer_id);
CREATE INDEX views_by_expiry ON views (expires_at) WHERE expires_at IS NOT NULL;

-- One row once a switch was flipped.
CREATE TABLE settings (
  id                                 INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  user_status_enabled                BOOLEAN NOT NULL,
  friend_status_notification_enabled BOOLEAN NOT NULL
);

CREATE TABLE nodes (
  name    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  beat_at BIGINT NOT NULL
);
