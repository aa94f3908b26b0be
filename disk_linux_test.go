package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"userstatus/db/disktest"
)

// smallDisk is one of 4 MiB.
func smallDisk(t *testing.T) *disktest.Disk {
	t.Helper()
	disk, err := disktest.Mount(t.TempDir(), 4)
	if errors.Is(err, disktest.ErrMissing) {
		unable(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return disk
}

// fill leaves no room on a disk until free is called.
func fill(t *testing.T, disk *disktest.Disk) (free func()) {
	t.Helper()
	takeBack, err := disk.Fill()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := takeBack(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFullDiskCostsNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	database := filepath.Join(disk.Dir, "test.db")
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
	database := filepath.Join(disk.Dir, "test.db")
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
	database := filepath.Join(disk.Dir, "test.db")
	onSecret(t, database).kill()
	if err := disk.Protect(); err != nil {
		t.Fatal(err)
	}
	refusedFile(t, database, "cannot be opened: read-only file system")
}
