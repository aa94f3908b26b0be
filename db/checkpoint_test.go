package db

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheLogIsEmptiedOnceItsReadersEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := openAt(t, path, Options{})
	h := harness{t, s}
	size := func() int64 {
		info, err := os.Stat(path + "-wal")
		h.ok(err)
		return info.Size()
	}
	h.ok(s.write.Exec("PRAGMA busy_timeout = 10").Error)
	log := &checkpointer{db: s.write, file: path + "-wal", limit: 1}

	reader := s.read.Begin()
	_, err := loadUsers(reader, nil)
	h.ok(err)
	h.make("alice")
	full := size()
	log.check()
	h.equal("size beside a reader", size(), full)
	h.equal("limit beside a reader", log.limit, 2*full)

	h.ok(reader.Rollback().Error)
	log.check()
	h.equal("size below the limit", size(), full)
	log.limit = 1
	log.check()
	h.equal("size without a reader", size(), int64(0))
	h.equal("limit afterwards", log.limit, int64(maxWAL))
	h.make("alice")
	h.equal("the user", h.user("alice").Version, 2)
}
