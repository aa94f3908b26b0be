package chaos

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// diskFull leaves a file's disk without room.
func diskFull(long time.Duration) fault {
	return fault{"disk full", 0, func(c *cluster, _ *rand.Rand) error {
		free, err := c.disk.Fill()
		if err != nil {
			return err
		}
		time.Sleep(long)
		return free()
	}}
}

// fileLocked has another process, which is that of the tests, hold the lock for
// writes.
func fileLocked(long time.Duration) fault {
	return fault{"file locked", 0, func(c *cluster, _ *rand.Rand) error {
		file, err := c.open()
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		file.SetMaxOpenConns(1)
		if _, err := file.Exec("BEGIN EXCLUSIVE"); err != nil {
			return fmt.Errorf("lock the file: %w", err)
		}
		time.Sleep(long)
		_, err = file.Exec("ROLLBACK")
		return err
	}}
}

// clockSet has a node's clock jump, and jump back after a while: by up to a day,
// forward first or backward.
func clockSet(i int, long time.Duration) fault {
	return fault{"clock set", 0, func(c *cluster, random *rand.Rand) error {
		by := time.Minute + time.Duration(random.Int64N(int64(23*time.Hour)))
		if random.IntN(2) == 0 {
			by = -by
		}
		err := setClock(c.nodes[i].dir, by)
		time.Sleep(long)
		return errors.Join(err, setClock(c.nodes[i].dir, 0))
	}}
}
