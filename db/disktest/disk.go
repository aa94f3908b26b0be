// Package disktest gives tests small disks, to be filled up.
package disktest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrMissing is of a machine where a test can't have a disk of its own.
var ErrMissing = errors.New("no disk for a test: that is for root on Linux alone")

// Disk is a file system in memory.
type Disk struct {
	// Dir is where it is mounted.
	Dir string
}

// Fill leaves no room until free is called.
func (d *Disk) Fill() (free func() error, err error) {
	filler, err := os.Create(filepath.Join(d.Dir, "filler"))
	if err != nil {
		return nil, err
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 4<<10))
	}
	err = errors.Join(err, filler.Close())
	if !errors.Is(err, syscall.ENOSPC) {
		return nil, fmt.Errorf("fill a disk: %w", err)
	}
	return func() error { return os.Remove(filler.Name()) }, nil
}
