-- What comes back when a text expires.
ALTER TABLE users ADD COLUMN earlier_status TEXT NOT NULL DEFAULT '';

-- When it changed last who sees a user. It is 0 where that was always everybody.
ALTER TABLE users ADD COLUMN audience INTEGER NOT NULL DEFAULT 0;
UPDATE users SET audience = issued WHERE visibility <> 'EVERYONE' OR has_blocked;
