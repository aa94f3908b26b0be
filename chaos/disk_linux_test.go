package chaos

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDisk is a folder with a file system of its own, that has room for a run.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64m")
	need(t, unix.EPERM, os.NewSyscallError("mount a small disk", err))
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(os.NewSyscallError("unmount the small disk", err))
		}
	})
	return dir
}

// fill leaves no room on a disk, and returns the file that takes it.
func fill(dir string) (filler string, err error) {
	filler = filepath.Join(dir, "filler")
	file, err := os.Create(filler)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	for err == nil {
		_, err = file.Write(make([]byte, 4<<10))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return "", fmt.Errorf("fill a disk: %w", err)
	}
	return filler, nil
}
