package disktest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Mount makes a disk of so many MiB at an empty folder.
func Mount(dir string, size int) (*Disk, error) {
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", size))
	if errors.Is(err, unix.EPERM) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, os.NewSyscallError("mount a small disk", err)
	}
	return &Disk{dir}, nil
}

// Unmount ends the disk, with what is on it.
func (d *Disk) Unmount() error {
	return os.NewSyscallError("unmount a small disk", unix.Unmount(d.Dir, 0))
}

// Protect has the disk be read alone.
func (d *Disk) Protect() error {
	return os.NewSyscallError("protect a small disk", unix.Mount("", d.Dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
}
