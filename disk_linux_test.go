package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDisk is a folder with a file system of 4 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		unable(t, os.NewSyscallError("mount a small disk", err))
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(os.NewSyscallError("unmount the small disk", err))
		}
	})
	return dir
}

// fill leaves no room on a disk until free is called.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	filler, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 4<<10))
	}
	if _ = filler.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDiskCostsNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	database := filepath.Join(disk, "test.db")
	p := onSecret(t, database)
	alice, watcher := p.socket(t, "alice"), p.socket(t, "watcher")
	watcher.do(subscribeTo("alice"))
	watcher.watch()
	alice.do(setText("there is room"))
	watcher.until(func(s status) bool { return s.CustomStatus == "there is room" })

	p.statuses("alice") // makes the bystander known
	free := fill(t, disk)
	refusedForNow(t, alice, setText("no room"))
	refusedForNow(t, alice, `mutation{setSelfAvailability(availability:BUSY)`+fields+`}`)
	if text, _ := p.logged("an operation went wrong")["error"].(string); !strings.Contains(text, "disk is full") {
		t.Errorf("the log says %q", text)
	}
	if got := p.statuses("alice")["alice"]; got.CustomStatus != "there is room" || got.Availability != "AVAILABLE" {
		t.Errorf("after refused changes there is %+v", got)
	}
	watcher.answers() // and was told of nothing
	free()
	alice.do(setText("room again"))
	watcher.until(func(s status) bool { return s.CustomStatus == "room again" })
	p.kill()

	p = onSecret(t, database)
	if got := p.statuses("alice")["alice"]; got.CustomStatus != "room again" || got.Availability != "AVAILABLE" {
		t.Errorf("after the restart there is %+v", got)
	}
}

// refusedForNow sees a change fail, and its client told no more than that.
func refusedForNow(t *testing.T, s *socket, query string) {
	t.Helper()
	a, err := s.call(query)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.err(); err == nil || err.Error() != "internal error (INTERNAL_SERVER_ERROR, 70500)" {
		t.Fatalf("%s: answered with %v", query, err)
	}
}

func TestWithAFullDiskTheProgramStopsInOrderAndIsRefusedAnew(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	database := filepath.Join(disk, "test.db")
	p := onSecret(t, database)
	p.do(mint("alice"), setText("kept"))
	free := fill(t, disk)
	p.terminate()
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	refusedFile(t, database, "cannot be used: ")
	free()
	if got := onSecret(t, database).statuses("alice")["alice"]; got.CustomStatus != "kept" {
		t.Errorf("after the restart there is %+v", got)
	}
}

func TestADiskThatCannotBeWrittenIsRefused(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	database := filepath.Join(disk, "test.db")
	onSecret(t, database).kill()
	if err := unix.Mount("", disk, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	refusedFile(t, database, "cannot be opened: read-only file system")
}
