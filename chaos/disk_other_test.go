//go:build !linux

package chaos

import (
	"errors"
	"testing"
)

var errNoDisk = errors.New("a disk of one's own is made on Linux alone")

// smallDisk is Linux' alone.
func smallDisk(t *testing.T) string {
	t.Helper()
	need(t, errNoDisk, errNoDisk)
	return ""
}

func fill(string) (filler string, err error) { return "", errNoDisk }
