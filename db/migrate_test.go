package db

import (
	"fmt"
	"path/filepath"
	"testing"

	"userstatus/presence"
)

// future is a version after the last one, so that there always is an older one.
var future = append(sqliteScripts[:len(sqliteScripts):len(sqliteScripts)],
	"ALTER TABLE users ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'; CREATE INDEX users_by_mood ON users (mood)")

// aliceInVersion1 is ONLINE at a node that has beaten; bob hides.
const aliceInVersion1 = `
	INSERT INTO users (id, removed, status_type, custom_status, chosen, visibility, has_blocked, version, issued)
		VALUES ('alice', FALSE, 'ONLINE', 'hi', 'AVAILABLE', 'EVERYONE', FALSE, 3, 4),
			('bob', FALSE, 'OFFLINE', '', 'AVAILABLE', 'NOBODY', FALSE, 6, 9);
	INSERT INTO sessions (user_id, node, idle) VALUES ('alice', 'old', TRUE)`

// keptFromVersion1 sees that the session is one of a node that is gone.
func keptFromVersion1(h harness, s *Store, alice *presence.User) {
	h.t.Helper()
	h.equal("alice", alice, &presence.User{
		ID: "alice", Exists: true, StatusType: presence.Online, CustomStatus: "hi", Chosen: presence.Available, Visibility: presence.Everyone,
		Version: 3, Issued: 4, Sessions: []presence.Session{{Node: "old", Idle: true}},
	})
	s.read = s.write
	nodes, err := s.Nodes(ctx)
	h.ok(err)
	h.equal("nodes", nodes, []presence.Node{{ID: "old", Name: "old", BeatAt: noon, Gone: true}})
}

func TestEachOlderSchemaIsUpgraded(t *testing.T) {
	for from := range future {
		t.Run(fmt.Sprintf("from version %d", from), func(t *testing.T) {
			s := Store{}
			var err error
			if s.write, err = connect(filepath.Join(t.TempDir(), "old.db"), 1, "_txlock=immediate"); err != nil {
				t.Fatal(err)
			}
			pool, err := s.write.DB()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = pool.Close() }()
			h := harness{t: t}
			h.ok(migrate(s.write, future[:from]))
			if from > 0 {
				h.ok(s.write.Exec(aliceInVersion1).Error)
			}
			if from == 1 {
				h.ok(s.write.Exec("INSERT INTO nodes (name, beat_at) VALUES ('old', ?)", noon.UnixMilli()).Error)
			}
			h.ok(migrate(s.write, future))
			h.ok(migrate(s.write, future))
			version, err := schemaVersion(s.write)
			h.ok(err)
			h.equal("version", version, len(future))
			stored, err := loadUsers(s.write, []string{"alice"})
			h.ok(err)
			h.equal("alice", stored.exist("alice"), from > 0)
			if from == 1 || from == 2 {
				hidden, err := loadUsers(s.write, []string{"bob"})
				h.ok(err)
				h.equal("bob's audience", hidden.of("bob").Audience, 9)
			}
			if from == 1 {
				keptFromVersion1(h, &s, stored.of("alice"))
			}
		})
	}
}

func TestAFailingMigrationLeavesTheOldSchema(t *testing.T) {
	s := openTemp(t, Options{})
	err := migrate(s.write, append(future, "CREATE TABLE half (id TEXT); no such statement"))
	if want := fmt.Sprintf(`cannot be migrated to schema version %d: near "no": syntax error`, len(future)+1); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	version, err := schemaVersion(s.write)
	harness{t, s}.ok(err)
	harness{t, s}.equal("version", version, len(future))
	if err := s.write.Exec("SELECT * FROM half").Error; err == nil {
		t.Error("half of the migration is there")
	}
}

func TestANewerSchemaIsRefusedInWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newer.db")
	s := openAt(t, path, Options{})
	if err := s.write.Exec("INSERT INTO schema_migrations (version, applied_at) VALUES (7, 0)").Error; err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, path, fmt.Sprintf("database %s has schema version 7, this program knows up to %d: use a newer program", path, len(sqliteScripts)))
}
