-- What a node must know that shares the database with others.

ALTER TABLE users ADD COLUMN logout_version BIGINT NOT NULL DEFAULT 0;

-- Names joined by commas.
ALTER TABLE sessions ADD COLUMN platforms TEXT NOT NULL DEFAULT '';

-- A node that is gone won't beat again: its sessions are ended by others. All that
-- are known by now are gone.
ALTER TABLE nodes RENAME COLUMN name TO id;
ALTER TABLE nodes ADD COLUMN name TEXT COLLATE "C";
ALTER TABLE nodes ADD COLUMN gone BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE nodes SET name = id;
ALTER TABLE nodes ALTER COLUMN name SET NOT NULL;
ALTER TABLE nodes ALTER COLUMN gone DROP DEFAULT;

-- One row, made when it is first asked for.
CREATE TABLE cluster (
  id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  key TEXT    NOT NULL
);
