package db

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// asNobody runs f as a user without rights, also where the tests run as root.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Setfsuid(0) }()
	f()
}

func TestFilesWithoutRightsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name      string
		dir, file os.FileMode
		want      string
	}{
		{"a folder that can't be written", 0o555, 0o666, "permission denied"},
		{"a file that can't be written", 0o777, 0o444, "attempt to write a readonly database"},
		{"a file that can't be read", 0o777, 0o200, "unable to open database file: permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "dir")
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "test.db")
			if err := openAt(t, path, Options{}).Close(); err != nil {
				t.Fatal(err)
			}
			above := filepath.Dir(dir)
			if err := os.Remove(path + ".lock"); err != nil {
				t.Fatal(err)
			}
			for name, mode := range map[string]os.FileMode{path: c.file, dir: c.dir, above: 0o755, filepath.Dir(above): 0o755} {
				if err := os.Chmod(name, mode); err != nil {
					t.Fatal(err)
				}
			}
			asNobody(t, func() { refused(t, path, "database "+path+" cannot be opened: "+c.want) })
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		})
	}
}
