-- What a node must know that shares the database with others.

ALTER TABLE users ADD COLUMN logout_version INTEGER NOT NULL DEFAULT 0;

-- Names joined by commas.
ALTER TABLE sessions ADD COLUMN platforms TEXT NOT NULL DEFAULT '';

-- A node that is gone won't beat again: its sessions are ended by others. All that
-- are known by now are gone.
ALTER TABLE nodes RENAME TO nodes_before;
CREATE TABLE nodes (
  id      TEXT    NOT NULL PRIMARY KEY,
  name    TEXT    NOT NULL,
  beat_at INTEGER NOT NULL,
  gone    INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO nodes (id, name, beat_at, gone) SELECT name, name, beat_at, TRUE FROM nodes_before;
DROP TABLE nodes_before;

-- One row, made when it is first asked for.
CREATE TABLE cluster (
  id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  key TEXT    NOT NULL
);
