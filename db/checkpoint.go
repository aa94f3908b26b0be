package db

import (
	"os"

	"gorm.io/gorm"
)

// maxWAL is how large the write-ahead log gets, in bytes, before the writer
// waits for the readers of the moment to empty it. SQLite's own checkpoints
// wait for a moment without readers, and with enough of those it never comes.
const maxWAL = 8 * checkpointPages * 1024

// checkpointer empties the write-ahead log when it has outgrown its limit.
type checkpointer struct {
	db    *gorm.DB
	file  string
	limit int64
	// commits counts up to checkEvery.
	commits int
}

// checkEvery is how many transactions may pass between two looks at the log.
const checkEvery = 16

func (c *checkpointer) afterCommit() {
	if c.commits++; c.commits == checkEvery {
		c.commits = 0
		c.check()
	}
}

// check is cheap while the log is small. Where a reader, another program's
// backup say, does not end within the busy timeout, the log may double before
// the next attempt.
func (c *checkpointer) check() {
	info, err := os.Stat(c.file)
	if err != nil || info.Size() <= c.limit {
		return
	}
	var busy, pages, done int
	err = c.db.Raw("PRAGMA wal_checkpoint(TRUNCATE)").Row().Scan(&busy, &pages, &done)
	if err != nil || busy != 0 {
		c.limit = 2 * info.Size()
		return
	}
	c.limit = maxWAL
}
